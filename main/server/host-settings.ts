/** What the parameter server's host is given, and what it answers with. */
import type { EndReason, RunRecord } from '../core/metrics.ts';
import type { ServerSettings, ServerSnapshot } from '../core/parameter-server.ts';
import type { Vector } from '../core/parameters.ts';
import type { WorkerId } from '../core/policy/policy.ts';
import type { HeartbeatTiming } from '../core/protocol/liveness.ts';
import type { ListenAddress } from './listener.ts';

export interface Judgement {
  /** Mean cross-entropy, nats. */
  loss: number;
  /** 0 … 1. */
  accuracy: number;
  rows: number;
}

export interface HostSettings {
  run: string;
  server: ServerSettings;
  /** To go on with an earlier process's run. */
  resumed?: ServerSnapshot;
  /** Secret of every worker that may take part. */
  tokens: ReadonlyMap<WorkerId, string>;
  listen: ListenAddress;
  /** Rows at positions from `block * ROWS_PER_BLOCK`: all features, then the labels. Undefined past the end. */
  rowsOfBlock(block: number): { count: number; payload: Uint8Array } | undefined;
  /** Judges parameters on the validation split, elsewhere. A rejection fails the run. */
  judge(ticket: number, parameters: Vector): Promise<Judgement>;
  /** Called in order. What it throws fails the run. */
  onRecord(record: RunRecord): void;
  heartbeat?: HeartbeatTiming;
  authenticateMs?: number;
}

export interface RunEnd {
  reason: EndReason;
  text: string;
}

/** What the user may ask of a run under way. */
export type HostInput = { type: 'pause' } | { type: 'resume' } | { type: 'stop'; reason: EndReason; text: string };
