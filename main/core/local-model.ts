/**
 * The model that a worker has: what came from the server, what was learnt on it, and what of that
 * goes into a push. One instance belongs to one connection.
 */
import { accumulate, difference } from './aggregate.ts';
import { present } from './assert.ts';
import { ModelReceiver } from './compression/downlink.ts';
import { PushSender } from './compression/uplink.ts';
import { Marks } from './marks.ts';
import type { Vector } from './parameters.ts';
import type { Carry } from './policy/policy.ts';
import type { PushBody, ServerMessage, WorkerPlan } from './protocol/messages.ts';

export class LocalModel {
  readonly #carry: Carry;
  readonly #receiver: ModelReceiver;
  readonly #sender: PushSender;
  /** Models that came on this connection. */
  #received = 0;
  #incoming: { version: number; includes: number; model: Vector; number: number } | undefined;
  #version = 0;
  #local: Vector | undefined;
  #marks: Marks | undefined;
  /** False while `local` is what was last pulled or pushed: there is nothing to carry over then. */
  #hasMoved = false;
  /** The newest iteration ended in numbers that are none: nothing of `local` is worth keeping. */
  #hasDiverged = false;
  /** With `drift`: where all movement is measured from, as if every pull had never happened. */
  #anchor: Vector | undefined;

  constructor(plan: WorkerPlan, size: number) {
    this.#carry = plan.carry;
    this.#receiver = new ModelReceiver(plan, size);
    this.#sender = new PushSender(plan);
  }

  /** Undefined before the first model. */
  get parameters(): Vector | undefined {
    return this.#local;
  }

  /** Keeps a model for the next iteration; a newer one takes its place. @throws CAD-PROTOCOL */
  receive(message: ServerMessage & { kind: 'model' }): void {
    const { version, includes } = message;
    const model = this.#receiver.receive(message);
    this.#received += 1;
    this.#incoming = { version, includes, model, number: this.#received };
  }

  /** Goes on from the newest model, if one has come, and what it does not include of the worker's own. */
  take(): void {
    if (this.#incoming === undefined) return;
    const { version, includes, model, number } = this.#incoming;
    this.#incoming = undefined;
    this.#version = version;
    this.#sender.pulled(model, number);
    if (this.#local !== undefined && this.#marks !== undefined && !this.#hasDiverged) {
      const next = this.#marks.rebase(model, includes, this.#local, this.#hasMoved);
      if (this.#anchor) accumulate(this.#anchor, 1, difference(next, this.#local));
      this.#local = next;
    } else {
      this.#marks = new Marks(model);
      if (this.#carry === 'drift') this.#anchor = model.slice();
      this.#local = model;
    }
    this.#hasDiverged = false;
    // What was received is shared, and steps change the local model in place; a gradient does not.
    if (this.#local === model && this.#carry !== 'gradient') this.#local = model.slice();
  }

  /** An iteration has ended. `parameters` may be the very vector that it began with. */
  trained(parameters: Vector, { hasMoved, hasDiverged }: { hasMoved: boolean; hasDiverged: boolean }): void {
    this.#local = parameters;
    this.#hasMoved = hasMoved;
    this.#hasDiverged = hasDiverged;
  }

  /** What a push with this sequence carries. */
  push(sequence: number, gradient?: Vector): PushBody & { baseVersion: number } {
    const local = present(this.#local, 'local model');
    const marks = present(this.#marks, 'marks');
    const carried = {
      gradient: () => present(gradient, 'gradient'),
      delta: () => difference(local, marks.base),
      parameters: () => local,
      drift: () => difference(local, present(this.#anchor, 'anchor')),
    }[this.#carry]();
    const body = this.#sender.encode(carried);
    marks.push(sequence, local, this.#hasMoved);
    this.#hasMoved = false;
    return { baseVersion: this.#version, ...body };
  }
}
