/**
 * The policy interface: what a synchronization model sees and what it may ask for.
 *
 * A policy has two halves in one file. The *server half* is told what happened and answers with
 * commands. The *gate* runs on each worker and is asked, after every local iteration, whether to
 * push. Both halves see summaries (who, which version, loss, samples, milliseconds), never tensors:
 * their state is plain JSON, so a run can be logged, replayed and compared.
 */
import type { DeviceProfile } from '../cost.ts';
import type { SgdSettings } from '../optimizer.ts';
import type { PrngState } from '../prng.ts';
import type { OptionSchema, OptionValues } from './options.ts';

export type WorkerId = string;
/** Names one push in the server's push table; unique within a run. */
export type PushId = number;

/**
 * What a push carries, and so what a local iteration is.
 * - `gradient`: the mean gradient over the iteration's samples, at the model last pulled.
 * - `delta`: what the worker moved since its last pull.
 * - `parameters`: the worker's whole model.
 * - `drift`: all that the worker ever moved, pulls not subtracted (Hermes as released).
 */
export type Carry = 'gradient' | 'delta' | 'parameters' | 'drift';

/** The work of one local iteration: `epochs` passes over `samples` rows in mini-batches of `batch`. */
export interface Assignment {
  /** Rows of one local iteration (Hermes: dataset size). */
  samples: number;
  /** Rows of one optimizer step (mini-batch size). */
  batch: number;
  /** Passes over the rows in one local iteration. */
  epochs: number;
  /** For gates that push by the clock: time from one push to the next. */
  commitPeriodMs?: number;
  /** For gates that bound staleness: the worker goes on unasked until its clock is at this. */
  untilClock?: number;
}

/**
 * Why a worker pushed where it need not have.
 * - `significant`: its gain is larger than the usual noise. `silence`: it had not pushed for too long.
 * - `chance`, `period`: a gate that does not look at the gain.
 * - `asked`: the server wanted what the worker has. `diverged`: to have a good model back.
 */
export const PUSH_REASONS = ['significant', 'silence', 'chance', 'period', 'asked', 'diverged'] as const;
export type PushReason = (typeof PUSH_REASONS)[number];

/** One local iteration as the worker reports it. */
export interface IterationSummary {
  /** Local iterations this worker has finished in this incarnation, this one included. */
  clock: number;
  /** Optimizer steps taken. */
  steps: number;
  /** Rows processed, every pass counted. */
  samples: number;
  batch: number;
  /** Mean training loss over the iteration. */
  loss: number;
  /** Mean loss on the worker's held-out probe rows after the iteration, where the policy asks for it. */
  probeLoss?: number;
  /** Mean over the steps of the squared L2 norm of the gradient, where the policy asks for it. */
  gradientNormSquared?: number;
  /** Time in training steps. */
  computeMs: number;
  /** Time between asking for a model and having it, since the iteration before. */
  waitMs: number;
  /** What the gate wants on record, such as a z-score and its threshold. */
  notes?: Record<string, number>;
  /** Why it was pushed; absent where it was not, or where every iteration is. */
  pushReason?: PushReason;
}

/** The model that loss and accuracy belong to: the global one, or the one that a push implies. */
export type EvaluationSubject = 'model' | PushId;

export type PolicyEvent =
  | { type: 'joined'; nowMs: number; worker: WorkerId; profile: DeviceProfile }
  | { type: 'left'; nowMs: number; worker: WorkerId }
  | {
      type: 'pushed';
      nowMs: number;
      worker: WorkerId;
      push: PushId;
      /** Versions that the model has advanced since the worker pulled. */
      staleness: number;
      /** The worker does nothing until it is released. */
      waits: boolean;
      iteration: IterationSummary;
    }
  | { type: 'reported'; nowMs: number; worker: WorkerId; iteration: IterationSummary }
  | { type: 'flagged'; nowMs: number; worker: WorkerId; iteration: IterationSummary }
  | {
      type: 'evaluated';
      nowMs: number;
      subject: EvaluationSubject;
      /** Version of the global model that was judged, or that was current when a push was judged. */
      version: number;
      loss: number;
      accuracy: number;
    }
  /** A push was refused (not finite, wrong size); its worker waits if it said so. */
  | { type: 'rejected'; nowMs: number; worker: WorkerId }
  /** The user has changed options while the run goes on: all values, of which only those marked live differ. */
  | { type: 'options'; nowMs: number; options: OptionValues }
  | { type: 'woke'; nowMs: number };

