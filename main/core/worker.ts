/**
 * The worker's side of the protocol, as a machine: messages and finished iterations in, messages and
 * work out. It owns the local model and decides nothing about the world; a host moves its bytes and
 * does its training.
 *
 *   connecting → idle → fetching → training → (waiting →) fetching → …
 *
 * One rule covers every way of pushing: when a model arrives, the worker goes on from it and what the
 * model does not include of the worker's own (`marks.ts`); for one that waited, from the model itself.
 */
import { assert, present, unreachable } from './assert.ts';
import type { DeviceProfile } from './cost.ts';
import { LocalModel } from './local-model.ts';
import { MAX_MARKS } from './marks.ts';
import { modelLayout, type ModelSpec, validateModel } from './model.ts';
import type { Vector } from './parameters.ts';
import type { Assignment, IterationSummary, Policy, PushReason, WorkerId } from './policy/policy.ts';
import { prng } from './prng.ts';
import { type Orders, ROWS_PER_BLOCK, type ServerMessage, type WorkerPlan } from './protocol/messages.ts';
import { protocolError } from './protocol/shape.ts';
import { RowFeed } from './row-feed.ts';
import { probePositions, trainingOrder, Walk } from './sampling.ts';
import type { Trained, Work, WorkerInput, WorkerOutput } from './worker-io.ts';

export type { Trained, Work, WorkerInput, WorkerOutput } from './worker-io.ts';

/** Rows are fetched this far ahead of short iterations, so that a round trip does not stop training. */
const ROWS_AHEAD = 4 * ROWS_PER_BLOCK;

/** Rows of one local iteration, every pass counted: their order takes 256 MiB. */
const MAX_ROWS_PER_ITERATION = 2 ** 26;

/** With as many pushes unanswered a worker waits, whatever its gate says: more could not be told apart. */
export const MAX_UNANSWERED = MAX_MARKS;

/** `waiting`: for the server's answer. `paused`: would train on, were the run not paused. */
type Phase = 'connecting' | 'idle' | 'fetching' | 'training' | 'waiting' | 'paused' | 'stopped';

export class Worker {
  readonly #id: WorkerId;
  readonly #profile: DeviceProfile;
  readonly #policyNamed: (name: string) => Policy;

  #phase: Phase = 'connecting';
  #plan: WorkerPlan | undefined;
  #policy: Policy | undefined;
  #gateState: unknown;
  #model: LocalModel | undefined;
  #walk: Walk | undefined;
  #feed: RowFeed | undefined;
  #fixedProbe: Uint32Array<ArrayBuffer> = new Uint32Array(0);

  #orders: Orders | undefined;
  #clock = 0;
  #sequence = 0;
  /** Sequences of the pushes that no answer has covered. */
  #unanswered: number[] = [];
  #workId = 0;
  /** What the host is training on. */
  #work: Work | undefined;
  /** Positions of the iteration that is fetched for or under way, and the assignment that they were drawn for. */
  #window: Uint32Array<ArrayBuffer> = new Uint32Array(0);
  #assignment: Assignment | undefined;
  #collectAsked = false;
  /** The run is paused: no iteration begins, and waiting is not counted. */
  #isPaused = false;
  /** The newest iteration's summary. */
  #reported: IterationSummary | undefined;
  #waitingSinceMs: number | undefined;
  #waitMs = 0;

  /** `policyNamed` finds the policy that the plan names; it throws when there is none. */
  constructor(id: WorkerId, profile: DeviceProfile, policyNamed: (name: string) => Policy) {
    this.#id = id;
    this.#profile = profile;
    this.#policyNamed = policyNamed;
  }

  get phase(): Phase {
    return this.#phase;
  }

