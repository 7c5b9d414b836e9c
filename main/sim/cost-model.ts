/**
 * How long a device's work takes.
 *
 * Rule: a step on b rows takes `reference step × (fixedShare + (1 − fixedShare) × b / reference batch)`,
 *   with `reference step = reference batch / samplesPerSecond`; an iteration takes the sum of its steps
 *   times one draw of mean 1 and standard deviation `jitter`. Judging a probe row takes a third of what
 *   training on it adds to a step: one pass of three.
 * Units: milliseconds, rows.
 * Limits: another model than the reference scales every part by its multiply-adds, as if all layers ran
 *   at one speed; memory, caches and heat are not modelled.
 */
import type { Cluster, DeviceSpec } from '../core/cluster.ts';
import type { DeviceProfile } from '../core/cost.ts';
import { layerShapes, MODELS, type ModelSpec } from '../core/model.ts';
import { below, type PrngState, uniform } from '../core/prng.ts';
import type { Work } from '../core/worker.ts';

/** What the cost of an iteration depends on. */
export type WorkSize = Pick<Work, 'order' | 'batch' | 'probe'>;

export interface ComputeTime {
  /** In training steps: what the worker reports. */
  trainMs: number;
  probeMs: number;
}

/** Of a training step's time. */
export const FORWARD_SHARE = 1 / 3;

export class CostModel {
  readonly #fixedMs: number;
  readonly #rowMs: number;
  readonly #jitter: number;

  /** `effort`: multiply-adds of the model trained over those of the cluster's reference; see `effortOf`. */
  constructor(device: DeviceSpec, reference: Cluster['reference'], effort: number) {
    const stepMs = (reference.batch * 1000 * effort) / device.samplesPerSecond;
    this.#fixedMs = stepMs * device.fixedShare;
    this.#rowMs = (stepMs * (1 - device.fixedShare)) / reference.batch;
    this.#jitter = device.jitter;
  }

  /** One step on `batch` rows, without jitter. */
  stepMs(batch: number): number {
    return this.#fixedMs + batch * this.#rowMs;
  }

  /** One draw from `chance` for each iteration. */
  computeTime({ order, batch, probe }: WorkSize, chance: PrngState): ComputeTime {
    const steps = Math.ceil(order.length / batch);
    const factor = 1 + this.#jitter * nearlyNormal(chance);
    const probeMs = probe.length === 0 ? 0 : this.#fixedMs + probe.length * this.#rowMs;
    return {
      trainMs: (steps * this.#fixedMs + order.length * this.#rowMs) * factor,
      probeMs: probeMs * FORWARD_SHARE * factor,
    };
  }
}

/** How many times the work of the cluster's reference model one row of this model is; 1 without a reference. */
export function effortOf(model: ModelSpec, reference: Cluster['reference']): number {
  const measured = reference.model === undefined ? undefined : MODELS[reference.model];
  return measured === undefined ? 1 : multiplyAdds(model) / multiplyAdds(measured);
}

/** What the device says of itself when it joins a run with this mini-batch. */
export function profileOf(device: DeviceSpec, cost: CostModel, batch: number): DeviceProfile {
  return {
    engine: 'simulated',
    cores: device.cores,
    architecture: 'simulated',
    platform: 'simulated',
    memoryBytes: device.memoryBytes,
    samplesPerSecond: (batch * 1000) / cost.stepMs(batch),
  };
}

/** One of them, each as likely; 0 where there is none, without a draw. */
export function drawn(values: readonly number[], chance: PrngState): number {
  return values.length === 0 ? 0 : (values[below(chance, values.length)] as number);
}

function multiplyAdds(model: ModelSpec): number {
  return layerShapes(model).reduce((sum, layer) => sum + layer.multiplyAdds, 0);
}

/**
 * Mean 0, standard deviation 1, within ±3.47: four uniform draws added up (Irwin–Hall). No logarithm
 * or cosine, whose last bits may differ between hosts.
 */
export function nearlyNormal(chance: PrngState): number {
  return (uniform(chance) + uniform(chance) + uniform(chance) + uniform(chance) - 2) * Math.sqrt(3);
}
