/** Real processes over real sockets do the arithmetic that the algorithms define. */
import { beforeAll, describe, expect, it } from 'vitest';
import { ShardPlan } from '../main/core/allocation/shards.ts';
import { modelNamed } from '../main/core/model.ts';
import { Sgd } from '../main/core/optimizer.ts';
import type { Vector } from '../main/core/parameters.ts';
import { Walk } from '../main/core/sampling.ts';
import { takeRows } from '../main/learn/datasets/dataset.ts';
import { generateDigits } from '../main/learn/datasets/digits.ts';
import { openEngine } from '../main/learn/engine.ts';
import { createTrainer } from '../main/learn/trainer.ts';
import { ensureAgent } from '../scripts/build-worker.ts';
import { TinyRun } from './tiny-run.ts';

beforeAll(() => ensureAgent());

const ROUNDS = 20;
const BATCH = 16;
const MOMENTUM = 0.9;

async function realRun(policy: string, workers: readonly string[]): Promise<TinyRun> {
  const { train } = generateDigits({ seed: 3, trainRows: 900, testRows: 10 });
  const run = await TinyRun.start({
    policy,
    workers,
    batch: BATCH,
    momentum: MOMENTUM,
    model: modelNamed('mlp-109k'),
    rows: train,
    config: { stop: { maxSeconds: 60, maxIterations: ROUNDS * workers.length } },
  });
  await run.launchAll();
  await run.end();
  return run;
}

/** The same steps on one machine: the gradient of the union of all workers' mini-batches, and one optimizer. */
async function onOneMachine({ settings, plan, rows }: TinyRun): Promise<Vector> {
  const shards = new ShardPlan(plan.trainRows);
  const places = settings.workers.map(() => shards.addPlace());
  for (const place of places) shards.setWeight(place, BATCH);
  const walks = settings.workers.map((worker, index) => {
    const walk = new Walk(plan.seed, worker, plan);
    walk.assign(shards.shardOf(places[index] as number));
    return walk;
  });
  const trainer = createTrainer(await openEngine('wasm'), plan.model);
  const optimizer = new Sgd({ learningRate: plan.learningRate, momentum: MOMENTUM });
  const parameters = settings.initial.slice();
  const gradient: Vector = new Float32Array(parameters.length);
  for (let round = 0; round < ROUNDS; round++) {
    const union = takeRows(
      rows,
      walks.flatMap((walk) => [...walk.next(BATCH)]),
    );
    trainer.gradient(parameters, union, gradient);
    optimizer.step(parameters, gradient);
  }
  trainer.dispose();
  return parameters;
}

function largestDifference(left: Vector, right: Vector): number {
  return left.reduce((largest, value, index) => Math.max(largest, Math.abs(value - (right[index] as number))), 0);
}

describe('real workers', () => {
  it.each([
    ['BSP with three workers is one machine with the union of their batches', 'bsp', ['a', 'b', 'c']],
    ['ASP with one worker is plain SGD', 'asp', ['a']],
  ] as const)('%s', async (_name, policy, workers) => {
    const run = await realRun(policy, workers);
    const expected = await onOneMachine(run);
    expect(run.host.version).toBe(ROUNDS);
    expect(largestDifference(run.host.parameters, run.settings.initial)).toBeGreaterThan(0.01);
    expect(largestDifference(run.host.parameters, expected)).toBeLessThan(2e-6);
  });
});
