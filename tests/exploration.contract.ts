/** Everything that can happen to a few workers in a few rounds, in every order, is checked in every state. */
import { describe, expect, it } from 'vitest';
import { exploreAll } from '../main/core/testbed/exhaustive.ts';
import { describeScope, type NamedScope, toExplore } from '../scripts/exploration/scopes.ts';

const MAX_STATES = 20_000;
const FEW_STATES = 100;

export function allOrdersOf(scopes: readonly NamedScope[]): void {
  describe('all orders of events', () => {
    it.each(scopes.map((scope) => [describeScope(scope), scope] as const))(
      '%s: every reachable state keeps every invariant, and leads on',
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
}
