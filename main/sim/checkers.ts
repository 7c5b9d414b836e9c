/**
 * What must hold in every run, checked while it is simulated, from what crosses the
 * border of the server machine and never from its insides. A broken rule throws, with its number.
 */
import type { Policy, WorkerId } from '../core/policy/policy.ts';
import { numberOption } from '../core/policy/options.ts';
import type { WorkerPlan } from '../core/protocol/messages.ts';
import { AnswersAtOnce } from './checkers/answers-at-once.ts';
import { BarrierRounds } from './checkers/barrier-rounds.ts';
import { ByteBooks } from './checkers/byte-books.ts';
import { Endings } from './checkers/endings.ts';
import { PushBooks } from './checkers/push-books.ts';
import { ShardTwin } from './checkers/shard-twin.ts';
import { StaleBound } from './checkers/stale-bound.ts';
import { Timers } from './checkers/timers.ts';
import { Versions } from './checkers/versions.ts';
import type { Watcher } from './watch.ts';

export interface Checked {
  policy: Policy;
  plan: WorkerPlan;
  /** Workers that the run waits for, in the order of the cluster. */
  workers: readonly WorkerId[];
  /** Devices that may take part, and appointments that are open. */
  devices: number;
  pending(): number;
}

export function checkersFor({ policy, plan, workers, devices, pending }: Checked): Watcher[] {
  const checkers: Watcher[] = [
    new PushBooks(),
    new Versions(),
    new ByteBooks(),
    new Timers(devices, pending),
    new Endings(),
    new ShardTwin(plan.trainRows, workers),
  ];
  if (policy.name === 'bsp' || policy.name === 'omnilearn-bsp') checkers.push(new BarrierRounds());
  if (policy.name === 'asp') checkers.push(new AnswersAtOnce());
  if (policy.name === 'ssp') checkers.push(new StaleBound(numberOption(plan.options, 'staleness')));
  return checkers;
}
