/**
 * The programs that the control plane starts as processes of their own, and the Node that runs them. From
 * a source tree they are its files; a packaged app, whose files are in an archive that only Electron
 * reads, brings them as bundles beside it.
 */
import { join } from 'node:path';
import { EVALUATOR_SOURCE } from '../learn/evaluator.ts';
import { bundledAgent } from '../provision/local.ts';

export interface Programs {
  node: string;
  agent: string;
  evaluator: string;
  simulation: string;
  reports: string;
  /** Runs as a thread, not as a process. */
  datasets: string;
}

export function sourcePrograms(): Programs {
  return {
    node: process.execPath,
    agent: bundledAgent(),
    evaluator: EVALUATOR_SOURCE,
    simulation: join(import.meta.dirname, 'simulation-process.ts'),
    reports: join(import.meta.dirname, 'report-process.ts'),
    datasets: join(import.meta.dirname, 'dataset-thread.ts'),
  };
}
