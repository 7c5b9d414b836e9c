/** A child process that does simulation jobs one after the other, as its parent sends them. */
import type { ComparedRun } from '../core/comparison.ts';
import { type ErrorReport, reportError } from '../core/errors.ts';
import { runSimulation, type SimulationJob } from './simulation-job.ts';

export type ToSimulator = { id: number; job: SimulationJob };
export type FromSimulator = { id: number; run: ComparedRun } | { id: number; error: ErrorReport };

process.on('disconnect', () => process.exit());
process.on('message', ({ id, job }: ToSimulator) => {
  runSimulation(job).then(
    (run) => process.send?.({ id, run } satisfies FromSimulator),
    (error: unknown) => process.send?.({ id, error: reportError(error) } satisfies FromSimulator),
  );
});
