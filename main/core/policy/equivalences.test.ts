/**
 * Degenerate cases: where a policy's options leave nothing of what sets it apart, it
 * is another policy, or one machine. Trained for real on the testbed, frames and all.
 */
import { describe, expect, it } from 'vitest';
import type { Vector } from '../parameters.ts';
import { prng } from '../prng.ts';
import { atRandom, inTurn, Testbed, type TestbedSettings } from '../testbed.ts';
import { type Row, sequentialSgd } from '../testbed/problem.ts';
import { adacomm } from './adacomm.ts';
import { adsp } from './adsp.ts';
import { asp } from './asp.ts';
import { bsp } from './bsp.ts';
import { ebsp } from './ebsp.ts';
import { localSgd } from './local-sgd.ts';
import { omnilearnAsp } from './omnilearn-asp.ts';
import { omnilearnBsp } from './omnilearn-bsp.ts';
import type { Policy } from './policy.ts';
import { selsync } from './selsync.ts';
import { ssp } from './ssp.ts';

const WORKERS = ['a', 'b', 'c'];
const ROUNDS = 20; // within one pass of every shard, so that all policies see the same rows
const BATCH = 8;

/** The model after so many versions, each worker's messages in an order drawn from the seed. */
function train(policy: Policy, versions: number, settings: Partial<TestbedSettings> = {}, seed = 3): Testbed {
  const bed = new Testbed({ policy, workers: WORKERS, batch: BATCH, learningRate: 0.3, ...settings });
  bed.connectAll();
  expect(bed.run(atRandom(prng(seed, 'order')), () => bed.server.version >= versions, 50_000)).toBe(true);
  return bed;
}

function expectSame(left: Vector, right: Vector, tolerance = 1e-5): void {
  const worst = Math.max(...left.map((value, index) => Math.abs(value - (right[index] as number))));
  expect(worst).toBeLessThan(tolerance);
}

const bspAfter = (rounds: number): Vector => train(bsp, rounds).server.parameters;

describe('what is BSP', () => {
  const reference = bspAfter(ROUNDS);

  it('BSP itself, whatever the order of messages: to the bit', () => {
    expect(train(bsp, ROUNDS, {}, 99).server.parameters).toEqual(reference);
  });

  it('SSP with s = 0 and updates divided by the number of workers', () => {
    const options = { staleness: 0, 'round-scaling': true };
    expectSame(train(ssp, ROUNDS * WORKERS.length, { options }).server.parameters, reference);
  });

  it('Elastic BSP with a lookahead of 1 and updates divided by the number of workers', () => {
    const options = { lookahead: 1, 'round-scaling': true };
    expectSame(train(ebsp, ROUNDS * WORKERS.length, { options }).server.parameters, reference);
  });

  it('SelSync with δ = 0: every step syncs', () => {
    const options = { delta: 0, 'warm-up': 0, draw: 'shard' };
    expectSame(train(selsync, ROUNDS, { options }).server.parameters, reference);
  });

  it('local SGD with H = 1', () => {
    expectSame(train(localSgd, ROUNDS, { options: { steps: 1 } }).server.parameters, reference);
  });

  it('local SGD with H = 1 and an outer optimizer that does nothing', () => {
    const options = { steps: 1, outer: 'nesterov', 'outer-rate': 1, 'outer-momentum': 0 };
    expectSame(train(localSgd, ROUNDS, { options }).server.parameters, reference);
  });

  it('AdaComm with τ = 1', () => {
    expectSame(train(adacomm, ROUNDS, { options: { tau: 1 } }).server.parameters, reference);
  });

  it('OmniLearn BSP on equal devices, to the bit: batches never change', () => {
    const bed = train(omnilearnBsp, ROUNDS, { options: { 'adjust-every': 1, 'dead-band': 0 } });
    expect(bed.server.parameters).toEqual(reference);
    expect(bed.records.filter(({ type }) => type === 'allocation')).toHaveLength(WORKERS.length);
  });

  it('is plain SGD with the union of the batches', () => {
    const bed = new Testbed({ policy: bsp, workers: WORKERS, batch: BATCH, learningRate: 0.3 });
    const shard = bed.plan.trainRows / WORKERS.length;
    const batches = Array.from({ length: ROUNDS }, (_, round) =>
      WORKERS.flatMap((_worker, index) => rows(bed, index * shard + round * BATCH, BATCH)),
    );
    expectSame(sequentialSgd(bed.initial, batches, 0.3), reference);
  });
});

