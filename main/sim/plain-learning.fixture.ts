/** A real learning problem small enough for tests: softmax regression in plain JavaScript on made-up rows. */
import { parseCluster, type Cluster, type ClusterInput } from '../core/cluster.ts';
import { parseRunConfig, type RunConfigInput } from '../core/config.ts';
import { initialParameters, type ModelSpec, modelLayout } from '../core/model.ts';
import { policyNamed } from '../core/policy/registry.ts';
import type { Policy } from '../core/policy/policy.ts';
import { below, prng } from '../core/prng.ts';
import type { Rows } from '../learn/datasets/dataset.ts';
import type { Trainer } from '../learn/trainer.ts';
import { type Learning, realLearning } from './learning.ts';
import type { SimulationRequest } from './simulation.ts';
import { timingOnlyRequest } from './timing-only-request.ts';

const FEATURES = 4;
export const PLAIN_MODEL: ModelSpec = {
  name: 'plain',
  input: [FEATURES],
  classes: 2,
  layers: [{ type: 'dense', units: 2, activation: 'linear' }],
};

export const plainTrainer: Trainer = {
  layout: modelLayout(PLAIN_MODEL),
  gradient(parameters, rows, out) {
    out.fill(0);
    let loss = 0;
    for (let row = 0; row < rows.count; row++) {
      const { error, rowLoss } = errorOf(parameters, rows, row);
      loss += rowLoss / rows.count;
      for (let unit = 0; unit < 2; unit++) {
        const share = (error[unit] ?? 0) / rows.count;
        for (let feature = 0; feature < FEATURES; feature++) {
          out[feature * 2 + unit] = (out[feature * 2 + unit] ?? 0) + share * featureOf(rows, row, feature);
        }
        out[FEATURES * 2 + unit] = (out[FEATURES * 2 + unit] ?? 0) + share;
      }
    }
    return loss;
  },
  evaluate(parameters, rows) {
    const total = { lossSum: 0, correct: 0, count: rows.count };
    for (let row = 0; row < rows.count; row++) {
      const { rowLoss } = errorOf(parameters, rows, row);
      total.lossSum += rowLoss;
      total.correct += rowLoss < Math.LN2 ? 1 : 0;
    }
    return total;
  },
  dispose: () => undefined,
};

function featureOf(rows: Rows, row: number, feature: number): number {
  return (rows.features[row * FEATURES + feature] ?? 0) / 255;
}

function errorOf(parameters: Float32Array, rows: Rows, row: number): { error: number[]; rowLoss: number } {
  const logits = [0, 1].map((unit) => {
    let sum = parameters[FEATURES * 2 + unit] ?? 0;
    for (let feature = 0; feature < FEATURES; feature++) {
      sum += (parameters[feature * 2 + unit] ?? 0) * featureOf(rows, row, feature);
    }
    return sum;
  });
  const label = rows.labels[row] ?? 0;
  const odds = Math.exp((logits[1 - label] ?? 0) - (logits[label] ?? 0));
  const wrong = odds / (1 + odds);
  return { error: label === 0 ? [-wrong, wrong] : [wrong, -wrong], rowLoss: Math.log(1 + odds) };
}

/** Rows of two classes that a line tells apart. */
function madeRows(count: number, seed: number): Rows {
  const chance = prng(seed, 'rows');
  const features = Uint8Array.from({ length: count * FEATURES }, () => below(chance, 256));
  const labels = Uint8Array.from({ length: count }, (_, row) =>
    (features[row * FEATURES] ?? 0) > (features[row * FEATURES + 1] ?? 0) ? 1 : 0,
  );
  return { features, labels, count };
}

export function plainLearning(seed: number, rows: number): Learning & { rows: Rows } {
  const all = madeRows(rows, seed);
  const learning = realLearning({
    trainer: plainTrainer,
    initial: initialParameters(PLAIN_MODEL, seed),
    rows: all,
    validation: madeRows(200, seed + 1),
    test: madeRows(200, seed + 2),
  });
  return { ...learning, rows: all };
}

/** A cluster of devices at these speeds at batch 16, on links that take no time unless told otherwise. */
export function clusterOf(speeds: Readonly<Record<string, number>>, more: Partial<ClusterInput> = {}): Cluster {
  return parseCluster({
    name: 'test',
    source: 'a test',
    reference: { batch: 16 },
    link: { upBitsPerSecond: 1e12, downBitsPerSecond: 1e12, latencyMs: 0 },
    devices: Object.entries(speeds).map(([name, samplesPerSecond]) => ({ name, samplesPerSecond })),
    ...more,
  });
}

type Settings = Partial<RunConfigInput> & { policy: string };

/** A run on rows and gradients that exist. */
export function plainRequest(
  cluster: Cluster,
  settings: Settings,
  policy: Policy = policyNamed(settings.policy),
): SimulationRequest & { learning: Learning & { rows: Rows } } {
  const request = timingRequest(cluster, { dataset: { name: 'made', trainRows: 1200 }, ...settings }, policy);
  const plan = { ...request.plan, model: PLAIN_MODEL, featureSize: FEATURES };
  return { ...request, plan, learning: plainLearning(plan.seed, plan.trainRows + plan.probeRows) };
}

export function timingRequest(
  cluster: Cluster,
  settings: Settings,
  policy: Policy = policyNamed(settings.policy),
): SimulationRequest {
  const config = parseRunConfig({ stop: { maxSeconds: 30 }, validationRows: 200, ...settings });
  return timingOnlyRequest(config, cluster, policy);
}
