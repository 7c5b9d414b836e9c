/** Simulation jobs on all cores, one process each; results come in the order of the jobs. */
import type { ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import type { ComparedRun } from '../core/comparison.ts';
import { CaduceusError } from '../core/errors.ts';
import type { Programs } from './programs.ts';
import type { SimulationJob } from './simulation-job.ts';
import type { FromSimulator, ToSimulator } from './simulation-messages.ts';
import { onSimulatorMessage, simulatorEnded, startSimulator } from './simulator.ts';

/** With what simulations are done, and what ends them. */
export interface SimulationMeans {
  programs: Programs;
  signal: AbortSignal;
  /** At the same time; one a processor when left out. */
  processes?: number;
}

/**
 * @param onDone told after every job, with how many are done, and what that one gave.
 * @throws the first job's CaduceusError, or CAD-INTERRUPTED when `signal` is raised; all processes end.
 */
export async function runSimulations(
  jobs: readonly SimulationJob[],
  {
    programs,
    signal,
    onDone,
    processes = availableParallelism(),
  }: SimulationMeans & { onDone(done: number, run: ComparedRun, index: number): void },
): Promise<ComparedRun[]> {
  const results: ComparedRun[] = [];
  const children: ChildProcess[] = [];
  let next = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    const child = startSimulator(programs);
    children.push(child);
    for (let id = next++; id < jobs.length; id = next++) {
      const run = await ask(child, { is: 'job', id, job: jobs[id] as SimulationJob });
      results[id] = run;
      done += 1;
      onDone(done, run, id);
    }
    child.disconnect();
  };
  const stopAll = (): void => {
    for (const child of children) child.kill('SIGKILL');
  };
  signal.addEventListener('abort', stopAll);
  try {
    await Promise.all(Array.from({ length: Math.min(jobs.length, processes) }, work));
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new CaduceusError('CAD-INTERRUPTED', 'the comparison was stopped by its user', 'Start it again.', error);
  } finally {
    signal.removeEventListener('abort', stopAll);
    stopAll();
  }
  return results;
}

function ask(child: ChildProcess, request: ToSimulator): Promise<ComparedRun> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      forget();
      child.off('exit', ended);
      act();
    };
    const answered = (answer: FromSimulator): void => {
      if (answer.is === 'done') settle(() => resolve(answer.run));
      else if (answer.is === 'failed') {
        const { code, message, remedy } = answer.error;
        settle(() => reject(new CaduceusError(code, message, remedy)));
      }
    };
    const ended = (code: number | null, signal: string | null): void => {
      settle(() => reject(simulatorEnded(code, signal)));
    };
    const forget = onSimulatorMessage(child, answered);
    child.on('exit', ended);
    child.send(request);
  });
}
