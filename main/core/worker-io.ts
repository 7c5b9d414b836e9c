/** What goes into the worker machine and what comes out of it. */
import type { Vector } from './parameters.ts';
import type { ServerMessage, WorkerMessage } from './protocol/messages.ts';

/**
 * One local iteration, for the host to do. `parameters` are lent until `trained` brings them back; in
 * `gradient` mode they are shared with what is known of the server's model and only to be read.
 */
export interface Work {
  id: number;
  /** `gradient`: the mean gradient over the rows, parameters untouched. `steps`: optimizer steps. */
  mode: 'gradient' | 'steps';
  parameters: Vector;
  /** Positions of the rows in training order, all epochs one behind the other. */
  order: Uint32Array<ArrayBuffer>;
  batch: number;
  epochs: number;
  learningRate: number;
  momentum: number;
  /** Report the mean squared norm of the gradients. */
  gradientNorm: boolean;
  /** Positions of rows to judge the local model on afterwards; empty for none. */
  probe: Uint32Array<ArrayBuffer>;
}

export interface Trained {
  id: number;
  /** The vector that the work lent, changed in `steps` mode; in `gradient` mode it or an equal one. */
  parameters: Vector;
  /** In `gradient` mode. */
  gradient?: Vector;
  loss: number;
  steps: number;
  computeMs: number;
  probeLoss?: number;
  gradientNormSquared?: number;
}

export type WorkerInput =
  | { type: 'message'; nowMs: number; message: ServerMessage }
  | { type: 'trained'; nowMs: number; result: Trained }
  | { type: 'disconnected'; nowMs: number };

export type WorkerOutput =
  | { type: 'send'; message: WorkerMessage }
  /** Keep these rows: `count` rows from position `block * ROWS_PER_BLOCK`, features then labels. */
  | { type: 'store-rows'; block: number; count: number; payload: Uint8Array }
  | { type: 'forget-rows'; blocks: readonly number[] }
  | { type: 'train'; work: Work }
  | { type: 'stopped'; reason: string };
