import { describe, expect, it } from 'vitest';
import { exploreSeed } from './swarm.ts';

describe('seeded exploration', () => {
  it('every policy keeps every rule under random faults, and gets on once they are over', () => {
    const kinds = new Set<string>();
    const policies = new Set<string>();
    for (let seed = 1; seed <= 24; seed++) {
      const { policy, faults } = exploreSeed(seed);
      policies.add(policy);
      for (const kind of faults) kinds.add(kind);
    }
    expect(kinds.size).toBe(6);
    expect(policies.size).toBeGreaterThan(8);
  });

  it('a seed is a run: twice the same', () => {
    for (const seed of [3, 17]) expect(exploreSeed(seed)).toEqual(exploreSeed(seed));
  });
});
