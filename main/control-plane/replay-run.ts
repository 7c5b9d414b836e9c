/** A run's decisions once more, from its log: what the policy said then, it must say again. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import type { ReplayObserver, ReplayResult } from '../core/control-plane-api.ts';
import { CaduceusError } from '../core/errors.ts';
import { withAllocation } from '../core/policy/allocated.ts';
import { policyNamed } from '../core/policy/registry.ts';
import { policySetup } from '../core/policy/setup.ts';
import type { WorkerPlan } from '../core/protocol/messages.ts';
import { Replayer } from '../core/replay.ts';
import type { Store } from '../store/runs.ts';

/** In the run's directory: what every worker was told, and the policy was started with. */
export const PLAN_FILE = 'plan.json';

/** Decisions that are read, and others have to wait for, at a time. */
const PAGE = 200;

/** Others of this process get their turn in between. @throws CAD-RUN-UNKNOWN, CAD-RUN-UNFINISHED, CAD-INTERRUPTED */
export async function replayRun(
  store: Store,
  wanted: string,
  { onProgress, signal }: ReplayObserver = {},
): Promise<ReplayResult> {
  const { run, config } = store.findRun(wanted);
  const plan = readPlan(join(store.runDirectory(run), PLAN_FILE), run);
  const replayer = new Replayer(
    withAllocation(policyNamed(plan.policy), config.allocation),
    policySetup(plan, config.batch),
  );
  const reader = store.reader(run);
  for (let done = 0; ; done += PAGE) {
    const { records, total } = reader.page({ kind: 'decision', offset: done, limit: PAGE });
    for (const record of records) if (record.type === 'decision') replayer.repeat(record);
    onProgress?.(Math.min(done + PAGE, total), total);
    if (done + PAGE >= total) {
      const { matched, firstDifference } = replayer.replay;
      return { run, decisions: total, matched, firstDifference: firstDifference ?? null };
    }
    await breathe();
    if (signal?.aborted) {
      throw new CaduceusError('CAD-INTERRUPTED', `the replay of run ${run} was stopped by its user`, 'Start it again.');
    }
  }
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
