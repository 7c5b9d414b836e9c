/** ZipLine against brute force, exhaustive in its plans. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { finishTime, type Forecast, type SuperstepPlan, zipLine } from './zip-line.ts';

/** Every plan with 1 … R iterations for each worker; the least spread, the earliest among equals. */
function bruteForce(workers: readonly Forecast[], lookahead: number): { spreadMs: number; endMs: number } {
  let best = { spreadMs: Infinity, endMs: Infinity };
  const plan = workers.map(() => 1);
  for (;;) {
    const times = workers.map((worker, index) => finishTime(worker, plan[index] as number));
    const [endMs, spreadMs] = [Math.max(...times), Math.max(...times) - Math.min(...times)];
    if (spreadMs < best.spreadMs || (spreadMs === best.spreadMs && endMs < best.endMs)) best = { spreadMs, endMs };
    const next = plan.findIndex((iterations) => iterations < lookahead);
    if (next === -1) return best;
    plan[next] = (plan[next] as number) + 1;
    plan.fill(1, 0, next);
  }
}

const plain = (plan: SuperstepPlan): { spreadMs: number; endMs: number } => ({
  spreadMs: plan.spreadMs,
  endMs: plan.endMs,
});
/** Whole milliseconds make ties likely. */
const forecast = fc.record({ startMs: fc.integer({ min: 0, max: 30 }), intervalMs: fc.integer({ min: 0, max: 20 }) });

describe('ZipLine', () => {
  it('finds what brute force finds, for n ≤ 4 and R ≤ 5', () => {
    fc.assert(
      fc.property(
        fc.array(forecast, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 5 }),
        (workers, lookahead) => {
          const plan = zipLine(workers, lookahead);
          expect(plain(plan)).toEqual(bruteForce(workers, lookahead));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('gives a plan that has the spread and the end it says, without a worker at 0', () => {
    const some = fc.array(
      fc.record({
        startMs: fc.double({ min: 0, max: 1000, noNaN: true }),
        intervalMs: fc.double({ min: 0.1, max: 100, noNaN: true }),
      }),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(some, fc.integer({ min: 1, max: 40 }), (workers, lookahead) => {
        const { iterations, endMs, spreadMs } = zipLine(workers, lookahead);
        const times = workers.map((worker, index) => finishTime(worker, iterations[index] as number));
        expect([Math.max(...times), Math.max(...times) - Math.min(...times)]).toEqual([endMs, spreadMs]);
        for (const count of iterations) expect(count >= 1 && count <= lookahead).toBe(true);
      }),
    );
  });

  it('takes the earliest of equals: equal workers do one iteration', () => {
    const workers = Array.from({ length: 5 }, () => ({ startMs: 7, intervalMs: 10 }));
    expect(zipLine(workers, 15)).toEqual({ iterations: [1, 1, 1, 1, 1], endMs: 17, spreadMs: 0 });
  });

  it('lets the fast run as often as fits: speeds of 4, 2 and 1 meet after 4, 2 and 1', () => {
    const workers = [25, 50, 100].map((intervalMs) => ({ startMs: 0, intervalMs }));
    expect(zipLine(workers, 15)).toEqual({ iterations: [4, 2, 1], endMs: 100, spreadMs: 0 });
    // Not within a lookahead of 3: the fastest then waits.
    expect(zipLine(workers, 3)).toEqual({ iterations: [3, 2, 1], endMs: 100, spreadMs: 25 });
  });
});
