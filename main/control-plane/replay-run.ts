/** A run's decisions once more, from its log: what the policy said then, it must say again. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ReplayResult } from '../core/control-plane-api.ts';
import { CaduceusError } from '../core/errors.ts';
import { policyNamed } from '../core/policy/registry.ts';
import { policySetup } from '../core/policy/setup.ts';
import type { WorkerPlan } from '../core/protocol/messages.ts';
import { replayDecisions } from '../core/replay.ts';
import type { Store } from '../store/runs.ts';

/** In the run's directory: what every worker was told, and the policy was started with. */
export const PLAN_FILE = 'plan.json';

/** @throws CAD-RUN-UNKNOWN, CAD-RUN-UNFINISHED when the run never came to a plan */
export function replayRun(store: Store, wanted: string): ReplayResult {
  const { run, config } = store.findRun(wanted);
  const plan = readPlan(join(store.runDirectory(run), PLAN_FILE), run);
  const setup = policySetup(plan, config.batch);
  const decisions = [...store.records(run, 'decision')];
  const { matched, firstDifference } = replayDecisions(policyNamed(plan.policy), setup, decisions);
  return { run, decisions: decisions.length, matched, firstDifference: firstDifference ?? null };
}

function readPlan(path: string, run: string): WorkerPlan {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as WorkerPlan;
  } catch (cause) {
    throw new CaduceusError(
      'CAD-RUN-UNFINISHED',
      `the plan of run ${run} cannot be read from ${path}`,
      'Choose a run that has trained.',
      cause,
    );
  }
}
