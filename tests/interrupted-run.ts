/** A program that trains a run, brought into the middle of it; and the run it keeps when it is interrupted. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect } from 'vitest';
import type { RunSummary } from '../main/core/control-plane-api.ts';
import { answerHere, type Ended, onlyError, Program, SMALL } from './cli-program.ts';

/** Small iterations of Hermes, so that there are many, and pushes among them; it ends by its own clock. */
const HERMES = ['--policy', 'hermes', '--samples', '100', '--epochs', '1', '--min-samples', '50'];
export const SECONDS = 4;
/** Of training, before anything happens to it. */
const ITERATIONS = 6;
export const TRAIN = ['train', ...HERMES, ...SMALL, '--max-seconds', String(SECONDS), '--json'];

/** Resolves in the middle of training, by default of one that would take long. */
export async function training(home: string, { inGroup = false, seconds = 60 } = {}): Promise<Program> {
  const program = new Program([...TRAIN, '--max-seconds', String(seconds)], { home, inGroup });
  await program.said('started: 2 workers start');
  await program.until(() => keptIterations(home) >= ITERATIONS, 'a few iterations');
  return program;
}

function keptIterations(home: string): number {
  const database = new DatabaseSync(join(home, 'caduceus.sqlite'), { readOnly: true });
  try {
    return Number(database.prepare('SELECT count(*) AS iterations FROM iterations').get()?.['iterations']);
  } finally {
    database.close();
  }
}

/** Every process of the program, of which none may be left when it has ended. */
export function helpers(program: Program): number[] {
  expect(program.agents()).toHaveLength(2);
  return program.children().map(({ pid }) => pid);
}

export async function onlyRun(home: string): Promise<RunSummary> {
  const { runs } = await answerHere<{ runs: RunSummary[] }>(['runs'], { home });
  expect(runs).toHaveLength(1);
  return runs[0] as RunSummary;
}

/** The run after `train` answered that it was interrupted; checks what it said. */
export async function keptRun(home: string, ended: Ended): Promise<RunSummary> {
  const run = await onlyRun(home);
  const error = onlyError(ended);
  expect(ended).toMatchObject({ code: 130, signal: null });
  expect(error.code).toBe('CAD-INTERRUPTED');
  expect(error.remedy).toContain(`caduceus train --resume ${run.run}`);
  expect(run).toMatchObject({ status: 'interrupted', result: null, error });
  return run;
}
