/** Runs: those that train now and those that are kept. */
import { z } from 'zod';
import type { RunStatus } from '../control-plane-api.ts';
import type { DevicePath } from '../device.ts';
import type { ErrorReport } from '../errors.ts';
import type { Picture, Tick } from '../live/picture.ts';
import type { RunRecord, RunResult, WorkerResult } from '../metrics.ts';
import type { RunRow } from '../run-row.ts';

/** An identifier, the beginning of exactly one, or `latest`. */
export const runName = z.string().regex(/^[A-Za-z0-9-]{1,64}$/, 'a run identifier');
export const workerName = z.string().min(1).max(64);

export const listRunsInput = z.strictObject({
  limit: z.number().int().min(1).max(500).default(100),
  /** Runs older than this one: the last of the page before. */
  before: runName.optional(),
});

/** A run as lists show it. */
export interface RunListItem {
  run: string;
  name: string | null;
  status: RunStatus;
  /** Trained by this process: it can be paused, stopped and watched. */
  live: boolean;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  policy: string;
  model: string;
  dataset: string;
  seed: number;
  /** Null until it is known: an unfinished run has no result. */
  virtual: boolean | null;
  workers: number | null;
  seconds: number | null;
  iterations: number | null;
  accuracy: number | null;
  loss: number | null;
  targetAccuracy: number | null;
  secondsToTarget: number | null;
  bytes: number | null;
  savedPercent: number | null;
  error: ErrorReport | null;
}

export interface RunList {
  runs: RunListItem[];
  /** There are older ones. */
  more: boolean;
}

/** All of a run but its records. Allocations are in its picture and its tables. */
export interface RunDetail extends Omit<RunRow, 'result'> {
  result: (Omit<RunResult, 'workers'> & { workers: Omit<WorkerResult, 'batchHistory'>[] }) | null;
  live: boolean;
  virtual: boolean | null;
  /** Nothing is learnt: accuracies and losses are those of a small stand-in problem. */
  timingOnly: boolean;
  parameters: number | null;
  /** It has a trained model to export. */
  hasModel: boolean;
  /** It can be resumed from a checkpoint. */
  resumable: boolean;
}

export interface RunOpening {
  detail: RunDetail;
  picture: Picture;
  /**
   * The picture holds every tick up to this number. Subscribe to `run` first, open then, pass over ticks up
   * to this number and merge the one with the next; at any other number, open again.
   */
  seq: number;
  /** How each worker's messages travel; null where it is not known. */
  paths: { worker: string; path: DevicePath | null }[];
}

export type RunMessage =
  | { kind: 'tick'; seq: number; tick: Tick }
  /** Its state changed: paused, ended. `seq`: of the newest tick by then; having a lower one, open again. */
  | { kind: 'detail'; seq: number; detail: RunDetail };

export const RECORD_TABLE_NAMES = [
  'worker',
  'iteration',
  'push',
  'allocation',
  'evaluation',
  'traffic',
  'incident',
] as const satisfies readonly RunRecord['type'][];

export const recordsInput = z.strictObject({
  run: runName,
  table: z.enum(RECORD_TABLE_NAMES),
  worker: workerName.optional(),
  offset: z.number().int().min(0).max(1e9).default(0),
  limit: z.number().int().min(1).max(2000).default(200),
});

export interface RecordPage {
  table: (typeof RECORD_TABLE_NAMES)[number];
  records: RunRecord[];
  offset: number;
  total: number;
}

export const addWorkerInput = z.strictObject({
  run: runName,
  worker: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('local'), speed: z.number().gt(0).max(1).optional() }),
    z.strictObject({ kind: z.literal('device'), device: z.string().min(1).max(128) }),
  ]),
});

export const setOptionsInput = z.strictObject({
  run: runName,
  options: z.record(z.string().min(1).max(80), z.union([z.number(), z.string().max(200), z.boolean()])),
});

export const REPORT_FORMATS = ['html', 'pdf', 'csv', 'json', 'md', 'tex'] as const;

export const reportInput = z.strictObject({
  runs: z.array(runName).min(1).max(32),
  formats: z.array(z.enum(REPORT_FORMATS)).min(1).max(REPORT_FORMATS.length),
  /** Host names and addresses; absent: as the settings say. */
  includeHosts: z.boolean().optional(),
});

/** Runs that are new or have changed, and identifiers of those that are gone. */
export interface RunsChange {
  changed: RunListItem[];
  removed: string[];
}
