/**
 * What a simulation needs of the world of learning, and the real thing: true gradients on true rows,
 * done by `learn` when the virtual time for them has passed.
 */
import type { Vector } from '../core/parameters.ts';
import type { WorkerId } from '../core/policy/policy.ts';
import { ROWS_PER_BLOCK, type WorkerPlan } from '../core/protocol/messages.ts';
import type { Trained, Work } from '../core/worker.ts';
import { type Rows, takeRows } from '../learn/datasets/dataset.ts';
import { evaluateSplit } from '../learn/evaluate.ts';
import { LocalTraining } from '../learn/local-iteration.ts';
import type { Trainer } from '../learn/trainer.ts';
import { present } from '../core/assert.ts';

export interface Judgement {
  /** Mean cross-entropy, nats. */
  loss: number;
  /** 0 … 1. */
  accuracy: number;
  rows: number;
}

/** Does one worker's iterations; its `computeMs` is of no account, virtual time decides. */
export type LocalTrainer = (work: Work) => Trained;

export interface Learning {
  initial: Vector;
  /** A trainer for a worker that starts: anew after every start, as a process would. */
  trainerFor(worker: WorkerId): LocalTrainer;
  judge: {
    validation(parameters: Vector): Judgement;
    test(parameters: Vector): Judgement;
  };
}

export interface RealLearning {
  /** One for all: a simulation does one thing at a time. */
  trainer: Trainer;
  initial: Vector;
  /** The training split and the probe rows behind it, by position; see `rowsByPosition`. */
  rows: Rows;
  validation: Rows;
  test: Rows;
}

export function realLearning({ trainer, initial, rows, validation, test }: RealLearning): Learning {
  const judged = (parameters: Vector, split: Rows): Judgement => {
    const { loss, accuracy, count } = evaluateSplit(trainer, parameters, split);
    return { loss, accuracy, rows: count };
  };
  return {
    initial,
    trainerFor() {
      const training = new LocalTraining({
        trainer,
        rowsAt: (positions) => takeRows(rows, positions),
        nowMs: () => 0,
        afterStep: () => true,
      });
      return (work) => present(training.run(work), 'an iteration that nothing abandons');
    },
    judge: {
      validation: (parameters) => judged(parameters, validation),
      test: (parameters) => judged(parameters, test),
    },
  };
}

/** All rows of a run in the order of their positions, from the blocks that a real server would send. */
export function rowsByPosition(
  { trainRows, probeRows, featureSize }: Pick<WorkerPlan, 'trainRows' | 'probeRows' | 'featureSize'>,
  rowsOfBlock: (block: number) => { count: number; payload: Uint8Array } | undefined,
): Rows {
  const total = trainRows + probeRows;
  const features = new Uint8Array(total * featureSize);
  const labels = new Uint8Array(total);
  for (let start = 0; start < total; start += ROWS_PER_BLOCK) {
    const { count, payload } = present(rowsOfBlock(start / ROWS_PER_BLOCK), 'block of rows');
    features.set(payload.subarray(0, count * featureSize), start * featureSize);
    labels.set(payload.subarray(count * featureSize), start);
  }
  return { features, labels, count: total };
}
