/**
 * What a run leaves behind, as rows. The server machine emits them, the store keeps them, reports
 * and screens are made from nothing else.
 */
import type { ByteReport, Traffic } from './accounting.ts';
import type { DeviceProfile } from './cost.ts';
import type { Assignment, IterationSummary, PolicyCommand, PolicyEvent, WorkerId } from './policy/policy.ts';

/** `atMs` counts from the start of training (first release), on the run's own clock. */
export type RunRecord =
  | {
      type: 'worker';
      atMs: number;
      worker: WorkerId;
      incarnation: number;
      profile: DeviceProfile;
      /** How it came; absent where there is no network. */
      link?: WorkerLink;
    }
  | { type: 'iteration'; atMs: number; worker: WorkerId; pushed: boolean; iteration: IterationSummary }
  | {
      type: 'push';
      atMs: number;
      worker: WorkerId;
      sequence: number;
      /** Version that the worker had pulled, and version that the push led to (absent when dropped). */
      baseVersion: number;
      version?: number;
      staleness: number;
      /** Weight in the aggregate (0 when dropped). */
      weight: number;
      outcome: 'applied' | 'dropped';
      reason?: string;
      bytes: number;
    }
  | { type: 'allocation'; atMs: number; worker: WorkerId; assignment: Assignment; reason: string }
  | {
      type: 'evaluation';
      atMs: number;
      version: number;
      split: 'validation' | 'test';
      loss: number;
      accuracy: number;
      rows: number;
      /** Local iterations, samples and bytes spent when the judged model was current. */
      iterations: number;
      samples: number;
      bytes: number;
    }
  | { type: 'traffic'; atMs: number; traffic: Traffic; iterations: number; counterfactual: number }
  | {
      type: 'incident';
      atMs: number;
      level: 'info' | 'warning' | 'error';
      what: IncidentKind;
      worker?: WorkerId;
      text: string;
    }
  /** One policy event and the commands it led to: what `replay` repeats. */
  | { type: 'decision'; atMs: number; event: PolicyEvent; commands: readonly PolicyCommand[] };

/** A worker's way to the server, as the server sees it. */
export interface WorkerLink {
  path: 'loopback' | 'tailnet' | 'lan' | 'internet' | 'tunnel';
  /** Of its end. */
  address: string;
  tls: boolean;
}

export type IncidentKind =
  | 'started'
  | 'joined'
  | 'added'
  /** Asked to go, it went. */
  | 'left'
  | 'options'
  | 'lost'
  | 'rejoined'
  | 'rejected'
  | 'paused'
  | 'resumed'
  | 'target'
  | 'checkpoint'
  | 'stopped'
  | 'worker-failed';

/** Why a run ended. `failed` runs have no result. */
export type EndReason =
  'target' | 'time-limit' | 'iteration-limit' | 'no-progress' | 'policy' | 'user' | 'workers-lost' | 'diverged';

export interface WorkerResult {
  name: string;
  /** Rows processed, every pass counted. */
  samples: number;
  samplesPerSecond: number;
  iterations: number;
  pushes: number;
  /** Share of its time spent waiting for a model, 0 … 1. Null before its first iteration. */
  waitShare: number | null;
  /** Mean over its applied pushes; null without any. */
  staleness: number | null;
  bytes: Traffic;
  batchHistory: { atMs: number; batch: number; samples: number; reason: string }[];
  profile: DeviceProfile;
}

/** The public result of a run; a contract of the command line's `--json`. */
export interface RunResult {
  run: string;
  policy: string;
  model: string;
  dataset: string;
  seed: number;
  /** Seconds of training, waiting for workers to join not counted. */
  seconds: number;
  /** True when `seconds` are simulated. */
  virtual: boolean;
  endReason: EndReason;
  reachedTarget: boolean | null;
  /** Seconds at which validation accuracy first reached the target; null if never or no target. */
  secondsToTarget: number | null;
  iterations: number;
  pushes: number;
  samples: number;
  versions: number;
  bytes: ByteReport;
  /** On the test split, of the final model. */
  accuracy: number;
  loss: number;
  /** Newest figures on the validation split; null when it was never judged. */
  validation: { accuracy: number; loss: number } | null;
  waitShare: number | null;
  workers: WorkerResult[];
}