  /**
   * Takes one input; the host performs all outputs in order before it gives the next.
   * @throws CAD-PROTOCOL when the server breaks the protocol.
   */
  handle(input: WorkerInput): WorkerOutput[] {
    if (this.#phase === 'stopped') return [];
    switch (input.type) {
      case 'message':
        return this.#receive(input.nowMs, input.message);
      case 'trained':
        return input.result.id === this.#work?.id ? this.#finishIteration(input.nowMs, input.result, this.#work) : [];
      case 'disconnected':
        this.#phase = 'connecting';
        this.#work = undefined; // what is being trained is for a connection that is gone
        this.#feed?.disconnected();
        return [];
    }
  }

  #receive(nowMs: number, message: ServerMessage): WorkerOutput[] {
    switch (message.kind) {
      case 'challenge':
        return []; // answered by the host, which holds the token
      case 'welcome':
        if (this.#phase !== 'connecting') throw protocolError('a second welcome on one connection');
        return this.#join(message.plan);
      case 'model': {
        const plan = this.#joined();
        this.#takeOrders(message.orders, plan);
        present(this.#model, 'model').receive(message);
        return this.#released(message.answers) ? this.#goOn(nowMs) : [];
      }
      case 'orders':
        this.#takeOrders(message.orders, this.#joined());
        return [];
      case 'options':
        this.#plan = { ...this.#joined(), options: message.options };
        this.#policy?.retuneGate?.(this.#gateState, message.options);
        return [];
      case 'release':
        this.#takeOrders(message.orders, this.#joined());
        return this.#released(message.answers) ? this.#goOn(nowMs) : [];
      case 'collect':
        return this.#collect();
      case 'pause':
        this.#stopWaiting(nowMs);
        this.#isPaused = true;
        return [];
      case 'resume':
        this.#isPaused = false;
        if (this.#phase === 'paused') return this.#goOn(nowMs);
        if (this.#phase === 'waiting' || this.#phase === 'fetching') this.#startWaiting(nowMs);
        return [];
      case 'rows': {
        const { trainRows, probeRows, featureSize } = this.#joined();
        const { block, count, payload } = message;
        if (!this.#feed?.arrived(block)) throw protocolError(`rows of block ${block}, which nobody asked for`);
        const expected = Math.min(ROWS_PER_BLOCK, trainRows + probeRows - block * ROWS_PER_BLOCK);
        if (count !== expected || payload.length !== count * (featureSize + 1)) {
          throw protocolError(`${count} rows in ${payload.length} bytes for block ${block} of ${expected} rows`);
        }
        const stored: WorkerOutput = { type: 'store-rows', block, count, payload };
        return [stored, ...(this.#phase === 'fetching' ? this.#fetchOrTrain(nowMs) : this.#requestRows())];
      }
      case 'stop':
        this.#phase = 'stopped';
        return [{ type: 'stopped', reason: message.reason }];
      default:
        return unreachable(message);
    }
  }

  /** A welcome after a reconnection finds the rows of the same run still here. */
  #join(plan: WorkerPlan): WorkerOutput[] {
    this.#plan = plan;
    this.#policy = this.#policyNamed(plan.policy);
    this.#gateState = this.#policy.startGate(plan.options, prng(plan.seed, 'gate', this.#id));
    this.#model = new LocalModel(plan, modelLayout(knownModel(plan.model)).size);
    this.#walk ??= new Walk(plan.seed, this.#id, plan);
    this.#feed ??= new RowFeed();
    this.#fixedProbe = plan.sampling.probe === 'fixed' ? probePositions(plan.seed, this.#id, plan) : new Uint32Array(0);
    this.#clock = 0;
    this.#sequence = 0;
    this.#unanswered = [];
    this.#collectAsked = false;
    this.#isPaused = false;
    this.#phase = 'idle';
    this.#waitingSinceMs = undefined; // what passes before the first model is not time of the run
    this.#waitMs = 0;
    return [{ type: 'send', message: { kind: 'ready', profile: this.#profile } }];
  }

  #joined(): WorkerPlan {
    if (this.#plan === undefined || this.#phase === 'connecting') throw protocolError('a message before the welcome');
    return this.#plan;
  }

  /** A waiting worker goes on when its last message has been answered, not when an older one is. */
  #released(answers: number): boolean {
    if (answers > this.#sequence) throw protocolError(`an answer to message ${answers}, which was not sent`);
    this.#unanswered = this.#unanswered.filter((sequence) => sequence > answers);
    return this.#phase === 'idle' || (this.#phase === 'waiting' && answers === this.#sequence);
  }

  #takeOrders(orders: Orders, plan: WorkerPlan): void {
    const { assignment, shard } = orders;
    if (
      assignment.samples < 1 ||
      assignment.batch < 1 ||
      assignment.epochs < 1 ||
      assignment.samples * assignment.epochs > MAX_ROWS_PER_ITERATION ||
      shard.length < 1 ||
      shard.start + shard.length > plan.trainRows
    ) {
      throw protocolError(`orders that cannot be followed: ${JSON.stringify(orders)}`);
    }
    this.#orders = orders;
    this.#walk?.assign(shard);
  }

  /** Starts the next iteration, on the newest model if one has come; in a pause, after it. */
  #goOn(nowMs: number): WorkerOutput[] {
    if (this.#isPaused) {
      this.#phase = 'paused';
      return [];
    }
    const model = present(this.#model, 'model');
    model.take();
    if (model.parameters === undefined) return [];
    const { assignment } = present(this.#orders, 'orders');
    const walk = present(this.#walk, 'walk');
    this.#window = walk.next(assignment.samples);
    this.#assignment = assignment;
    const feed = present(this.#feed, 'feed');
    const outputs: WorkerOutput[] = [];
    if (this.#plan?.sampling.draw === 'fresh') {
      const blocks = feed.forgetAllBut(this.#fixedProbe);
      if (blocks.length > 0) outputs.push({ type: 'forget-rows', blocks });
    }
    feed.need(concatenate(this.#window, this.#fixedProbe), walk.upcoming(Math.max(assignment.samples, ROWS_AHEAD)));
    this.#phase = 'fetching';
    this.#startWaiting(nowMs);
    return [...outputs, ...this.#fetchOrTrain(nowMs)];
  }

  #requestRows(): WorkerOutput[] {
    return present(this.#feed, 'feed')
      .requests()
      .map((block) => ({ type: 'send', message: { kind: 'rows-wanted', block } }));
  }

  #fetchOrTrain(nowMs: number): WorkerOutput[] {
    const requests = this.#requestRows();
    if (!present(this.#feed, 'feed').complete) return requests;
    const plan = present(this.#plan, 'plan');
    const assignment = present(this.#assignment, 'assignment');
    this.#stopWaiting(nowMs);
    this.#phase = 'training';
    const { train, probe } = this.#splitWindow(plan);
    this.#work = {
      id: ++this.#workId,
      mode: plan.carry === 'gradient' ? 'gradient' : 'steps',
      parameters: present(this.#model?.parameters, 'local model'),
      order: trainingOrder(train, assignment.epochs, plan.seed, this.#id, this.#clock),
      batch: assignment.batch,
      epochs: assignment.epochs,
      learningRate: plan.learningRate,
      momentum: plan.momentum,
      gradientNorm: plan.gradientNorm,
      probe,
    };
    return [...requests, { type: 'train', work: this.#work }];
  }

  #splitWindow(plan: WorkerPlan): { train: Uint32Array<ArrayBuffer>; probe: Uint32Array<ArrayBuffer> } {
    if (plan.sampling.probe !== 'tail') return { train: this.#window, probe: this.#fixedProbe };
    const { length } = this.#window;
    // At least one row to train on and, where there are two, one to test on.
    const cut = Math.max(1, Math.min(length - 1, Math.round(length * (1 - plan.sampling.probeSize))));
    return { train: this.#window.subarray(0, cut), probe: this.#window.subarray(cut) };
  }

  #finishIteration(nowMs: number, result: Trained, work: Work): WorkerOutput[] {
    assert(this.#phase === 'training', 'only a worker in training finishes an iteration');
    this.#work = undefined;
    const policy = present(this.#policy, 'policy');
    const hasDiverged = !Number.isFinite(result.loss) || !Number.isFinite(result.probeLoss ?? 0);
    present(this.#model, 'model').trained(result.parameters, { hasMoved: work.mode === 'steps', hasDiverged });
    this.#clock += 1;
    this.#sequence += 1;
    const iteration: IterationSummary = {
      clock: this.#clock,
      steps: result.steps,
      samples: work.order.length,
      batch: work.batch,
      loss: result.loss,
      ...(result.probeLoss !== undefined && { probeLoss: result.probeLoss }),
      ...(result.gradientNormSquared !== undefined && { gradientNormSquared: result.gradientNormSquared }),
      computeMs: result.computeMs,
      waitMs: this.#waitMs,
    };
    this.#waitMs = 0;
    this.#reported = iteration;
    const { assignment } = present(this.#orders, 'orders');
    const unanswered = this.#unanswered.length;
    const answer = policy.gate(this.#gateState, { nowMs, iteration, assignment, unanswered });
    if (answer.notes) iteration.notes = answer.notes;
    const isFarAhead = answer.verdict === 'push-and-go-on' && unanswered + 1 >= MAX_UNANSWERED;
    // A diverged model is pushed whatever the gate says: it is refused, and a good one comes back.
    const verdict = this.#collectAsked || hasDiverged || isFarAhead ? 'push-and-wait' : answer.verdict;
    switch (verdict) {
      case 'continue':
        return [this.#report('report', iteration), ...this.#goOn(nowMs)];
      case 'flag':
        this.#wait(nowMs);
        return [this.#report('flag', iteration)];
      case 'push-and-wait': {
        const reason = answer.reason ?? (this.#collectAsked ? 'asked' : hasDiverged ? 'diverged' : undefined);
        const push = this.#push(iteration, true, result.gradient, reason);
        this.#wait(nowMs);
        return [push];
      }
      case 'push-and-go-on':
        return [this.#push(iteration, false, result.gradient, answer.reason), ...this.#goOn(nowMs)];
    }
  }

  /** A worker that waits pushes what it has at once, with a summary of no further work. */
  #collect(): WorkerOutput[] {
    if (this.#phase !== 'waiting' || this.#plan?.carry === 'gradient' || this.#reported === undefined) {
      this.#collectAsked = true;
      return [];
    }
    this.#sequence += 1;
    const idle = { ...this.#reported, steps: 0, samples: 0, computeMs: 0, waitMs: 0 };
    return [this.#push(idle, true, undefined, 'asked')];
  }

  #report(kind: 'report' | 'flag', iteration: IterationSummary): WorkerOutput {
    return { type: 'send', message: { kind, sequence: this.#sequence, iteration } };
  }

  #push(summary: IterationSummary, waits: boolean, gradient?: Vector, pushReason?: PushReason): WorkerOutput {
    this.#collectAsked = false;
    const iteration = pushReason === undefined ? summary : { ...summary, pushReason };
    const sequence = this.#sequence;
    this.#unanswered.push(sequence);
    const { baseVersion, ...body } = present(this.#model, 'model').push(sequence, gradient);
    return { type: 'send', message: { kind: 'push', sequence, baseVersion, waits, iteration, ...body } };
  }

  #wait(nowMs: number): void {
    this.#phase = 'waiting';
    this.#startWaiting(nowMs);
  }

  #startWaiting(nowMs: number): void {
    if (!this.#isPaused) this.#waitingSinceMs ??= nowMs;
  }

  #stopWaiting(nowMs: number): void {
    if (this.#waitingSinceMs !== undefined) this.#waitMs += nowMs - this.#waitingSinceMs;
    this.#waitingSinceMs = undefined;
  }
}

/** A newer server can name layers that this worker does not know. */
function knownModel(model: unknown): ModelSpec {
  try {
    return validateModel(model);
  } catch (error) {
    throw protocolError(`a model that this worker does not know: ${error instanceof Error ? error.message : ''}`);
  }
}

function concatenate(left: Uint32Array, right: Uint32Array): Uint32Array {
  if (right.length === 0) return left;
  const both = new Uint32Array(left.length + right.length);
  both.set(left);
  both.set(right, left.length);
  return both;
}
