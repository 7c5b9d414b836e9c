/** All orders of events within the smallest bounds; larger ones: exploration.long.test.ts and `npm run explore`. */
import { describe, expect, it } from 'vitest';
import { exploreAll } from '../main/core/testbed/exhaustive.ts';
import { toyPolicy } from '../main/core/testbed/toy-policy.ts';
import { SMALL_SCOPES } from '../scripts/exploration/scopes.ts';
import { allOrdersOf } from './exploration.contract.ts';

allOrdersOf(SMALL_SCOPES);

describe('an exploration', () => {
  /** A barrier of two that lets only the one go on who comes last. */
  const stuck = toyPolicy<{ pushes: number[] }>({
    name: 'stuck',
    start: () => ({ pushes: [] }),
    step(state, event) {
      if (event.type !== 'pushed') return [];
      state.pushes.push(event.push);
      if (state.pushes.length < 2) return [];
      const pushes = state.pushes.map((push) => ({ push, weight: 0.5 }));
      state.pushes = [];
      return [
        { type: 'apply', pushes },
        { type: 'release', worker: event.worker, model: true },
      ];
    },
  });
  const rows = { trainRows: 16, probeRows: 0, validationRows: 4, batch: 4 };
  const bounds = { rounds: 1, crashes: 0, lateJoins: 0, duplicates: 0 };

  it('finds a worker that waits for ever, and tells the way there', () => {
    const settings = { policy: stuck, workers: ['a', 'b'], ...rows };
    expect(() => exploreAll({ settings, bounds })).toThrow(/^stuck: after a down, .*b trained/);
  });

  it('says so when it is not complete', () => {
    const settings = { policy: toyPolicy({}), workers: ['a', 'b'], ...rows };
    expect(() => exploreAll({ settings, bounds }, 10)).toThrow(
      expect.objectContaining({ cause: new Error('more than 10 states') }),
    );
  });
});
