/** A child process that simulates: jobs one after the other, or one run that its parent follows. */
import { type ErrorReport, reportError } from '../core/errors.ts';
import { spelled } from '../core/json-numbers.ts';
import { FollowedSimulation } from './followed-simulation.ts';
import { runSimulation } from './simulation-job.ts';
import type { FollowedRun, FromSimulator, ToSimulator } from './simulation-messages.ts';

const tell = (message: FromSimulator): void => void process.send?.(spelled(message));
const failure = (error: unknown): { is: 'failed'; error: ErrorReport } => ({
  is: 'failed',
  error: reportError(error),
});

let followed: FollowedSimulation | undefined;

async function follow(wanted: FollowedRun): Promise<void> {
  const simulation = new FollowedSimulation(wanted, tell);
  followed = simulation;
  await simulation.run();
}

process.on('disconnect', () => process.exit());
// Ctrl-C at a terminal reaches the whole group; how this process ends is its parent's to decide.
process.on('SIGINT', () => undefined);
process.on('message', (message: ToSimulator) => {
  if (message.is === 'job') {
    const { id, job } = message;
    runSimulation(job).then(
      (run) => tell({ is: 'done', id, run }),
      (error: unknown) => tell({ ...failure(error), id }),
    );
  } else if (message.is === 'follow') follow(message).catch((error: unknown) => tell(failure(error)));
  else followed?.hear(message);
});
