/** Runs that a test has the desk start, as the window would. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Desk } from '../main/control-plane/desk/desk.ts';

const PATIENCE_MS = 180_000;
const ASK_EVERY_MS = 100;

/** Resolves when it is so. @throws when it does not come to be. */
export async function until(what: string, holds: () => Promise<boolean>, withinMs = PATIENCE_MS): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`it never came to be that ${what}`);
    await sleep(ASK_EVERY_MS);
  }
}

/** The identifier of the run that was started. */
export async function startedRun(
  desk: Desk,
  call: 'runs.start' | 'runs.simulate',
  input: Readonly<Record<string, unknown>>,
): Promise<string> {
  const { job } = await desk.calls[call](input as never);
  let run: string | undefined;
  await until('the run has started', async () => {
    const view = (await desk.calls['jobs.list']({})).find(({ id }) => id === job);
    if (view?.error) throw new Error(`${view.error.code}: ${view.error.message}`);
    run = view?.outcome?.kind === 'run' ? view.outcome.run : undefined;
    return run !== undefined;
  });
  return run ?? '';
}

export async function endedRun(desk: Desk, run: string): Promise<void> {
  await until('the run has ended', async () => {
    const { status } = await desk.calls['runs.find']({ run });
    return status !== 'running' && status !== 'paused';
  });
}

/** A simulation without learning, to its end: as much of a run as a list, a comparison and a report need. */
export async function simulatedRun(desk: Desk, name: string, policy: string): Promise<string> {
  const config = { name, policy, dataset: { name: 'digits' }, stop: { maxSeconds: 60, targetAccuracy: 0.5 } };
  const run = await startedRun(desk, 'runs.simulate', { cluster: 'hermes-12', config, timingOnly: true });
  await endedRun(desk, run);
  return run;
}
