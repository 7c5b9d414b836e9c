/** A machine that is woken when it asked to be does then what it wanted to do, on any clock. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asp } from './policy/asp.ts';
import { ServerScript } from './testbed/server-script.ts';
import { toyPolicy } from './testbed/toy-policy.ts';

/** Instants and spans as a clock with fractions gives them: sums of these are rarely exact. */
const ms = fc.double({ min: 0, max: 1e7, noNaN: true });

describe('woken at the time that it gave, a run', () => {
  it('wakes its policy, which then hears a time that is not before the one it asked for', () => {
    fc.assert(
      fc.property(ms, ms, (startMs, afterMs) => {
        const woken: number[] = [];
        const sleeper = toyPolicy({
          step(_state, event) {
            if (event.type === 'woke') woken.push(event.nowMs);
            return event.type === 'joined' ? [{ type: 'wake', atMs: afterMs }] : [];
          },
        });
        const server = new ServerScript(sleeper, ['a'], { stop: { maxSeconds: 1e9 }, evaluateEveryMs: 1e12 });
        server.play(`at ${startMs}\na connects\na is ready`);
        if (woken.length === 0) server.give(`at ${server.server.wakeAtMs}`);
        expect(woken.length).toBe(1);
        expect(woken[0]).toBeGreaterThanOrEqual(afterMs);
        expect(server.server.wakeAtMs).toBeGreaterThan(server.nowMs);
      }),
      { numRuns: 500 },
    );
  });

  it('ends, when its time is over', () => {
    fc.assert(
      fc.property(ms, fc.double({ min: 1e-3, max: 1e4, noNaN: true }), (startMs, maxSeconds) => {
        const server = new ServerScript(asp, ['a'], { stop: { maxSeconds }, evaluateEveryMs: 1e12 });
        server.play(`at ${startMs}\na connects\na is ready`);
        expect(server.give(`at ${server.server.wakeAtMs}`).at(-1)).toBe('ended: time-limit');
      }),
      { numRuns: 500 },
    );
  });
});
