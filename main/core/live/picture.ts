/**
 * A run as a picture of bounded size: what screens draw, however long the run and however many its
 * workers. A picture is folded from records; a tick is the same shape holding only what is new, and
 * merging ticks gives the same picture as folding the records, to the last bit: all that is summed is
 * a whole number.
 *
 * Times are whole microseconds (`Us`) of the run's own clock; losses are summed as whole millionths
 * (`Micro`) times samples. Unknown is null.
 */
import type { Traffic } from '../accounting.ts';
import type { DeviceProfile } from '../cost.ts';
import type { IncidentKind, WorkerLink } from '../metrics.ts';
import type { PushReason, WorkerId } from '../policy/policy.ts';
import type { Buckets } from './buckets.ts';
import type { Newest } from './newest.ts';
import type { Thinned } from './thinned.ts';

/** Points that a series of the whole run has at most. */
export const MAX_RUN_POINTS = 600;
/** Workers that are drawn one by one; the work of further ones counts in the totals only. */
export const MAX_DRAWN_WORKERS = 256;
export const MAX_EVENTS = 400;
export const MAX_EVENT_CHARACTERS = 300;
export const MAX_PRESENCE_CHANGES = 64;

/** What all workers did in a stretch of time. */
export const RUN_COLUMNS = ['samples', 'iterations', 'pushes', 'lossMicro', 'lossSamples'] as const;
/**
 * What one worker did in a stretch of time. Its time goes to computing, to waiting for others (`held`:
 * the server had its push and did not answer yet) and to messages on their way (`transfer`).
 */
export const WORKER_COLUMNS = [
  'samples',
  'iterations',
  'pushes',
  'lossMicro',
  'lossSamples',
  'computeUs',
  'heldUs',
  'transferUs',
  'applied',
  'stalenessSum',
  'dropped',
] as const;

export type RunColumn = (typeof RUN_COLUMNS)[number];
export type WorkerColumn = (typeof WORKER_COLUMNS)[number];

export interface EvaluationPoint {
  atUs: number;
  version: number;
  split: 'validation' | 'test';
  /** Null: not a finite number. */
  loss: number | null;
  accuracy: number | null;
  iterations: number;
  samples: number;
  bytes: number;
}

export interface TrafficPoint {
  atUs: number;
  /** Of all workers, since the start. */
  traffic: Traffic;
  iterations: number;
  /** What the iterations so far would have cost under the counterfactual (`COUNTERFACTUAL`). */
  counterfactual: number;
}

export interface AllocationPoint {
  atUs: number;
  samples: number;
  batch: number;
  reason: string;
}

/** One local iteration as the gate saw it. */
export interface GatePoint {
  atUs: number;
  /** The worker's local iterations by then. */
  clock: number;
  z: number | null;
  threshold: number | null;
  pushed: boolean;
  /** Why it was pushed; null where it was not, or where nobody said. */
  reason: PushReason | null;
}

export interface EventPoint {
  atUs: number;
  level: 'info' | 'warning' | 'error';
  what: IncidentKind;
  worker: WorkerId | null;
  text: string;
}

export interface RunSums {
  samples: number;
  /** Local iterations with at least one step. */
  iterations: number;
  /** Pushes that were sent; those that changed the model; those that were dropped. */
  pushes: number;
  applied: number;
  dropped: number;
  stalenessSum: number;
  computeUs: number;
  heldUs: number;
  transferUs: number;
}

/** What is known of a worker now; in a tick, null where nothing new was said. */
export interface WorkerNow {
  /** `waiting`: for a model or for the others. */
  state: 'training' | 'waiting' | 'lost' | null;
  incarnation: number | null;
  /** Mean training loss of its newest iteration. */
  loss: number | null;
  /** Of its newest applied push. */
  staleness: number | null;
  /** Its newest iteration ended then. */
  atUs: number | null;
  profile: DeviceProfile | null;
  /** How its newest connection came; absent in pictures of earlier versions. */
  link?: WorkerLink | null;
}

export interface WorkerPicture {
  name: WorkerId;
  now: WorkerNow;
  sums: RunSums;
  maxStaleness: number;
  time: Buckets<WorkerColumn>;
  /** Changes of what it was given, each with its reason; `last` is what holds now. */
  allocations: Thinned<AllocationPoint>;
  /** Every local iteration that the gate put on record, and those of them that it pushed. */
  gate: Thinned<GatePoint>;
  gatePushes: Thinned<GatePoint>;
  /** When it came and went. */
  presence: Newest<{ atUs: number; here: boolean }>;
}

export interface Picture {
  /** Newest moment. */
  atUs: number;
  versions: number;
  sums: RunSums;
  time: Buckets<RunColumn>;
  evaluations: Thinned<EvaluationPoint>;
  traffic: Thinned<TrafficPoint>;
  events: Newest<EventPoint>;
  /** In the order in which they first appeared. */
  workers: WorkerPicture[];
  /** Names of workers beyond the drawn ones, counted. */
  undrawnWorkers: number;
}

/** What is new since the tick before: a picture of that alone. */
export type Tick = Picture;
