/**
 * Everything that can happen to a few workers in a few rounds, in every order, is checked in every state
 *. `npm run explore` goes further, and prints how far.
 */
import { describe, expect, it } from 'vitest';
import { exploreAll } from '../main/core/testbed/exhaustive.ts';
import { toyPolicy } from '../main/core/testbed/toy-policy.ts';
import { describeScope, SMALL_SCOPES, toExplore } from '../scripts/exploration/scopes.ts';

const MAX_STATES = 20_000;
const FEW_STATES = 100;

describe('all orders of events', () => {
  it.each(SMALL_SCOPES.map((scope) => [describeScope(scope), scope] as const))(
    '%s: every reachable state keeps every invariant, and leads on',
    { timeout: 60_000 },
    (_name, scope) => {
      const { states, transitions, ends, schedules, models } = exploreAll(toExplore(scope), MAX_STATES);
      expect(states).toBeGreaterThan(FEW_STATES);
      expect(transitions).toBeGreaterThan(states);
      expect(schedules).toBeGreaterThan(ends);
      const { crashes, lateJoins } = scope.bounds;
      // B3: what comes of a round does not depend on who came first.
      if (scope.policy === 'bsp' && crashes + lateJoins === 0) expect(models).toBe(1);
    },
  );
});

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
