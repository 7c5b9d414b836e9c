/**
 * Hermes: workers push only what is worth it, and the server weighs it by loss.
 *
 * Rule: after every local iteration (E epochs over its rows) a worker tests its model on held-out
 *   rows and pushes when the gate says that the gain is real (`hermes-gate.ts`). The server judges
 *   the pushed model on its validation rows and mixes: with W1 = 1 / loss(global) and
 *   W2 = 1 / loss(pushed), `w = (W1 * w + W2 * w_i) / (W1 + W2)`. Only the pusher gets the result.
 *   Sizes follow measured times (`hermes-sizing.ts`).
 * Units: losses in nats, as means over rows; sizes in rows, times in milliseconds.
 * Source: Hermes (HiPC 2024) and its released code.
 * Differs: whole models are pushed and mixed, which for plain SGD equals the released weighted mean of
 *   gradient sums from the first model; a pull re-bases the worker, where the released sum goes on as
 *   if there had been none. `faithful` gives the released behaviour back, option by option.
 * Limits: pushes are judged one after the other; a worker learns of others only at its own pushes.
 */
import { controlGate, type ControlGateState, HERMES_CONTROL_OPTIONS, startControlGate } from './hermes-control-gate.ts';
import {
  hermesGate,
  type HermesGateState,
  HERMES_GATE_OPTIONS,
  retuneHermesGate,
  startHermesGate,
} from './hermes-gate.ts';
import {
  addWorker,
  HERMES_SIZING_OPTIONS,
  removeWorker,
  resize,
  type SizingState,
  startSizing,
} from './hermes-sizing.ts';
import { numberOption, textOption } from './options.ts';
import { definePolicy, type PolicyCommand, type PushId, type Sampling, type WorkerId } from './policy.ts';

/** Stands for a loss that is no number, which plain JSON cannot hold. */
const NO_LOSS = Number.MAX_VALUE;
const SMALLEST_LOSS = 1e-12;

interface HermesState {
  sizing: SizingState;
  /** Pushes not judged yet, oldest first. */
  queue: { push: PushId; worker: WorkerId }[];
  /** What the evaluator is asked for: the head of the queue, or the model it led to. */
  judging: 'nothing' | 'push' | 'model';
  version: number;
  /** Validation loss of the present version; null until it is known. */
  modelLoss: number | null;
  patience: number;
  bestLoss: number | null;
  pushesSinceBest: number;
}

/** Puts the next push to the evaluator, if it is free. */
function judgeNext(state: HermesState): PolicyCommand[] {
  const head = state.queue[0];
  if (state.judging !== 'nothing' || head === undefined) return [];
  if (state.version === 0) return mix(state, 1, 0); // the first push is adopted whole
  state.judging = 'push';
  return [{ type: 'evaluate', subject: head.push }];
}

/** Makes a version from the head of the queue and has it judged, to weigh the next push against. */
function mix(state: HermesState, weight: number, keep: number): PolicyCommand[] {
  const head = state.queue.shift();
  if (head === undefined) return [];
  state.version += 1;
  state.modelLoss = null;
  state.judging = 'model';
  return [
    { type: 'apply', pushes: [{ push: head.push, weight }], keep },
    { type: 'release', worker: head.worker, model: true },
    { type: 'evaluate', subject: 'model' },
  ];
}

/** One over a loss. A perfect model does not weigh infinitely; one whose loss is no number weighs nothing. */
function worth(loss: number): number {
  return loss < NO_LOSS ? 1 / Math.max(loss, SMALLEST_LOSS) : 0;
}

function pushJudged(state: HermesState, loss: number): PolicyCommand[] {
  state.judging = 'nothing';
  const head = state.queue[0];
  if (head === undefined) return [];
  if (worth(loss) === 0) {
    state.queue.shift();
    return [
      { type: 'drop', push: head.push, reason: 'its loss is not finite' },
      { type: 'release', worker: head.worker, model: true },
      ...judgeNext(state),
    ];
  }
  const [kept, pushed] = [worth(state.modelLoss ?? loss), worth(loss)];
  return mix(state, pushed / (kept + pushed), kept / (kept + pushed));
}

function modelJudged(state: HermesState, version: number, loss: number): PolicyCommand[] {
  if (version !== state.version) return []; // an older version: the verdict on this one is on its way
  state.modelLoss = Number.isFinite(loss) ? loss : NO_LOSS;
  if (state.judging !== 'model') return [];
  state.judging = 'nothing';
  state.pushesSinceBest += 1;
  if (state.bestLoss === null || state.modelLoss < state.bestLoss) {
    state.bestLoss = state.modelLoss;
    state.pushesSinceBest = 0;
  }
  if (state.patience > 0 && state.pushesSinceBest >= state.patience) {
    return [{ type: 'stop', reason: `no better validation loss in ${state.patience} pushes` }];
  }
  return judgeNext(state);
}

