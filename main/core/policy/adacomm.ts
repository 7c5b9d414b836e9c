/**
 * AdaComm: local SGD whose number of steps between barriers follows the loss.
 *
 * Rule: every worker takes tau steps from the round's model and pushes what it moved; when all have,
 *   `w += (1/N) * sum(d_i)`. At the end of every check period, with F the loss now and F0 at the
 *   start, t = ceil(tau0 * sqrt(F / F0)); tau becomes t where that is less, else ceil(tau / 2).
 * Units: a local iteration is tau mini-batches; the check period is in seconds.
 * Source: Wang & Joshi, MLSys 2019, as the baseline in ADSP's released code.
 * Differs: F is the mean training loss of the latest round, which costs no evaluation, and F0 that of
 *   the first. Workers that leave, join or have a push refused as in BSP.
 * Limits: a round is as slow as its slowest worker; tau never grows.
 */
import { arrive, type Arrival, type Barrier, emptyBarrier, isComplete, join, leave, open, sitOut } from './barrier.ts';
import { flagOption, numberOption } from './options.ts';
import { type Assignment, definePolicy, type PolicyCommand } from './policy.ts';

interface AdaCommState {
  batch: number;
  adaptive: boolean;
  firstTau: number;
  tau: number;
  periodMs: number;
  /** Null before the first worker is there. */
  nextCheckMs: number | null;
  firstLoss: number | null;
  barrier: Barrier;
}

function assignment({ tau, batch }: AdaCommState): Assignment {
  return { samples: tau * batch, batch, epochs: 1 };
}

/** The number of steps after a check: τ' = ⌈τ₀ √(F / F₀)⌉, and in any case less than before. */
export function nextTau(tau: number, firstTau: number, lossRatio: number): number {
  const wanted = Math.ceil(firstTau * Math.sqrt(lossRatio));
  return Math.max(1, wanted < tau ? wanted : Math.ceil(tau / 2));
}

function meanLoss(arrivals: readonly Arrival[]): number {
  return arrivals.reduce((sum, { iteration }) => sum + iteration.loss, 0) / arrivals.length;
}

/** True when the check of this round has changed tau. */
function check(state: AdaCommState, arrivals: readonly Arrival[], nowMs: number): boolean {
  const loss = meanLoss(arrivals);
  if (!Number.isFinite(loss)) return false;
  state.firstLoss ??= loss;
  if (!state.adaptive || state.nextCheckMs === null || nowMs < state.nextCheckMs) return false;
  state.nextCheckMs = nowMs + state.periodMs;
  const before = state.tau;
  state.tau = nextTau(before, state.firstTau, loss / state.firstLoss);
  return state.tau !== before;
}

function endRound(state: AdaCommState, nowMs: number): PolicyCommand[] {
  if (!isComplete(state.barrier)) return [];
  const { workers, arrivals } = open(state.barrier);
  const commands: PolicyCommand[] = [];
  if (arrivals.length > 0) {
    const weight = 1 / arrivals.length;
    commands.push({ type: 'apply', pushes: arrivals.map(({ push }) => ({ push, weight })) });
  }
  if (check(state, arrivals, nowMs)) {
    const reason = `τ is ${state.tau} now`;
    for (const worker of workers) commands.push({ type: 'assign', worker, assignment: assignment(state), reason });
  }
  for (const worker of workers) commands.push({ type: 'release', worker, model: true });
  return commands;
}

export const adacomm = definePolicy<AdaCommState, null>({
  name: 'adacomm',
  title: 'AdaComm',
  summary: 'Local SGD between barriers, with fewer steps the lower the loss.',
  options: {
    tau: {
      kind: 'integer',
      default: 20,
      min: 1,
      max: 100_000,
      unit: 'mini-batches',
      help: 'Steps between two barriers at first (τ₀)',
    },
    adaptive: { kind: 'flag', default: true, help: 'Lower τ with the loss; false keeps τ₀ (Fixed AdaComm)' },
    'check-period': {
      kind: 'number',
      default: 60,
      min: 0,
      max: 86_400,
      unit: 's',
      help: 'Time from one change of τ to the next',
    },
  },
  carry: () => 'delta',
  start: ({ options, batch }) => ({
    batch,
    adaptive: flagOption(options, 'adaptive'),
    firstTau: numberOption(options, 'tau'),
    tau: numberOption(options, 'tau'),
    periodMs: numberOption(options, 'check-period') * 1000,
    nextCheckMs: null,
    firstLoss: null,
    barrier: emptyBarrier(),
  }),
  step(state, event) {
    switch (event.type) {
      case 'joined':
        state.nextCheckMs ??= event.nowMs + state.periodMs;
        join(state.barrier, event.worker);
        return [
          { type: 'assign', worker: event.worker, assignment: assignment(state), reason: 'joined' },
          { type: 'release', worker: event.worker, model: true },
        ];
      case 'left':
        leave(state.barrier, event.worker);
        return endRound(state, event.nowMs);
      case 'pushed':
        arrive(state.barrier, event);
        return endRound(state, event.nowMs);
      case 'rejected':
        sitOut(state.barrier, event.worker);
        return endRound(state, event.nowMs);
      default:
        return [];
    }
  },
  startGate: () => null,
  gate: () => ({ verdict: 'push-and-wait' }),
});
