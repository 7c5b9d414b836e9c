/** Training gets with every encoding where it gets without: for the policies that are given. */
import { describe, expect, it } from 'vitest';
import { type Encoding, ENCODINGS, hasFeedback } from './compression/encoding.ts';
import type { OptionValues } from './policy/options.ts';
import type { Policy } from './policy/policy.ts';
import { inTurn, Testbed } from './testbed.ts';
import { judge } from './testbed/problem.ts';

export const FEEDBACK = ENCODINGS.filter(hasFeedback);
export const WORKERS = ['a', 'b', 'c'];

export function learnsWithEveryEncoding(runs: readonly (readonly [Policy, OptionValues])[]): void {
  describe.each(runs.map(([policy, options]) => ({ name: policy.name, policy, options })))(
    '$name',
    ({ policy, options }) => {
      const bedIn = (encoding: Encoding): Testbed =>
        new Testbed({ policy, options, workers: WORKERS, encoding, batch: 8, learningRate: 0.2 });
      const lossOf = (bed: Testbed): number => judge(bed.server.parameters, bed.problem.rows.slice(-60)).loss;

      /** What training brings: by how much the loss falls. */
      function gain(encoding: Encoding, iterations: number): number {
        const bed = bedIn(encoding);
        const first = lossOf(bed);
        bed.connectAll();
        let [done, seen] = [0, 0];
        const isDone = (): boolean => {
          for (; seen < bed.records.length; seen++) if (bed.records[seen]?.type === 'iteration') done += 1;
          return done >= iterations;
        };
        expect(bed.run(inTurn, isDone, 100_000)).toBe(true);
        return first - lossOf(bed);
      }

      it('learns with every encoding what it learns in float32', () => {
        const whole = gain('f32', 600);
        expect(whole).toBeGreaterThan(0.3);
        for (const encoding of FEEDBACK) {
          // A push in topk has one of the fifteen parameters, and some policies push seldom.
          expect(gain(encoding, encoding === 'topk' ? 2400 : 600), encoding).toBeGreaterThan(0.9 * whole);
        }
      });
    },
  );
}