/** A lost worker's pushes are gone; if one of them was being judged, the next is. */
function forget(state: HermesState, worker: WorkerId): PolicyCommand[] {
  removeWorker(state.sizing, worker);
  if (state.judging === 'push' && state.queue[0]?.worker === worker) state.judging = 'nothing';
  state.queue = state.queue.filter((entry) => entry.worker !== worker);
  return judgeNext(state);
}

interface HermesGates {
  /** Decides in the place of Hermes' gate, where there is one. */
  control: ControlGateState | null;
  own: HermesGateState;
}

export const hermes = definePolicy<HermesState, HermesGates>({
  name: 'hermes',
  title: 'Hermes',
  allocates: 'dual-binary-search',
  summary: 'Workers push only when a z-score on their test loss says the gain is real; pushes weigh by loss.',
  options: {
    ...HERMES_GATE_OPTIONS,
    ...HERMES_CONTROL_OPTIONS,
    ...HERMES_SIZING_OPTIONS,
    probe: {
      kind: 'choice',
      default: 'fixed',
      choices: ['fixed', 'tail'],
      help: 'Test on a fixed held-out set, or on the last 15 % of each iteration’s rows (as released)',
    },
    'probe-samples': {
      kind: 'integer',
      default: 375,
      min: 1,
      max: 100_000,
      unit: 'rows',
      help: 'Size of the fixed held-out set',
    },
    push: {
      kind: 'choice',
      default: 'model',
      choices: ['model', 'sum'],
      help: 'Push the model, or the sum of all gradients ever, pulls not subtracted (as released)',
    },
    draw: {
      kind: 'choice',
      default: 'whole',
      choices: ['whole', 'shard', 'fresh'],
      help: 'Walk through all rows, or through a shard, keeping them on the device; or get rows anew each time (as released)',
    },
    patience: {
      kind: 'integer',
      default: 0,
      min: 0,
      max: 100_000,
      help: 'Stop after this many pushes without a better validation loss; 0 never (released: 25)',
    },
  },
  faithful: {
    decay: 'every-iteration',
    restore: false,
    'min-losses': 2,
    'max-silence': 0,
    probe: 'tail',
    push: 'sum',
    draw: 'fresh',
    median: 'frozen',
    outliers: 'inclusive',
    search: 'released',
    patience: 25,
  },
  carry: (options) => (textOption(options, 'push') === 'sum' ? 'drift' : 'parameters'),
  sampling: (options) => {
    const fixed = textOption(options, 'probe') === 'fixed';
    return {
      draw: textOption(options, 'draw') as Sampling['draw'],
      probe: fixed ? 'fixed' : 'tail',
      probeSize: fixed ? numberOption(options, 'probe-samples') : 0.15,
    };
  },
  start: (setup) => ({
    sizing: startSizing(setup.options, setup),
    queue: [],
    judging: 'nothing',
    version: 0,
    modelLoss: null,
    patience: numberOption(setup.options, 'patience'),
    bestLoss: null,
    pushesSinceBest: 0,
  }),
  step(state, event) {
    switch (event.type) {
      case 'joined':
        return [
          addWorker(state.sizing, event.worker, event.profile.memoryBytes),
          { type: 'release', worker: event.worker, model: true },
        ];
      case 'left':
        return forget(state, event.worker);
      case 'reported':
        return resize(state.sizing, event.worker, event.iteration);
      case 'pushed':
        state.queue.push({ push: event.push, worker: event.worker });
        return [...resize(state.sizing, event.worker, event.iteration), ...judgeNext(state)];
      case 'evaluated':
        if (event.subject === 'model') return modelJudged(state, event.version, event.loss);
        return event.subject === state.queue[0]?.push ? pushJudged(state, event.loss) : [];
      case 'rejected':
        return [{ type: 'release', worker: event.worker, model: true }];
      default:
        return [];
    }
  },
  startGate: (options, random) => ({ control: startControlGate(options, random), own: startHermesGate(options) }),
  gate: ({ control, own }, input) => (control ? controlGate(control) : hermesGate(own, input)),
  retuneGate({ control, own }, options) {
    if (control) control.rate = numberOption(options, 'gate-rate');
    retuneHermesGate(own, options);
  },
});
