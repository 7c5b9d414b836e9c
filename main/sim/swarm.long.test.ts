import { describe, expect, it } from 'vitest';
import { exploreSeed } from './swarm.ts';

describe('seeded exploration, at length', () => {
  it('every policy keeps every rule under random faults, and gets on once they are over', () => {
    let events = 0;
    for (let seed = 1000; seed < 2500; seed++) events += exploreSeed(seed).outcome.events;
    expect(events).toBeGreaterThan(1_500_000);
  });
});
