/** What the evaluator's two processes say to each other, over the child's IPC channel. */
import type { ModelSpec } from '../core/model.ts';
import type { Vector } from '../core/parameters.ts';
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

export type ToEvaluator =
  { type: 'open'; settings: EvaluatorSettings } | { type: 'judge'; id: number; split: SplitName; parameters: Vector };

export type FromEvaluator =
  { type: 'opened' } | { type: 'judged'; id: number; judgement: Judgement } | { type: 'failed'; message: string };
