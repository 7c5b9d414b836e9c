/** Random schedules with random faults, some hundred over all policies; more: schedules.long.test.ts, and as many as you like: `npm run explore`. */
import { describe, expect, it } from 'vitest';
import { POLICIES } from './policy/registry.ts';
import { prng } from './prng.ts';
import { randomSchedules } from './schedules.contract.ts';
import { drawnOptions } from './testbed/drawn-options.ts';
import { randomSchedule } from './testbed/random-schedule.ts';

randomSchedules(50);

describe.each(POLICIES)('a random schedule of $name', (policy) => {
  it('goes the same way again for the same seed, and another for another', () => {
    const traces = [3, 4].map((seed) => randomSchedule(policy, seed).trace);
    expect(randomSchedule(policy, 3, { withPairs: true }).trace).toBe(traces[0]);
    expect(new Set(traces).size).toBe(2);
  });

  it('is given options that make a difference', () => {
    expect(drawnOptions(policy.name, prng(1, 'options'))).toBeDefined();
  });
});