export type PolicyCommand =
  /**
   * One new model version from pushes in the table, in the order given. With gradients:
   * `w -= eta * sum(weight * g)`; with deltas: `w += sum(weight * delta)`; with parameters and
   * drifts: `w = keep * w + sum(weight * w_i)`.
   */
  | { type: 'apply'; pushes: readonly { push: PushId; weight: number }[]; keep?: number }
  /** Forgets a push without using it. */
  | { type: 'drop'; push: PushId; reason: string }
  /** Lets a worker start its next local iteration, on the newest model or on its own. */
  | { type: 'release'; worker: WorkerId; model: boolean }
  /** Asks a worker for what it has after its current local iteration. */
  | { type: 'collect'; worker: WorkerId }
  | { type: 'assign'; worker: WorkerId; assignment: Assignment; reason: string }
  | { type: 'evaluate'; subject: EvaluationSubject }
  /** A `woke` event at `atMs`; a later request replaces an earlier one. */
  | { type: 'wake'; atMs: number }
  | { type: 'stop'; reason: string };

/**
 * What the worker does after a local iteration. Who would go on with more than a handful of pushes
 * unanswered waits in any case: the worker's machine sees to that, so that no gate can drown a slow link.
 */
export type Verdict = 'continue' | 'push-and-wait' | 'push-and-go-on' | 'flag';

/** What a gate sees after a local iteration. */
export interface GateInput {
  /** On the worker's own clock, which is nobody else's. */
  nowMs: number;
  iteration: IterationSummary;
  assignment: Assignment;
  /** Pushes of this worker that the server has not answered yet: what the network, or the server, is behind by. */
  unanswered: number;
}

export interface GateAnswer {
  verdict: Verdict;
  /** With a push: why, where the policy does not push after every iteration. */
  reason?: PushReason;
  notes?: Record<string, number>;
}

/** What a policy knows when a run starts. */
export interface PolicySetup {
  options: OptionValues;
  /** The run's mini-batch size, the starting point of every worker. */
  batch: number;
  /** Rows of the training split. */
  trainRows: number;
  /** Bytes of one training row on a device. */
  rowBytes: number;
  random: PrngState;
}

export interface Policy<ServerState = unknown, GateState = unknown> {
  readonly name: string;
  readonly title: string;
  /** One sentence for forms and tables. */
  readonly summary: string;
  readonly options: OptionSchema;
  /** Option values under which the policy behaves as its authors' released code does. */
  readonly faithful?: OptionValues;
  carry(options: OptionValues): Carry;
  /** How the worker draws rows and what it keeps aside; absent: its shard, no probe. */
  sampling?(options: OptionValues): Sampling;
  start(setup: PolicySetup): ServerState;
  /** Reacts to one event: may change `state` in place, and returns commands in the order to perform. */
  step(state: ServerState, event: PolicyEvent): PolicyCommand[];
  /** `random`: a generator of this worker's own. */
  startGate(options: OptionValues, random: PrngState): GateState;
  /** Asked after every local iteration; may change `state` in place. */
  gate(state: GateState, input: GateInput): GateAnswer;
  /** Takes new option values into a gate that is at work; absent: no live option concerns the gate. */
  retuneGate?(state: GateState, options: OptionValues): void;
  /** True when the gate or the server half reads `gradientNormSquared`. */
  readonly measuresGradientNorm?: boolean;
  /** It sizes workers' work by their speed itself; see `allocated.ts` for one that does so in its place. */
  readonly allocates?: 'proportional' | 'dual-binary-search';
  /** How the server moves along an aggregate of deltas; absent: by the aggregate itself. */
  outerOptimizer?(options: OptionValues): SgdSettings;
}

export interface Sampling {
  /**
   * `shard`: the worker walks through its own part of the training set. `whole`: through all of it,
   * starting at its part; rows stay on the device. `fresh`: every local iteration gets rows drawn
   * anew from the whole set, shipped again each time.
   */
  draw: 'shard' | 'whole' | 'fresh';
  /** Where probe rows come from: none, a fixed held-out set, or the tail of the iteration's own rows. */
  probe: 'none' | 'fixed' | 'tail';
  /** Rows of the probe set (`fixed`), or share of the iteration's rows in [0, 1) (`tail`). */
  probeSize: number;
}

export const PLAIN_SAMPLING: Sampling = { draw: 'shard', probe: 'none', probeSize: 0 };

/** Types a policy's two states inside its own file and hides them from everyone else. */
export function definePolicy<ServerState, GateState>(policy: Policy<ServerState, GateState>): Policy {
  return policy;
}
