/**
 * ADSP: everyone trains without ever waiting, and everyone commits equally often.
 *
 * Rule: a worker takes local steps and, each time its commit period is over, pushes what it has moved
 *   since the last commit and goes on; `W += U / M` on arrival for M workers. At every check, after a
 *   check period G, `C_target += dC`, and worker i, with c_i commits so far, is to make
 *   `dC_i = max(1, C_target − c_i)` in the next: its commit period is `G / dC_i`. From time to time, and
 *   when the loss jumps, dC itself is searched for (`adsp-search.ts`).
 * Units: periods in seconds; dC in commits of each worker in a check period.
 * Source: ADSP (Hu et al., AAAI 2020) and its released code, STrain.
 * Differs: the released code lost the term C_target − c_i, so that a worker never made up for missed
 *   commits; here it does, for those of one check period, more being forgiven. A commit is on its way while its worker trains, so there is no overhead O_i to subtract,
 *   and no floor of 10 s; one that falls due while `in-flight` earlier ones are unanswered is put off until one
 *   is answered, where the released code stops training for every commit. The first period is one of time as well, not of 40 steps. The released
 *   commit trains on evaluation rows in every tenth step; this does not.
 * Limits: steps longer than the commit period make commits rarer than asked for.
 */
import { uniform } from '../allocation/uniform.ts';
import { endCandidate, MAX_RATE, type Search, startSearch } from './adsp-search.ts';
import { MIN_POINTS } from './loss-curve.ts';
import { flagOption, numberOption } from './options.ts';
import { definePolicy, type GateInput, type PolicyCommand, type WorkerId } from './policy.ts';

/** Evaluations in a check period of a search; a few may come too late to count. */
const SAMPLES = MIN_POINTS + 2;

/** Check periods whose missed commits are made up for. */
const DEBT = 1;

/** A loss that has grown by this factor in a check period calls for a search. */
const JUMP = 1.3;

interface AdspState {
  batch: number;
  periodMs: number;
  searches: boolean;
  searchEveryMs: number;
  factor: number;
  /** dC: commits of each worker in a check period. */
  rate: number;
  /** C_target: commits that each should have made by the next check. */
  target: number;
  /** c_i and the commit period of each worker. */
  workers: Record<WorkerId, { commits: number; commitPeriodMs: number }>;
  size: number;
  /** Null while there is nobody to check on. */
  nextCheckMs: number | null;
  search: Search | null;
  lastSearchMs: number | null;
  newestLoss: number | null;
  lossAtCheck: number | null;
}

function assign(state: AdspState, worker: WorkerId, commitPeriodMs: number, reason: string): PolicyCommand {
  return { type: 'assign', worker, assignment: { ...uniform(state.batch), commitPeriodMs }, reason };
}

/** While searching, the loss is looked at often enough for the fit; else only at checks. */
function nextWake(state: AdspState, nowMs: number, checkMs: number): PolicyCommand {
  const sampleMs = state.search ? nowMs + state.periodMs / SAMPLES : Infinity;
  return { type: 'wake', atMs: Math.min(checkMs, sampleMs) };
}

function join(state: AdspState, worker: WorkerId, nowMs: number): PolicyCommand[] {
  if (state.nextCheckMs === null) {
    state.nextCheckMs = nowMs + state.periodMs;
    state.target = state.rate;
  }
  // It starts where it would be if it had always been there.
  const ahead = Math.ceil((state.rate * (state.nextCheckMs - nowMs)) / state.periodMs);
  const commitPeriodMs = state.periodMs / state.rate;
  state.workers[worker] = { commits: state.target - ahead, commitPeriodMs };
  state.size += 1;
  return [
    assign(state, worker, commitPeriodMs, 'joined'),
    { type: 'release', worker, model: true },
    nextWake(state, nowMs, state.nextCheckMs),
  ];
}

function leave(state: AdspState, worker: WorkerId): void {
  if (state.workers[worker] === undefined) return;
  delete state.workers[worker];
  state.size -= 1;
  if (state.size > 0) return;
  state.nextCheckMs = null;
  state.search = null;
}

function wake(state: AdspState, nowMs: number): PolicyCommand[] {
  if (state.nextCheckMs === null) return [];
  const commands: PolicyCommand[] = [{ type: 'evaluate', subject: 'model' }];
  if (nowMs >= state.nextCheckMs) commands.push(...check(state, nowMs));
  return [...commands, nextWake(state, nowMs, state.nextCheckMs)];
}

function check(state: AdspState, nowMs: number): PolicyCommand[] {
  const reason = searchOn(state, nowMs);
  state.nextCheckMs = nowMs + state.periodMs;
  state.target += state.rate;
  const commands: PolicyCommand[] = [];
  for (const [name, worker] of Object.entries(state.workers)) {
    worker.commits = Math.max(worker.commits, state.target - (1 + DEBT) * state.rate);
    const wanted = Math.max(Math.min(1, state.rate), state.target - worker.commits);
    const commitPeriodMs = state.periodMs / wanted;
    if (commitPeriodMs === worker.commitPeriodMs) continue;
    worker.commitPeriodMs = commitPeriodMs;
    commands.push(assign(state, name, commitPeriodMs, reason));
  }
  return commands;
}

