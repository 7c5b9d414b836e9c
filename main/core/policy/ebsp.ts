/**
 * Elastic bulk synchronous parallel.
 *
 * Rule: between two barriers lies a superstep, in which worker i runs r_i iterations as in ASP: it
 *   pushes each mini-batch gradient, `w -= (eta / n) * g_i` on arrival, and goes on with the new model. Then
 *   it waits until all have done their r_i, and the next superstep is planned by ZipLine from
 *   everybody's last iteration interval (`zip-line.ts`).
 * Units: gradients are means over the worker's mini-batch; intervals are milliseconds from a release
 *   to the arrival of the push it led to, so they count the network as well.
 * Source: Elastic BSP (Zhao et al. 2020). The authors' code is withheld.
 * Differs: finish times are predicted from the opening of the barrier, which is when iterations start,
 *   not from the last finish before it; before every interval is known r_i = 1; a joiner runs one
 *   iteration in the superstep under way; one that leaves is no longer waited for. Applied
 *   in full, `round-scaling` false, as in ASP.
 * Limits: a long lookahead waits less and is staler.
 */
import { uniform } from '../allocation/uniform.ts';
import { numberOption } from './options.ts';
import { definePolicy, type PolicyCommand, type WorkerId } from './policy.ts';
import { ROUND_SCALING_OPTION, roundScaling } from './round-scaling.ts';
import { zipLine } from './zip-line.ts';

interface EbspWorker {
  /** Iterations that it still has to run before the barrier. */
  left: number;
  releasedMs: number;
  /** Its last iteration; null before the first. */
  intervalMs: number | null;
}

interface EbspState {
  batch: number;
  lookahead: number;
  roundScaling: boolean;
  workers: Record<WorkerId, EbspWorker>;
  size: number;
  /** Workers that are not at the barrier yet. */
  running: number;
}

function release(worker: WorkerId): PolicyCommand {
  return { type: 'release', worker, model: true };
}

/** One more iteration of a worker is in: it goes on, or waits at the barrier. */
function iterated(state: EbspState, name: WorkerId, nowMs: number): PolicyCommand[] {
  const worker = state.workers[name];
  if (worker === undefined) return [];
  worker.intervalMs = nowMs - worker.releasedMs;
  worker.left -= 1;
  if (worker.left > 0) {
    worker.releasedMs = nowMs;
    return [release(name)];
  }
  state.running -= 1;
  return openIfAllThere(state, nowMs);
}

/** Plans the next superstep when everybody is at the barrier. */
function openIfAllThere(state: EbspState, nowMs: number): PolicyCommand[] {
  if (state.running > 0 || state.size === 0) return [];
  const names = Object.keys(state.workers).sort();
  const workers = names.map((name) => state.workers[name] as EbspWorker);
  const known = workers.flatMap(({ intervalMs }) => (intervalMs === null ? [] : [{ startMs: nowMs, intervalMs }]));
  const plan = known.length === workers.length ? zipLine(known, state.lookahead) : undefined;
  for (const [index, worker] of workers.entries()) {
    worker.left = plan?.iterations[index] ?? 1;
    worker.releasedMs = nowMs;
  }
  state.running = state.size;
  return names.map(release);
}

function leave(state: EbspState, name: WorkerId, nowMs: number): PolicyCommand[] {
  const worker = state.workers[name];
  if (worker === undefined) return [];
  delete state.workers[name];
  state.size -= 1;
  if (worker.left > 0) state.running -= 1;
  return openIfAllThere(state, nowMs);
}

export const ebsp = definePolicy<EbspState, null>({
  name: 'ebsp',
  title: 'Elastic BSP',
  summary: 'Barriers are placed where all workers are predicted to finish together; between them it is ASP.',
  options: {
    lookahead: {
      live: true,
      kind: 'integer',
      default: 15,
      min: 1,
      max: 1000,
      unit: 'iterations',
      help: 'Most iterations of a worker between two barriers (R); 1 is BSP’s schedule',
    },
    ...ROUND_SCALING_OPTION,
  },
  carry: () => 'gradient',
  start: ({ options, batch }) => ({
    batch,
    lookahead: numberOption(options, 'lookahead'),
    roundScaling: roundScaling(options),
    workers: {},
    size: 0,
    running: 0,
  }),
  step(state, event) {
    switch (event.type) {
      case 'joined':
        state.workers[event.worker] = { left: 1, releasedMs: event.nowMs, intervalMs: null };
        state.size += 1;
        state.running += 1;
        return [
          { type: 'assign', worker: event.worker, assignment: uniform(state.batch), reason: 'joined' },
          release(event.worker),
        ];
      case 'left':
        return leave(state, event.worker, event.nowMs);
      case 'pushed': {
        const weight = state.roundScaling ? 1 / state.size : 1;
        return [
          { type: 'apply', pushes: [{ push: event.push, weight }] },
          ...iterated(state, event.worker, event.nowMs),
        ];
      }
      case 'rejected':
        return iterated(state, event.worker, event.nowMs);
      case 'options':
        state.lookahead = numberOption(event.options, 'lookahead'); // from the next plan on
        return [];
      default:
        return [];
    }
  },
  startGate: () => null,
  gate: () => ({ verdict: 'push-and-wait' }),
});
