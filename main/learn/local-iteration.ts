/**
 * One local iteration of one worker: the training between two words with the server. Pure over a
 * trainer and a way to look rows up; time comes in as a function, so real workers and simulated ones
 * run this same loop.
 */
import { accumulate, squaredNorm } from '../core/aggregate.ts';
import { Sgd } from '../core/optimizer.ts';
import type { Vector } from '../core/parameters.ts';
import type { Trained, Work } from '../core/worker.ts';
import type { Rows, Trainer } from './trainer.ts';

export interface IterationTools {
  trainer: Trainer;
  /** The rows at these positions, in this order. */
  rowsAt(positions: Uint32Array): Rows;
  nowMs(): number;
  /** Told after every step how long it took. May take time of its own; false abandons the iteration. */
  afterStep(stepMs: number): boolean;
}

export class LocalTraining {
  readonly #tools: IterationTools;
  /** Outlives the iteration: a device's momentum does not stop at every push. */
  #sgd: Sgd | undefined;
  #gradient: Vector | undefined;

  constructor(tools: IterationTools) {
    this.#tools = tools;
  }

  /** Undefined when `afterStep` abandoned it; `work.parameters` are then of no further use. */
  run(work: Work): Trained | undefined {
    const { trainer, rowsAt, nowMs, afterStep } = this.#tools;
    const { order, batch, parameters } = work;
    const collectsGradient = work.mode === 'gradient';
    const collected: Vector | undefined = collectsGradient ? new Float32Array(parameters.length) : undefined;
    const descent = !collectsGradient && work.momentum === 0 && trainer.descent?.(parameters, work.learningRate);
    const gradient = (this.#gradient ??= new Float32Array(parameters.length));
    if (!collectsGradient && !descent) {
      this.#sgd ??= new Sgd({ learningRate: work.learningRate, momentum: work.momentum });
    }
    let lossSum = 0;
    let normSum = 0;
    let steps = 0;
    const startMs = nowMs();
    let stepStartMs = startMs;
    for (let start = 0; start < order.length; start += batch) {
      const rows = rowsAt(order.subarray(start, start + batch));
      // One mini-batch is the usual case: its gradient is written where it is wanted.
      const isAll = rows.count === order.length;
      const into = descent ? descent.vector : collected !== undefined && isAll ? collected : gradient;
      const loss = descent ? descent.gradient(rows) : trainer.gradient(parameters, rows, into);
      lossSum += loss * rows.count;
      if (work.gradientNorm) normSum += squaredNorm(into);
      if (descent) descent.step();
      else if (collected === undefined) this.#sgd?.step(parameters, into);
      else if (!isAll) accumulate(collected, rows.count / order.length, into);
      steps += 1;
      if (!afterStep(nowMs() - stepStartMs)) return undefined;
      stepStartMs = nowMs();
    }
    if (descent) descent.finish();
    const computeMs = stepStartMs - startMs;
    return {
      id: work.id,
      parameters,
      ...(collected && { gradient: collected }),
      loss: lossSum / order.length,
      steps,
      computeMs,
      ...(work.gradientNorm && { gradientNormSquared: normSum / steps }),
      ...(work.probe.length > 0 && { probeLoss: this.#probeLoss(work) }),
    };
  }

  #probeLoss({ parameters, probe }: Work): number {
    const { lossSum, count } = this.#tools.trainer.evaluate(parameters, this.#tools.rowsAt(probe));
    return lossSum / count;
  }
}
