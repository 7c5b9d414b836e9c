/** Every policy under random schedules with random faults: see `testbed/random-schedule.ts` for what must hold. */
import { describe, expect, it } from 'vitest';
import { POLICIES } from './policy/registry.ts';
import { FAULTS } from './testbed/faults.ts';
import { divergingSchedule, randomSchedule } from './testbed/random-schedule.ts';

/** @param seeds For each policy; a tenth of them for runs that diverge. */
export function randomSchedules(seeds: number): void {
  const divergingSeeds = seeds / 10;
  describe.each(POLICIES)('$name under random schedules and faults', (policy) => {
    it(`keeps every invariant and goes on when the faults stop (${seeds} seeds)`, () => {
      let applied = 0;
      const faults = new Set<string>();
      for (let seed = 0; seed < seeds; seed++) {
        const journey = randomSchedule(policy, seed);
        applied += journey.applied;
        for (const fault of journey.faults.keys()) faults.add(fault);
      }
      expect(applied).toBeGreaterThan(seeds);
      expect([...faults].sort()).toEqual([...FAULTS, 'restart'].sort());
    });

    it(`ends as diverged when nobody sends numbers any more, and only then (${divergingSeeds} seeds)`, () => {
      for (let seed = 0; seed < divergingSeeds; seed++) {
        divergingSchedule(policy, seed, 'nobody');
        divergingSchedule(policy, seed, 'one');
      }
    });
  });
}
