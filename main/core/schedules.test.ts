/**
 * Random schedules with random faults, a hundred seeds for each policy (`npm run explore` does
 * thousands, and says what it has seen). See `testbed/random-schedule.ts` for what must hold.
 */
import { describe, expect, it } from 'vitest';
import { POLICIES } from './policy/registry.ts';
import { prng } from './prng.ts';
import { drawnOptions } from './testbed/drawn-options.ts';
import { FAULTS } from './testbed/faults.ts';
import { divergingSchedule, randomSchedule } from './testbed/random-schedule.ts';

const SEEDS = Number(process.env['CADUCEUS_SCHEDULES'] ?? 100);
const DIVERGING_SEEDS = SEEDS / 10;

describe.each(POLICIES)('$name under random schedules and faults', (policy) => {
  it(`keeps every invariant and goes on when the faults stop (${SEEDS} seeds)`, { timeout: 60_000 }, () => {
    let applied = 0;
    const faults = new Set<string>();
    for (let seed = 0; seed < SEEDS; seed++) {
      const journey = randomSchedule(policy, seed);
      applied += journey.applied;
      for (const fault of journey.faults.keys()) faults.add(fault);
    }
    expect(applied).toBeGreaterThan(SEEDS);
    expect([...faults].sort()).toEqual([...FAULTS, 'restart'].sort());
  });

  it(`ends as diverged when nobody sends numbers any more, and only then (${DIVERGING_SEEDS} seeds)`, () => {
    for (let seed = 0; seed < DIVERGING_SEEDS; seed++) {
      divergingSchedule(policy, seed, 'nobody');
      divergingSchedule(policy, seed, 'one');
    }
  });

  it('goes the same way again for the same seed, and another for another', () => {
    const traces = [3, 4, 5].map((seed) => randomSchedule(policy, seed).trace);
    expect([3, 4, 5].map((seed) => randomSchedule(policy, seed, { withPairs: true }).trace)).toEqual(traces);
    expect(new Set(traces).size).toBe(3);
  });

  it('is given options that make a difference', () => {
    expect(drawnOptions(policy.name, prng(1, 'options'))).toBeDefined();
  });
});
