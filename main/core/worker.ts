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
import { accumulate, difference } from './aggregate.ts';
import { assert, present, unreachable } from './assert.ts';
import { decodeVector, encodedBytes, encodeVector } from './compression/encoding.ts';
import { modelLayout, type ModelSpec, validateModel } from './model.ts';
import type { DeviceProfile } from './cost.ts';
import { Marks } from './marks.ts';
import type { Vector } from './parameters.ts';
import type { Assignment, IterationSummary, Policy, WorkerId } from './policy/policy.ts';
import { prng } from './prng.ts';
import {
  type Orders,
  ROWS_PER_BLOCK,
  type ServerMessage,
  type WorkerMessage,
  type WorkerPlan,
} from './protocol/messages.ts';
import { protocolError } from './protocol/shape.ts';
import { RowFeed } from './row-feed.ts';
import { probePositions, trainingOrder, Walk } from './sampling.ts';

/** One local iteration, for the host to do. `parameters` are lent until `trained` brings them back. */
export interface Work {
  id: number;
  /** `gradient`: the mean gradient over the rows, parameters untouched. `steps`: optimizer steps. */
  mode: 'gradient' | 'steps';
  parameters: Vector;
  /** Positions of the rows in training order, all epochs one behind the other. */
  order: Uint32Array<ArrayBuffer>;
  batch: number;
  epochs: number;
  learningRate: number;
  momentum: number;
  /** Report the mean squared norm of the gradients. */
  gradientNorm: boolean;
  /** Positions of rows to judge the local model on afterwards; empty for none. */
  probe: Uint32Array<ArrayBuffer>;
}

export interface Trained {
  id: number;
  /** The vector that the work lent, changed in `steps` mode. */
  parameters: Vector;
  /** In `gradient` mode. */
  gradient?: Vector;
  loss: number;
  steps: number;
  computeMs: number;
  probeLoss?: number;
  gradientNormSquared?: number;
}

export type WorkerInput =
  | { type: 'message'; nowMs: number; message: ServerMessage }
  | { type: 'trained'; nowMs: number; result: Trained }
  | { type: 'disconnected'; nowMs: number };

export type WorkerOutput =
  | { type: 'send'; message: WorkerMessage }
  /** Keep these rows: `count` rows from position `block * ROWS_PER_BLOCK`, features then labels. */
  | { type: 'store-rows'; block: number; count: number; payload: Uint8Array }
  | { type: 'forget-rows'; blocks: readonly number[] }
  | { type: 'train'; work: Work }
  | { type: 'stopped'; reason: string };

/** Rows are fetched this far ahead of short iterations, so that a round trip does not stop training. */
const ROWS_AHEAD = 4 * ROWS_PER_BLOCK;

/** Rows of one local iteration, every pass counted: their order takes 256 MiB. */
const MAX_ROWS_PER_ITERATION = 2 ** 26;

type Phase = 'connecting' | 'idle' | 'fetching' | 'training' | 'waiting' | 'stopped';

export class Worker {
  readonly #id: WorkerId;
  readonly #profile: DeviceProfile;
  readonly #policyNamed: (name: string) => Policy;

  #phase: Phase = 'connecting';
  #plan: WorkerPlan | undefined;
  #policy: Policy | undefined;
  #gateState: unknown;
  #size = 0;
  #walk: Walk | undefined;
  #feed: RowFeed | undefined;
  #fixedProbe: Uint32Array<ArrayBuffer> = new Uint32Array(0);

  #orders: Orders | undefined;
  #local: Vector | undefined;
  #marks: Marks | undefined;
  /** False while `local` is what was last pulled or pushed: there is nothing to carry over then. */
  #hasMoved = false;
  /** The newest iteration ended in numbers that are none: nothing of `local` is worth keeping. */
  #hasDiverged = false;
  /** With `drift`: where all movement is measured from, as if every pull had never happened. */
  #anchor: Vector | undefined;
  #incoming: { version: number; includes: number; model: Vector } | undefined;
  #version = 0;

