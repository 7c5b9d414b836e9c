/** What goes into the parameter-server machine and what comes out of it. */
import type { Traffic } from './accounting.ts';
import type { RunConfig } from './config.ts';
import type { EndReason, RunRecord, WorkerLink } from './metrics.ts';
import type { Vector } from './parameters.ts';
import type { OptionValues } from './policy/options.ts';
import type { Policy, WorkerId } from './policy/policy.ts';
import type { ServerMessage, WorkerMessage, WorkerPlan } from './protocol/messages.ts';
import type { RosterSnapshot } from './roster.ts';

export interface ServerSettings {
  policy: Policy;
  plan: WorkerPlan;
  /** Workers that the run waits for before it starts. */
  workers: readonly WorkerId[];
  batch: number;
  initial: Vector;
  config: Pick<RunConfig, 'stop' | 'evaluateEveryMs' | 'joinGraceMs' | 'lostGraceMs'>;
}

export type ServerInput =
  /** A worker has proved who it is. An older connection of the same worker is ended. */
  | { type: 'connected'; nowMs: number; worker: WorkerId; link?: WorkerLink }
  | { type: 'message'; nowMs: number; worker: WorkerId; incarnation: number; message: WorkerMessage }
  | { type: 'disconnected'; nowMs: number; worker: WorkerId; incarnation: number; reason: string }
  | { type: 'evaluated'; nowMs: number; ticket: number; loss: number; accuracy: number; rows: number }
  | { type: 'woke'; nowMs: number }
  /** One more worker will come. */
  | { type: 'enlist'; nowMs: number; worker: WorkerId }
  /** A worker shall go: as soon as it has nothing on its hands, or now if it takes no part; `text` says why. */
  | { type: 'dismiss'; nowMs: number; worker: WorkerId; text: string }
  /** The policy's options from now on: all values, checked by `changeOptions`. */
  | { type: 'options'; nowMs: number; options: OptionValues }
  | { type: 'pause'; nowMs: number }
  | { type: 'resume'; nowMs: number }
  | { type: 'stop'; nowMs: number; reason: EndReason; text: string };

export type ServerOutput =
  | { type: 'send'; worker: WorkerId; message: ServerMessage }
  /** Send `modelMessage(worker)` as soon as the connection has room: the newest version then. */
  | { type: 'send-model'; worker: WorkerId }
  | { type: 'close'; worker: WorkerId; incarnation: number; reason: string }
  /** Judge these parameters on the validation split; the vector never changes. */
  | { type: 'evaluate'; ticket: number; parameters: Vector }
  | { type: 'record'; record: RunRecord }
  | { type: 'ended'; reason: EndReason; text: string };

/** Plain JSON and vectors: all that a later process needs to go on with the run. */
export interface ServerSnapshot {
  state: {
    version: number;
    elapsedMs: number;
    iterations: number;
    samples: number;
    nextPush: number;
    policy: unknown;
    /** As they were changed while the run went on; absent: those of the plan. */
    options?: OptionValues;
    /** Workers that took part when the snapshot was made. */
    active: WorkerId[];
    /** When the policy wants to be woken, on the run's own time; null for never. */
    wakeAtMs: number | null;
    roster: RosterSnapshot;
    ledger: Record<string, Traffic>;
  };
  vectors: { model: Vector; velocity?: Vector };
}
