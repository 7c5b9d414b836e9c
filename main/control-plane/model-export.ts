/** The trained model of a run, as a file for use elsewhere. */
import { copyFileSync, existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CaduceusError } from '../core/errors.ts';
import type { Store } from '../store/runs.ts';
import { writeWhole } from './whole-file.ts';

/** In the run's directory. */
export const MODEL_FILE = 'model.safetensors';

/** @returns the absolute path written. @throws CAD-RUN-UNKNOWN, CAD-RUN-UNFINISHED, CAD-OUTPUT */
export function exportModel(store: Store, wanted: string, path: string): string {
  const { run, status } = store.findRun(wanted);
  const source = join(store.runDirectory(run), MODEL_FILE);
  if (!existsSync(source)) {
    throw new CaduceusError(
      'CAD-RUN-UNFINISHED',
      `run ${run} has no trained model: it is ${status}`,
      status === 'interrupted' ? `Go on with: caduceus train --resume ${run}` : 'Choose a completed run.',
    );
  }
  return writeWhole(resolve(path), 'the model', (unfinished) => copyFileSync(source, unfinished));
}
