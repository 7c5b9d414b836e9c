/**
 * The one rule of pulling: a worker goes on from the model and what that does not include of its own.
 * Steps and models are whole numbers, so that sums are exact and nothing can hide in a rounding.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toyPolicy } from './testbed/toy-policy.ts';
import { WorkerScript } from './testbed/worker-script.ts';
import type { Verdict } from './policy/policy.ts';

/** What the gate says, one verdict after another. */
function gateSaying(verdicts: readonly Verdict[]): WorkerScript {
  let turn = 0;
  const policy = toyPolicy({
    carry: 'delta',
    gate: () => ({ verdict: verdicts[turn++ % verdicts.length] as Verdict }),
  });
  const worker = new WorkerScript(policy);
  worker.play('welcome\nmodel v0 = 0\nrows 0');
  return worker;
}

const value = (worker: WorkerScript): number => worker.work?.parameters[0] ?? NaN;
/** Steps, and now and then a model: what the others have added, and how many of the pushes since the last it includes. */
const step = fc.record({ trained: fc.integer({ min: -9, max: 9 }) });
const pull = fc.record({ others: fc.integer({ min: -100, max: 100 }), includes: fc.nat({ max: 3 }) });

describe('when a model comes while the worker trains on', () => {
  it('local = model + all of its own that the model does not include, whatever is pushed and whatever is on its way', () => {
    const verdicts = fc.array(fc.constantFrom<Verdict>('push-and-go-on', 'continue'), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(verdicts, fc.array(fc.oneof(step, pull), { maxLength: 40 }), (gate, events) => {
        const worker = gateSaying(gate);
        /** Own progress, by the sequence of the push that carries it; the newest is not pushed yet. */
        const pushed: { sequence: number; delta: number }[] = [];
        let [own, others, included, sequence, unpushed] = [0, 0, 0, 0, 0];
        let incoming: number | undefined;
        for (const event of events) {
          if ('trained' in event) {
            const verdict = gate[sequence % gate.length];
            sequence += 1;
            unpushed += event.trained;
            own += event.trained;
            worker.give(`trained ${event.trained}`);
            if (verdict === 'push-and-go-on') {
              const [push] = worker.sent;
              expect(push?.kind === 'push' && new Float32Array(push.payload.slice().buffer)[0]).toBe(unpushed);
              pushed.push({ sequence, delta: unpushed });
              unpushed = 0;
            }
            if (incoming !== undefined) others = incoming;
            incoming = undefined;
            expect(value(worker)).toBe(others + own);
          } else {
            // No more than a handful on their way: beyond eight they are not told apart (marks.ts).
            while (pushed.length > Math.min(event.includes, 4)) included += pushed.shift()!.delta;
            const includes = pushed.length > 0 ? pushed[0]!.sequence - 1 : sequence;
            incoming = event.others;
            worker.give(`model v1 = ${event.others + included} answers=${includes} includes=${includes}`);
          }
          if (pushed.length > 6) return; // the server falls behind: another test
        }
      }),
      { numRuns: 400 },
    );
  });

  it('a worker that waited goes on from the model itself', () => {
    const worker = gateSaying(['push-and-wait']);
    for (let turn = 1; turn <= 5; turn++) {
      worker.give('trained 3');
      worker.give(`model v${turn} = ${turn * 10} answers=${turn}`);
      expect(value(worker)).toBe(turn * 10);
    }
  });
});
