/** What a simulation process is asked for, and what it answers. */
import type { ComparedRun } from '../core/comparison.ts';
import type { ErrorReport } from '../core/errors.ts';
import type { RunRecord, RunResult } from '../core/metrics.ts';
import type { SimulationJob } from './simulation-job.ts';

/** A run that is kept and followed, as opposed to a job of which only the outcome counts. */
export interface FollowedRun {
  run: string;
  /** Where its plan and its model are written. */
  directory: string;
  job: SimulationJob;
}

export type ToSimulator =
  | { is: 'job'; id: number; job: SimulationJob }
  | ({ is: 'follow' } & FollowedRun)
  /** A message with records has been dealt with. */
  | { is: 'taken' }
  | { is: 'pause' }
  | { is: 'resume' }
  /** End it where it is, with its result. */
  | { is: 'finish' };

/** Sent as `spelled` has it: losses of what diverges are no numbers of JSON. */
export type FromSimulator =
  | { is: 'done'; id: number; run: ComparedRun }
  /** `id` is of the job; a followed run has none. */
  | { is: 'failed'; id?: number; error: ErrorReport }
  | { is: 'opened' }
  | { is: 'records'; records: RunRecord[] }
  | { is: 'ended'; result: RunResult };
