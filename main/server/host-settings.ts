/** What the parameter server's host is given, and what it answers with. */
import type { EndReason, RunRecord } from '../core/metrics.ts';
import type { ServerSettings, ServerSnapshot } from '../core/parameter-server.ts';
import type { Vector } from '../core/parameters.ts';
import type { OptionValues } from '../core/policy/options.ts';
import type { WorkerId } from '../core/policy/policy.ts';
import type { HeartbeatTiming } from '../core/protocol/liveness.ts';
import type { Door, ListenAddress } from './listener.ts';

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
  /** Workers whose connections come through a tunnel when they come from the loopback. */
  isElsewhere?(worker: WorkerId): boolean;
  /** Addresses to listen on from the start; `listen` adds others. */
  doors: readonly Door[];
  /** Rows at positions from `block * ROWS_PER_BLOCK`: all features, then the labels. Undefined past the end. */
  rowsOfBlock(block: number): { count: number; payload: Uint8Array } | undefined;
  /** Judges parameters on the validation split, elsewhere. A rejection fails the run. */
  judge(ticket: number, parameters: Vector): Promise<Judgement>;
  /** Called in order. What it throws fails the run. */
  onRecord(record: RunRecord): void;
  heartbeat?: HeartbeatTiming;
  authenticateMs?: number;
}

/** A door that is open. */
export interface OpenDoor extends ListenAddress {
  /** `ws://…`, or `wss://…` with the fingerprint of the certificate to expect. */
  url: string;
  certificate?: string;
}

/** What the user may ask of a run under way. */
export type HostInput =
  | { type: 'pause' }
  | { type: 'resume' }
  | { type: 'stop'; reason: EndReason; text: string }
  /** One more worker is on its way, with a token of its own. */
  | { type: 'enlist'; worker: WorkerId; token: string }
  /** A worker shall go, and not come back. */
  | { type: 'dismiss'; worker: WorkerId; text: string }
  /** All values, checked. */
  | { type: 'options'; options: OptionValues };