/** Takes the search a step further, or begins one if it is time to; says why commit periods change. */
function searchOn(state: AdspState, nowMs: number): string {
  const { search, newestLoss, lossAtCheck } = state;
  state.lossAtCheck = newestLoss;
  if (search) {
    const { done, rate } = endCandidate(search, state.factor);
    state.rate = rate;
    if (!done) return `trying ${rate} commits a period`;
    state.search = null;
    state.lastSearchMs = nowMs;
    return `settled on ${rate} commits a period`;
  }
  const jumped = newestLoss !== null && lossAtCheck !== null && newestLoss >= JUMP * lossAtCheck;
  const isDue = state.lastSearchMs === null || nowMs >= state.lastSearchMs + state.searchEveryMs;
  if (state.searches && (jumped || isDue)) {
    state.search = startSearch(state.rate);
    return `trying ${state.rate} commits a period`;
  }
  return 'making up for missed commits';
}

interface AdspGateState {
  /** Commits that may be unanswered at once. */
  inFlight: number;
  /** When the last commit was due, on the worker's clock; null before the first iteration. */
  committedMs: number | null;
}

/** Commits at the end of the first iteration after the commit period. */
function gate(state: AdspGateState, input: GateInput): 'continue' | 'push-and-go-on' {
  const { nowMs, iteration, assignment, unanswered } = input;
  const periodMs = assignment.commitPeriodMs ?? 0;
  state.committedMs ??= nowMs - iteration.computeMs;
  if (nowMs < state.committedMs + periodMs) return 'continue';
  // The link or the server is behind: what is learnt meanwhile goes along with a later commit.
  if (unanswered >= state.inFlight) return 'continue';
  // The next is due a period after this one was, so that waiting for the step does not add up.
  state.committedMs = Math.max(state.committedMs + periodMs, nowMs - periodMs);
  return 'push-and-go-on';
}

export const adsp = definePolicy<AdspState, AdspGateState>({
  name: 'adsp',
  title: 'ADSP',
  summary: 'Workers never wait, and all commit their progress equally often, at a rate found by trying.',
  options: {
    'check-period': {
      kind: 'number',
      default: 10,
      min: 0.001,
      max: 86_400,
      unit: 's',
      help: 'Time from one check of everybody’s commits to the next (Γ; released: 60)',
    },
    rate: {
      kind: 'number',
      default: 10,
      min: 0.01,
      max: MAX_RATE,
      unit: 'commits',
      help: 'Commits of each worker in a check period, at first (ΔC; released: 1)',
    },
    'rate-search': { kind: 'flag', default: true, help: 'Search for the best rate while training; false keeps it' },
    'search-every': {
      kind: 'number',
      default: 1000,
      min: 0,
      max: 31_536_000,
      unit: 's',
      help: 'Time from the end of one search to the next',
    },
    'search-factor': {
      kind: 'number',
      default: 1.5,
      min: 1,
      max: 10,
      help: 'By how much a step of the search changes the rate; 1 for plus or minus one (released)',
    },
    'in-flight': {
      kind: 'integer',
      default: 2,
      min: 1,
      max: 7,
      unit: 'commits',
      help: 'Commits of a worker that may be unanswered at once; further ones are put off',
    },
    'outer-momentum': {
      kind: 'number',
      default: 0,
      min: 0,
      max: 0.9999,
      help: 'Explicit momentum of the server, on top of what asynchrony brings (μ)',
    },
  },
  carry: () => 'delta',
  sampling: () => ({ draw: 'whole', probe: 'none', probeSize: 0 }),
  outerOptimizer: (options) => ({ learningRate: 1, momentum: numberOption(options, 'outer-momentum') }),
  start: ({ options, batch }) => ({
    batch,
    periodMs: numberOption(options, 'check-period') * 1000,
    searches: flagOption(options, 'rate-search'),
    searchEveryMs: numberOption(options, 'search-every') * 1000,
    factor: numberOption(options, 'search-factor'),
    rate: numberOption(options, 'rate'),
    target: 0,
    workers: {},
    size: 0,
    nextCheckMs: null,
    search: null,
    lastSearchMs: null,
    newestLoss: null,
    lossAtCheck: null,
  }),
  step(state, event) {
    switch (event.type) {
      case 'joined':
        return join(state, event.worker, event.nowMs);
      case 'left':
        leave(state, event.worker);
        return [];
      case 'pushed': {
        const { worker, push } = event;
        const entry = state.workers[worker];
        if (entry) entry.commits += 1;
        return [
          { type: 'apply', pushes: [{ push, weight: 1 / state.size }] },
          { type: 'release', worker, model: true },
        ];
      }
      case 'rejected':
        return [{ type: 'release', worker: event.worker, model: true }];
      case 'evaluated':
        if (event.subject !== 'model' || !Number.isFinite(event.loss)) return [];
        state.newestLoss = event.loss;
        state.search?.points.push({ atMs: event.nowMs, loss: event.loss });
        return [];
      case 'woke':
        return wake(state, event.nowMs);
      default:
        return [];
    }
  },
  startGate: (options) => ({ inFlight: numberOption(options, 'in-flight'), committedMs: null }),
  gate: (state, input) => ({ verdict: gate(state, input) }),
});
