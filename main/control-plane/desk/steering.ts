/** What can be changed of a run while it trains. A run in virtual time has its workers from its cluster. */
import type { CheckedInput } from '../../core/api.ts';
import type { NewWorker, RunHandle } from '../../core/control-plane-api.ts';
import { CaduceusError } from '../../core/errors.ts';

type Options = CheckedInput<'runs.setOptions'>['options'];

/** @returns the new worker's name. */
export async function addWorker(handle: RunHandle, worker: NewWorker): Promise<{ worker: string }> {
  if (handle.addWorker === undefined) throw fixed(handle, 'workers');
  return { worker: await handle.addWorker(worker) };
}

export function dropWorker(handle: RunHandle, worker: string): void {
  if (handle.dropWorker === undefined) throw fixed(handle, 'workers');
  handle.dropWorker(worker);
}

export function setOptions(handle: RunHandle, options: Options): void {
  if (handle.setOptions === undefined) throw fixed(handle, 'options');
  handle.setOptions(options);
}

function fixed({ run }: RunHandle, what: string): CaduceusError {
  return new CaduceusError(
    'CAD-CALL',
    `the ${what} of run ${run} are fixed while it goes on`,
    'Stop it and start another with other settings.',
  );
}
