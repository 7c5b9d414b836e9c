/** The fold of a run's records says what the machine knows, and what the result promises. */
import { describe, expect, it } from 'vitest';
import { counterfactualBytes } from './accounting.ts';
import type { RunRecord } from './metrics.ts';
import { asp } from './policy/asp.ts';
import { bsp } from './policy/bsp.ts';
import { hermes } from './policy/hermes.ts';
import { prng } from './prng.ts';
import { atRandom, Testbed } from './testbed.ts';
import { inject } from './testbed/faults.ts';
import { PROFILE } from './testbed/device.ts';
import { RunTotals } from './totals.ts';

const identity = (targetAccuracy?: number) => ({
  run: 'r1',
  policy: 'toy',
  model: 'tiny',
  dataset: 'problem',
  seed: 1,
  virtual: true,
  parameters: 15,
  targetAccuracy,
});

function fold(records: readonly RunRecord[], targetAccuracy?: number): RunTotals {
  const totals = new RunTotals(identity(targetAccuracy));
  for (const record of records) totals.add(record);
  return totals;
}

describe('after a run with losses and refusals', () => {
  it.each([
    ['bsp', bsp, {}],
    ['asp', asp, {}],
    ['hermes', hermes, { samples: 40, epochs: 2, 'probe-samples': 20, lambda: 1 }],
  ] as const)('%s: iterations, samples, versions, pushes and bytes are the machine’s', (_name, policy, options) => {
    for (let seed = 0; seed < 5; seed++) {
      const bed = new Testbed({ policy, options, workers: ['a', 'b', 'c'], learningRate: 0.1, seed });
      const chance = prng(seed, 'totals');
      bed.connectAll();
      for (let step = 0; step < 300; step++) {
        if (step % 40 === 39) inject(bed, step % 80 === 79 ? 'reconnect' : 'drop', chance);
        if (step % 60 === 30) inject(bed, 'poison', chance);
        bed.step(atRandom(chance));
      }
      bed.give({ type: 'stop', nowMs: bed.nowMs, reason: 'user', text: 'enough' });
      const totals = fold(bed.records);
      const { state } = bed.server.snapshot();
      expect([totals.iterations, totals.samples, totals.versions]).toEqual([
        state.iterations,
        state.samples,
        bed.server.version,
      ]);
      expect(totals.atMs).toBe(bed.server.elapsedMs);
      const result = totals.result('user', { accuracy: 0.5, loss: 1 }, bed.server.ledger.snapshot());
      const { up, down, data, control } = result.bytes;
      expect(up + down + data + control).toBe(bed.wireBytes);
      expect(result.bytes.counterfactual).toBe(counterfactualBytes(state.iterations, 15));
      expect(result.workers.reduce((sum, { iterations }) => sum + iterations, 0)).toBe(state.iterations);
      expect(result.workers.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
      const lost = ['a', 'b', 'c'].filter((worker) => !bed.server.snapshot().state.active.includes(worker)).length;
      expect([totals.activeWorkers, totals.lostWorkers]).toEqual([3 - lost, lost]);
    }
  });
});

describe('a record', () => {
  const joined: RunRecord = { type: 'worker', atMs: 0, worker: 'a', incarnation: 1, profile: PROFILE };
  const summary = { clock: 1, steps: 4, samples: 32, batch: 8, loss: 1, computeMs: 30, waitMs: 10 };
  const iterated = (atMs: number, change: Partial<typeof summary> = {}, pushed = true): RunRecord => ({
    type: 'iteration',
    atMs,
    worker: 'a',
    pushed,
    iteration: { ...summary, ...change },
  });
  const judged = (atMs: number, accuracy: number): RunRecord => ({
    type: 'evaluation',
    atMs,
    split: 'validation',
    accuracy,
    loss: 1 - accuracy,
    rows: 10,
    version: 1,
    iterations: 1,
    samples: 1,
    bytes: 1,
  });

  it('of an iteration counts work and waiting; one that only answered a collect counts as a push, not as work', () => {
    const totals = fold([joined, iterated(40), iterated(50, { steps: 0, samples: 0, computeMs: 0, waitMs: 0 })]);
    expect([totals.iterations, totals.pushes, totals.samples]).toEqual([1, 2, 32]);
    const { workers, waitShare, seconds } = totals.result('user', { accuracy: 0, loss: 1 }, {});
    expect([waitShare, seconds]).toEqual([0.25, 0.05]);
    expect(workers[0]).toMatchObject({ iterations: 1, pushes: 2, samples: 32, samplesPerSecond: 800, waitShare: 0.25 });
  });

  it('of a verdict at the target dates the target, once', () => {
    const totals = fold([joined, judged(1000, 0.5), judged(2000, 0.9), judged(3000, 0.8), judged(4000, 0.95)], 0.9);
    expect(totals.secondsToTarget).toBe(2);
    expect(totals.validation).toEqual({ accuracy: 0.95, loss: expect.closeTo(0.05, 9) as number });
    expect(totals.result('target', { accuracy: 0.94, loss: 0.1 }, {}).reachedTarget).toBe(true);
    expect(fold([joined, judged(1000, 0.5)], 0.9).result('user', { accuracy: 0, loss: 1 }, {}).reachedTarget).toBe(
      false,
    );
    expect(fold([joined]).result('user', { accuracy: 0, loss: 1 }, {}).reachedTarget).toBeNull();
  });

  it('that is missing is unknown, never 0', () => {
    const { waitShare, validation, workers, bytes } = fold([joined]).result('user', { accuracy: 0, loss: 1 }, {});
    expect([waitShare, validation, workers[0]!.waitShare, workers[0]!.staleness, bytes.savedPercent]).toEqual(
      Array(5).fill(null),
    );
  });

  it('of traffic tells what was saved by then: iterations since have sent bytes that it does not know', () => {
    const whole = counterfactualBytes(1, 15);
    const traffic = { model: whole / 2, update: whole / 4, data: 1e6, control: whole / 4 };
    const counted: RunRecord = { type: 'traffic', atMs: 40, traffic, iterations: 2, counterfactual: 0 };
    const totals = fold([joined, iterated(20), iterated(40), counted]);
    const saved = totals.savedPercent;
    expect(saved).toBe(50);
    for (const atMs of [60, 80, 100]) totals.add(iterated(atMs));
    expect(totals.savedPercent).toBe(saved);
  });

  it('of staleness is averaged over what was applied', () => {
    const push = (staleness: number, outcome: 'applied' | 'dropped'): RunRecord => ({
      type: 'push',
      atMs: 1,
      worker: 'a',
      sequence: 1,
      baseVersion: 0,
      version: 1,
      staleness,
      weight: 1,
      outcome,
      bytes: 60,
    });
    const totals = fold([joined, push(1, 'applied'), push(4, 'applied'), push(99, 'dropped')]);
    expect(totals.result('user', { accuracy: 0, loss: 1 }, {}).workers[0]!.staleness).toBe(2.5);
  });
});