describe('what is ASP', () => {
  // The same schedule for both: with frames delivered in turn, every worker's push is answered at once.
  const inOrder = (policy: Policy, options = {}): Vector => {
    const bed = new Testbed({ policy, workers: WORKERS, batch: BATCH, options });
    bed.connectAll();
    bed.run(inTurn, () => bed.server.version >= 60);
    return bed.server.parameters;
  };

  it('OmniLearn ASP on equal devices, to the bit', () => {
    expect(inOrder(omnilearnAsp, { 'adjust-every': 1, 'dead-band': 0 })).toEqual(inOrder(asp));
  });
});

describe('what is plain SGD on one machine', () => {
  const steps = 60; // several times what one worker's pushes could be late
  const one = { workers: ['a'], batch: BATCH };
  const reference = (bed: Testbed, count: number): Vector =>
    sequentialSgd(
      bed.initial,
      Array.from({ length: count }, (_, step) => rows(bed, step * BATCH, BATCH)),
      0.3,
    );

  it.each([
    ['ASP', asp, {}],
    ['SSP', ssp, { staleness: 5 }],
    ['SSP that pulls always', ssp, { staleness: 5, pull: 'always' }],
    ['Elastic BSP', ebsp, {}],
    ['SelSync', selsync, {}],
    ['OmniLearn ASP', omnilearnAsp, {}],
  ] as const)('%s with one worker', (_name, policy, options) => {
    const settings = { ...one, options, ...(policy === selsync && { options: { delta: 0 } }) };
    const bed = train(policy, steps, settings);
    expectSame(bed.server.parameters, reference(bed, steps));
  });

  it('local SGD with one worker, H steps a round', () => {
    const bed = train(localSgd, 6, { ...one, options: { steps: 10 } });
    expectSame(bed.server.parameters, reference(bed, 60));
  });

  it('ADSP with one worker (M = 1): each commit is the model that the worker has then', () => {
    const options = { 'check-period': 0.05, rate: 4, 'rate-search': false };
    for (const deferModels of [false, true]) {
      const bed = train(adsp, 12, { ...one, options, deferModels });
      const pushes = bed.records.flatMap((record) =>
        record.type === 'iteration' && record.pushed ? [record.iteration.clock] : [],
      );
      expect(pushes.length).toBeGreaterThanOrEqual(12);
      expectSame(bed.server.parameters, reference(bed, pushes[11] ?? 0));
    }
  });
});

describe('no communication of models', () => {
  it('SelSync with δ beyond any change and no warm-up sends one model to each worker, and no update ever', () => {
    const bed = new Testbed({ policy: selsync, workers: WORKERS, options: { delta: 1_000_000, 'warm-up': 0 } });
    bed.connectAll();
    bed.run(inTurn, () => bed.records.filter(({ type }) => type === 'iteration').length >= 90);
    const { model, update } = bed.server.ledger.total();
    expect(update).toBe(0);
    const models = bed.exchanges.flatMap(({ outputs }) => outputs.filter(({ type }) => type === 'send-model'));
    expect(models).toHaveLength(WORKERS.length);
    expect(model).toBeGreaterThan(0);
    expect(bed.server.version).toBe(0);
  });
});

function rows(bed: Testbed, start: number, count: number): Row[] {
  return Array.from({ length: count }, (_, index) => bed.problem.row(start + index));
}
