/**
 * SelSync: models are averaged only in steps in which some worker's gradient changes much.
 *
 * Rule: every step each worker updates its own model first, then all exchange one flag:
 *   `D = |E_i − E_(i−1)| / E_(i−1) ≥ delta`, with E the exponentially weighted mean of the squared
 *   gradient norm. If any worker flags, all push their models, w = mean_i w_i, and go on from w.
 *   Otherwise each goes on from its own.
 * Units: E has the gradient's unit squared; its smoothing factor is N/100 for N workers.
 * Source: SelSync (Tyagi & Swany 2023), Algorithm 1.
 * Differs: from the released code, which averages before the update, so that replicas differ right
 *   after a sync. As there, every step syncs until a worker's window has filled. E is kept by the
 *   server, which knows N. A worker that joins starts from the newest average; one whose model
 *   diverged takes part in the next sync as a receiver only.
 * Limits: every step has a barrier, of flags if not of models; momentum is never averaged.
 */
import { uniform } from '../allocation/uniform.ts';
import { arrive, type Barrier, emptyBarrier, isComplete, join, leave, open, sitOut } from './barrier.ts';
import { numberOption, textOption } from './options.ts';
import { definePolicy, type IterationSummary, type PolicyCommand, type Sampling, type WorkerId } from './policy.ts';

interface SelSyncWorker {
  /** E, the smoothed squared gradient norm; null before the first step. */
  smoothed: number | null;
  steps: number;
  /** Its model is not worth averaging: it only receives in the next sync. */
  receives: boolean;
}

interface SelSyncState {
  batch: number;
  delta: number;
  /** 0: N/100. */
  smoothing: number;
  warmUp: number;
  workers: Record<WorkerId, SelSyncWorker>;
  barrier: Barrier;
  /** What the barrier collects: flags, or models. */
  phase: 'flags' | 'models';
  /** Somebody flagged in this step. */
  flagged: boolean;
}

/** Takes one step's norm; true when the worker wants a sync. */
function measure(state: SelSyncState, worker: SelSyncWorker, { gradientNormSquared }: IterationSummary): boolean {
  const before = worker.smoothed;
  const norm = gradientNormSquared ?? NaN;
  worker.steps += 1;
  const factor = state.smoothing > 0 ? state.smoothing : Math.min(1, state.barrier.size / 100);
  const after = before === null ? norm : before + factor * (norm - before);
  worker.smoothed = Number.isFinite(after) ? after : before;
  return worker.steps <= state.warmUp || relativeChange(before, after) >= state.delta;
}

/** D. Without a step before nothing has changed; from nothing to something, everything has. */
function relativeChange(before: number | null, after: number): number {
  if (before === null || after === before) return 0;
  return before === 0 ? Infinity : Math.abs(after - before) / before;
}

/** Goes on as far as the barrier lets it: to the next step, or to a sync and through it. */
function proceed(state: SelSyncState): PolicyCommand[] {
  const { barrier } = state;
  if (!isComplete(barrier)) return [];
  if (state.phase === 'models') return endSync(state);
  if (state.flagged) return beginSync(state);
  return open(barrier).workers.map((worker) => ({ type: 'release', worker, model: false }));
}

function beginSync(state: SelSyncState): PolicyCommand[] {
  state.phase = 'models';
  const commands: PolicyCommand[] = [];
  for (const name of open(state.barrier).workers) {
    if (state.workers[name]?.receives) sitOut(state.barrier, name);
    else commands.push({ type: 'collect', worker: name });
  }
  return [...commands, ...proceed(state)];
}

function endSync(state: SelSyncState): PolicyCommand[] {
  const { workers, arrivals } = open(state.barrier);
  state.phase = 'flags';
  state.flagged = false;
  const commands: PolicyCommand[] = [];
  if (arrivals.length > 0) {
    const weight = 1 / arrivals.length;
    commands.push({ type: 'apply', pushes: arrivals.map(({ push }) => ({ push, weight })) });
  }
  for (const name of workers) {
    const worker = state.workers[name];
    if (worker) worker.receives = false;
    commands.push({ type: 'release', worker: name, model: true });
  }
  return commands;
}

/** The worker waits, and can only be helped by a model. */
function receiveOnly(state: SelSyncState, name: WorkerId): void {
  const worker = state.workers[name];
  if (worker) worker.receives = true;
  state.flagged = true;
  sitOut(state.barrier, name);
}

export const selsync = definePolicy<SelSyncState, null>({
  name: 'selsync',
  title: 'SelSync',
  summary: 'Models are averaged in steps in which some worker’s gradient changes much; other steps stay local.',
  options: {
    delta: {
      live: true,
      kind: 'number',
      default: 0.3,
      min: 0,
      max: 1_000_000,
      help: 'Relative change of the smoothed squared gradient norm that calls for a sync (δ); 0 syncs every step',
    },
    'warm-up': {
      kind: 'integer',
      default: 25,
      min: 0,
      max: 100_000,
      unit: 'steps',
      help: 'Steps of a worker before its change counts; until then every step syncs',
    },
    'norm-smoothing': {
      live: true,
      kind: 'number',
      default: 0,
      min: 0,
      max: 1,
      help: 'Weight of the newest norm in the smoothed one; 0 for N/100 with N workers',
    },
    draw: {
      kind: 'choice',
      default: 'whole',
      choices: ['whole', 'shard'],
      help: 'Walk through all rows, from one’s own part on (SelDP), or through a shard',
    },
  },
  carry: () => 'parameters',
  sampling: (options) => ({ draw: textOption(options, 'draw') as Sampling['draw'], probe: 'none', probeSize: 0 }),
  measuresGradientNorm: true,
  start: ({ options, batch }) => ({
    batch,
    delta: numberOption(options, 'delta'),
    smoothing: numberOption(options, 'norm-smoothing'),
    warmUp: numberOption(options, 'warm-up'),
    workers: {},
    barrier: emptyBarrier(),
    phase: 'flags',
    flagged: false,
  }),
  step(state, event) {
    switch (event.type) {
      case 'joined': {
        const { worker } = event;
        state.workers[worker] = { smoothed: null, steps: 0, receives: false };
        join(state.barrier, worker);
        const commands: PolicyCommand[] = [
          { type: 'assign', worker, assignment: uniform(state.batch), reason: 'joined' },
        ];
        // What comes out of a sync under way is the model to start from.
        if (state.phase === 'models') sitOut(state.barrier, worker);
        else commands.push({ type: 'release', worker, model: true });
        return commands;
      }
      case 'left':
        delete state.workers[event.worker];
        leave(state.barrier, event.worker);
        if (state.barrier.size === 0) {
          state.phase = 'flags';
          state.flagged = false;
        }
        return proceed(state);
      case 'flagged': {
        const worker = state.workers[event.worker];
        if (worker && measure(state, worker, event.iteration)) state.flagged = true;
        sitOut(state.barrier, event.worker);
        return proceed(state);
      }
      case 'pushed':
        if (state.phase === 'models') {
          arrive(state.barrier, event);
          return proceed(state);
        }
        receiveOnly(state, event.worker);
        return [{ type: 'drop', push: event.push, reason: 'its loss is not a number' }, ...proceed(state)];
      case 'rejected':
        if (state.phase === 'models') sitOut(state.barrier, event.worker);
        else receiveOnly(state, event.worker);
        return proceed(state);
      case 'options':
        state.delta = numberOption(event.options, 'delta');
        state.smoothing = numberOption(event.options, 'norm-smoothing');
        return [];
      default:
        return [];
    }
  },
  startGate: () => null,
  gate: () => ({ verdict: 'flag' }),
});
