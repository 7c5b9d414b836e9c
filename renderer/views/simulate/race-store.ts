/** A race of policies in the simulator: started, followed run by run, and its outcome. It goes on when its screen is left. */
import type { CallInput, ComparisonProgress, ContenderRun, JobView } from '../../../main/core/api.ts';
import type { ComparisonResult } from '../../../main/core/control-plane-api.ts';
import type { ErrorReport } from '../../../main/core/errors.ts';
import { ask, follow, perform } from '../../state/control-plane.ts';
import { jobEnd } from '../../state/jobs.ts';
import { createStore } from '../../state/store.ts';

export interface Race {
  job: string;
  /** Rows as they were asked for, bounds included. */
  contenders: readonly string[];
  target: number | null;
  /** A small problem learned in place of the model. */
  timingOnly: boolean;
  state: 'running' | 'done' | 'failed' | 'cancelled';
  progress: { what: string; done: number; of: number } | null;
  /** Simulations that have ended, in the order of their ending. */
  runs: readonly ContenderRun[];
  result: ComparisonResult | null;
  error: ErrorReport | null;
}

/** More than any comparison has: 34 rows of 100 seeds. */
const MAX_RUNS = 4000;

const NOTHING_YET = { progress: null, runs: [], result: null, error: null };

export const race = createStore<Race | null>(null);

/** @returns what speaks against it; undefined when it has begun. */
export async function startRace(
  request: CallInput<'comparisons.simulate'>,
  contenders: readonly string[],
  target: number | null,
): Promise<ErrorReport | undefined> {
  const answer = await ask('comparisons.simulate', request);
  if (!answer.ok) return answer.error;
  const { job } = answer.value;
  const timingOnly = request.timingOnly ?? false;
  race.set({ job, contenders, target, timingOnly, state: 'running', ...NOTHING_YET });
  const stop = follow('comparison', { job }, (message) => change(job, (known) => withProgress(known, message)));
  void jobEnd(job).then((ended) => {
    stop();
    change(job, (known) => withEnd(known, ended));
  });
  return undefined;
}

export async function cancelRace(): Promise<void> {
  const running = race.get();
  if (running !== null) await perform('jobs.cancel', { job: running.job });
}

function change(job: string, next: (known: Race) => Race): void {
  race.update((known) => (known?.job === job ? next(known) : known));
}

export function withProgress(known: Race, { what, done, of, runs }: ComparisonProgress): Race {
  return { ...known, progress: { what, done, of }, runs: [...known.runs, ...runs].slice(-MAX_RUNS) };
}

function withEnd(known: Race, { state, outcome, error }: JobView): Race {
  return {
    ...known,
    state: state === 'running' ? 'done' : state,
    result: outcome?.kind === 'comparison' ? outcome.comparison : null,
    error,
  };
}
