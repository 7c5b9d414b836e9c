/** What can be changed of a run while it trains. A run in virtual time has its workers from its cluster. */
import type { CheckedInput } from '../../core/api.ts';
import type { RunHandle } from '../../core/control-plane-api.ts';
import { CaduceusError } from '../../core/errors.ts';

type NewWorker = CheckedInput<'runs.addWorker'>['worker'];
type Options = CheckedInput<'runs.setOptions'>['options'];

/** The parts of a handle that not every kind of run has. */
export interface SteeredRun extends RunHandle {
  addWorker?(worker: NewWorker): string | Promise<string>;
  dropWorker?(worker: string): void | Promise<void>;
  setOptions?(options: Options): void | Promise<void>;
}

/** @returns the new worker's name. */
export async function addWorker(handle: SteeredRun, worker: NewWorker): Promise<{ worker: string }> {
  if (handle.addWorker === undefined) throw fixed(handle, 'workers');
  return { worker: await handle.addWorker(worker) };
}

export async function dropWorker(handle: SteeredRun, worker: string): Promise<void> {
  if (handle.dropWorker === undefined) throw fixed(handle, 'workers');
  await handle.dropWorker(worker);
}

export async function setOptions(handle: SteeredRun, options: Options): Promise<void> {
  if (handle.setOptions === undefined) throw fixed(handle, 'options');
  await handle.setOptions(options);
}

function fixed({ run }: RunHandle, what: string): CaduceusError {
  return new CaduceusError(
    'CAD-CALL',
    `the ${what} of run ${run} are fixed while it goes on`,
    'Stop it and start another with other settings.',
  );
}
