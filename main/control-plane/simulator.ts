/** Starts simulation processes, and says how one ended that should not have. */
import { type ChildProcess, fork } from 'node:child_process';
import { CaduceusError } from '../core/errors.ts';
import { unspelled } from '../core/json-numbers.ts';
import type { Programs } from './programs.ts';
import type { FromSimulator } from './simulation-messages.ts';

/**
 * V8's middle compiler keeps loops over a hundred thousand parameters that are entered anew at every push
 * for itself: it takes up to five times as long for them as the last one. Results are the same.
 */
const LONG_LOOPS = '--no-maglev';

export function startSimulator({ simulation, node }: Programs): ChildProcess {
  return fork(simulation, {
    execPath: node,
    execArgv: [LONG_LOOPS],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}

/** What it says, as it said it. */
export function onSimulatorMessage(child: ChildProcess, hear: (message: FromSimulator) => void): () => void {
  const listener = (message: unknown): void => hear(unspelled(message) as FromSimulator);
  child.on('message', listener);
  return () => child.off('message', listener);
}

export function simulatorEnded(code: number | null, signal: string | null): CaduceusError {
  return new CaduceusError(
    'CAD-SIMULATION',
    `the process that simulated ended early (${signal ?? `exit code ${code}`})`,
    'Start it again; if memory ran out, with fewer rows or a smaller model.',
  );
}
