/**
 * Everything that crosses the wire between the parameter server and a worker. One message is one
 * binary WebSocket frame; the tensor payload, where there is one, follows the JSON header.
 */
import type { DeviceProfile } from '../cost.ts';
import type { Encoding } from '../compression/encoding.ts';
import type { ModelSpec } from '../model.ts';
import type { Assignment, Carry, IterationSummary, Sampling, WorkerId } from '../policy/policy.ts';
import type { OptionValues } from '../policy/options.ts';

export const SUBPROTOCOL = 'caduceus.v1';
export const PROTOCOL_VERSION = 1;

/** Everything a worker needs to know to take part in one run. */
export interface WorkerPlan {
  seed: number;
  policy: string;
  options: OptionValues;
  carry: Carry;
  sampling: Sampling;
  model: ModelSpec;
  learningRate: number;
  momentum: number;
  /** Report the squared norm of gradients. */
  gradientNorm: boolean;
  /** Of pushes, and of models unless the next says otherwise. */
  encoding: Encoding;
  encodingDown?: Encoding;
  /** Rows of the training split; positions 0 … trainRows-1 are rows in an order fixed by the seed. */
  trainRows: number;
  /** Held-out rows for probes, at positions trainRows … trainRows+probeRows-1. */
  probeRows: number;
  /** Bytes of one row's features; its label is one byte more. */
  featureSize: number;
}

/** The worker's part of the training split: `length` positions from `start`. */
export interface Shard {
  start: number;
  length: number;
}

export interface Orders {
  assignment: Assignment;
  shard: Shard;
}

/** A model on the wire: whole, or a difference to the model before it on the same connection (`downlink.ts`). */
export interface ModelBody {
  encoding: Encoding;
  payload: Uint8Array;
  /** With a difference: of the model that it leads to. */
  checksum?: string;
}

/** What a push carries, on the wire (`uplink.ts`). */
export interface PushBody {
  encoding: Encoding;
  payload: Uint8Array;
  /** With parameters as differences: to which model, counted from 1 on the connection. */
  pull?: number;
}

/** What a worker sends. `sequence` counts its iteration messages within one incarnation, from 1. */
export type WorkerMessage =
  | { kind: 'hello'; protocol: number; run: string; worker: WorkerId; nonce: string; proof: string }
  | { kind: 'ready'; profile: DeviceProfile }
  | ({
      kind: 'push';
      sequence: number;
      /** Version of the model that the worker last pulled. */
      baseVersion: number;
      waits: boolean;
      iteration: IterationSummary;
    } & PushBody)
  | { kind: 'report'; sequence: number; iteration: IterationSummary }
  | { kind: 'flag'; sequence: number; iteration: IterationSummary }
  | { kind: 'rows-wanted'; block: number }
  | { kind: 'failed'; code: string; message: string };

export type ServerMessage =
  | { kind: 'challenge'; nonce: string }
  | { kind: 'welcome'; incarnation: number; plan: WorkerPlan }
  /**
   * `answers`: the worker's newest sequence that the server had seen when it let the worker go on.
   * `includes`: the worker's pushes up to this sequence are in the model, or never will be.
   */
  | ({ kind: 'model'; version: number; answers: number; includes: number; orders: Orders } & ModelBody)
  /** New orders; whoever waits goes on waiting. */
  | { kind: 'orders'; orders: Orders }
  /** The policy's options have changed: all values. */
  | { kind: 'options'; options: OptionValues }
  /** Go on with what you have. */
  | { kind: 'release'; answers: number; orders: Orders }
  /** Push what you have: at once if you wait, else after the iteration under way. */
  | { kind: 'collect' }
  /** Begin no iteration until `resume`; the one under way is finished and told as always. */
  | { kind: 'pause' }
  | { kind: 'resume' }
  | { kind: 'rows'; block: number; count: number; payload: Uint8Array }
  | { kind: 'stop'; reason: string };

export type Message = WorkerMessage | ServerMessage;
export type MessageKind = Message['kind'];

/** What a message's bytes are counted as. */
export type Category = 'model' | 'update' | 'data' | 'control';

export function categoryOf(kind: MessageKind): Category {
  switch (kind) {
    case 'model':
      return 'model';
    case 'push':
      return 'update';
    case 'rows':
    case 'rows-wanted':
      return 'data';
    default:
      return 'control';
  }
}

/** Rows travel in blocks of this many positions, so a worker can start before its shard is complete. */
export const ROWS_PER_BLOCK = 256;