  #clock = 0;
  #sequence = 0;
  #workId = 0;
  /** What the host is training on. */
  #work: Work | undefined;
  /** Positions of the iteration that is fetched for or under way, and the assignment that they were drawn for. */
  #window: Uint32Array<ArrayBuffer> = new Uint32Array(0);
  #assignment: Assignment | undefined;
  #collectAsked = false;
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
        return this.#join(nowMs, message.plan);
      case 'model': {
        const plan = this.#joined();
        if (message.payload.length !== encodedBytes(message.encoding, this.#size)) {
          throw protocolError(`a model of ${message.payload.length} bytes for ${this.#size} parameters`);
        }
        this.#takeOrders(message.orders, plan);
        this.#incoming = {
          version: message.version,
          includes: message.includes,
          model: decodeVector(message.encoding, message.payload, this.#size),
        };
        return this.#released(message.answers) ? this.#goOn(nowMs) : [];
      }
      case 'orders':
        this.#takeOrders(message.orders, this.#joined());
        return [];
      case 'release':
        this.#takeOrders(message.orders, this.#joined());
        return this.#released(message.answers) ? this.#goOn(nowMs) : [];
      case 'collect':
        return this.#collect();
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
  #join(nowMs: number, plan: WorkerPlan): WorkerOutput[] {
    this.#plan = plan;
    this.#policy = this.#policyNamed(plan.policy);
    this.#gateState = this.#policy.startGate(plan.options, prng(plan.seed, 'gate', this.#id));
    this.#size = modelLayout(knownModel(plan.model)).size;
    this.#walk ??= new Walk(plan.seed, this.#id, plan);
    this.#feed ??= new RowFeed();
    this.#fixedProbe = plan.sampling.probe === 'fixed' ? probePositions(plan.seed, this.#id, plan) : new Uint32Array(0);
    this.#local = undefined;
    this.#hasMoved = false;
    this.#incoming = undefined;
    this.#clock = 0;
    this.#sequence = 0;
    this.#collectAsked = false;
    this.#phase = 'idle';
    this.#startWaiting(nowMs);
    return [{ type: 'send', message: { kind: 'ready', profile: this.#profile } }];
  }

  #joined(): WorkerPlan {
    if (this.#plan === undefined || this.#phase === 'connecting') throw protocolError('a message before the welcome');
    return this.#plan;
  }

  /** A waiting worker goes on when its last message has been answered, not when an older one is. */
  #released(answers: number): boolean {
    if (answers > this.#sequence) throw protocolError(`an answer to message ${answers}, which was not sent`);
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

  /** Starts the next iteration, on the newest model if one has come. */
  #goOn(nowMs: number): WorkerOutput[] {
    this.#takeIncoming();
    if (this.#local === undefined) return [];
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

  #takeIncoming(): void {
    if (this.#incoming === undefined) return;
    const { version, includes, model } = this.#incoming;
    this.#incoming = undefined;
    this.#version = version;
    if (this.#local !== undefined && this.#marks !== undefined && !this.#hasDiverged) {
      this.#marks.rebase(model, includes, this.#local, this.#hasMoved);
      if (this.#anchor) accumulate(this.#anchor, 1, difference(model, this.#local));
    } else {
      this.#marks = new Marks(model.slice());
      if (this.#plan?.carry === 'drift') this.#anchor = model.slice();
    }
    this.#hasDiverged = false;
    this.#local = model;
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
      parameters: present(this.#local, 'local model'),
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
    this.#local = result.parameters;
    this.#hasMoved = work.mode === 'steps';
    this.#hasDiverged = !Number.isFinite(result.loss) || !Number.isFinite(result.probeLoss ?? 0);
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
    const answer = policy.gate(this.#gateState, { nowMs, iteration, assignment });
    if (answer.notes) iteration.notes = answer.notes;
    // A diverged model is pushed whatever the gate says: it is refused, and a good one comes back.
    const verdict = this.#collectAsked || this.#hasDiverged ? 'push-and-wait' : answer.verdict;
    switch (verdict) {
      case 'continue':
        return [this.#report('report', iteration), ...this.#goOn(nowMs)];
      case 'flag':
        this.#wait(nowMs);
        return [this.#report('flag', iteration)];
      case 'push-and-wait': {
        const push = this.#push(iteration, true, result.gradient);
        this.#wait(nowMs);
        return [push];
      }
      case 'push-and-go-on':
        return [this.#push(iteration, false, result.gradient), ...this.#goOn(nowMs)];
    }
  }

  /** A worker that waits pushes what it has at once, with a summary of no further work. */
  #collect(): WorkerOutput[] {
    if (this.#phase !== 'waiting' || this.#plan?.carry === 'gradient' || this.#reported === undefined) {
      this.#collectAsked = true;
      return [];
    }
    this.#sequence += 1;
    return [this.#push({ ...this.#reported, steps: 0, samples: 0, computeMs: 0, waitMs: 0 }, true)];
  }

  #report(kind: 'report' | 'flag', iteration: IterationSummary): WorkerOutput {
    return { type: 'send', message: { kind, sequence: this.#sequence, iteration } };
  }

  #push(iteration: IterationSummary, waits: boolean, gradient?: Vector): WorkerOutput {
    const { encoding, carry } = present(this.#plan, 'plan');
    const local = present(this.#local, 'local model');
    const marks = present(this.#marks, 'marks');
    const carried = {
      gradient: () => present(gradient, 'gradient'),
      delta: () => difference(local, marks.base),
      parameters: () => local,
      drift: () => difference(local, present(this.#anchor, 'anchor')),
    }[carry]();
    this.#collectAsked = false;
    marks.push(this.#sequence, local);
    this.#hasMoved = false;
    return {
      type: 'send',
      message: {
        kind: 'push',
        sequence: this.#sequence,
        baseVersion: this.#version,
        waits,
        iteration,
        encoding,
        // A copy: the encoding may be a view of a vector that training goes on to change.
        payload: encodeVector(encoding, carried).slice(),
      },
    };
  }

  #wait(nowMs: number): void {
    this.#phase = 'waiting';
    this.#startWaiting(nowMs);
  }

  #startWaiting(nowMs: number): void {
    this.#waitingSinceMs ??= nowMs;
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
