/**
 * What the evaluator's two processes say to each other: words as JSON over the child's IPC channel, rows and
 * parameters as the bytes that they are on its standard input, in the order in which the words announce them.
 */
import type { ModelSpec } from '../core/model.ts';
import type { Rows } from './datasets/dataset.ts';
import type { EngineName } from './engine.ts';

export type SplitName = 'validation' | 'test';

export interface Judgement {
  /** Mean cross-entropy, nats. */
  loss: number;
  /** Share of rows judged right, 0 … 1. */
  accuracy: number;
  rows: number;
}

export interface EvaluatorSettings {
  engine: EngineName;
  model: ModelSpec;
  validation: Rows;
  test: Rows;
}

export interface RowsHeader {
  count: number;
  featureBytes: number;
}

export type ToEvaluator =
  /** Followed by features and labels of both splits, a byte each. */
  | { type: 'open'; engine: EngineName; model: ModelSpec; validation: RowsHeader; test: RowsHeader }
  /** Followed by so many float32. */
  | { type: 'judge'; id: number; split: SplitName; parameters: number };

/** Figures of a model that has diverged are no numbers of JSON: `spelled`. */
export type FromEvaluator =
  { type: 'opened' } | { type: 'judged'; id: number; judgement: Judgement } | { type: 'failed'; message: string };
