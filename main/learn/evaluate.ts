/** A model's figures on one split: pure over a trainer. */
import type { Vector } from '../core/parameters.ts';
import type { Rows } from './datasets/dataset.ts';
import type { Trainer } from './trainer.ts';

export interface Evaluation {
  /** Mean cross-entropy, nats. */
  loss: number;
  /** Share of rows judged right, 0 … 1. */
  accuracy: number;
  count: number;
}

export function evaluateSplit(trainer: Trainer, parameters: Vector, rows: Rows): Evaluation {
  const { lossSum, correct, count } = trainer.evaluate(parameters, rows);
  return { loss: lossSum / count, accuracy: correct / count, count };
}
