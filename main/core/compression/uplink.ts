/**
 * Pushes on their way to the server, both ends.
 *
 * With feedback, what a push loses stays with the worker and is added to a later push (error feedback:
 * Seide et al. 2014, Karimireddy et al. 2019), so all that was ever decoded and what still is to be
 * sent add up to all that was to be sent. The worker encodes `value − base` and gets to know what the
 * server decodes, `sent`:
 *
 * - `gradient`, `delta`: the base is the residual, negated: `base = sent − (value − base)`.
 * - `drift` is a sum that only grows: the base is what the server has of it, `base += sent`.
 * - `parameters` are told as the difference to a model that the server sent and the push names. What a
 *   push missed is still in the local model, until a pull replaces that: then it is owed,
 *   `base = model − missed` (Qsparse-local-SGD, Basu et al. 2019).
 *
 * A push that is never made leaves the base as it is, and so does one of values that are not finite:
 * the server refuses it. What the policy does with a push does not matter here; both ends start anew
 * with every connection.
 */
import { difference, sum } from '../aggregate.ts';
import { isFinite, type Vector } from '../parameters.ts';
import type { Carry, WorkerId } from '../policy/policy.ts';
import type { PushBody, WorkerPlan } from '../protocol/messages.ts';
import { protocolError } from '../protocol/shape.ts';
import { decodeVector, type Encoding, encodedBytes, encodeVector, hasFeedback } from './encoding.ts';

type Encodings = Pick<WorkerPlan, 'carry' | 'encoding'>;

/** A worker's end of one connection. */
export class PushSender {
  readonly #carry: Carry;
  readonly #encoding: Encoding;
  #base: Vector | undefined;
  /** With parameters: what the newest push missed. */
  #missed: Vector | undefined;
  /** With parameters: the number of the model that pushes start from, among those of the connection. */
  #pull = 0;

  constructor({ carry, encoding }: Encodings) {
    this.#carry = carry;
    this.#encoding = encoding;
  }

  /** The worker goes on from this model, which nobody changes. */
  pulled(model: Vector, number: number): void {
    if (this.#carry !== 'parameters' || !hasFeedback(this.#encoding)) return;
    this.#pull = number;
    this.#base = this.#missed === undefined ? model : difference(model, this.#missed);
  }

  /** The payload is nobody else's. */
  encode(value: Vector): PushBody {
    const encoding = this.#encoding;
    if (!hasFeedback(encoding)) {
      const payload = encodeVector(encoding, value);
      // The encoding may be a view. Training goes on to change the parameters; all else was made for this push.
      return { encoding, payload: this.#carry === 'parameters' ? payload.slice() : payload };
    }
    const wanted = this.#base === undefined ? value : difference(value, this.#base);
    const payload = encodeVector(encoding, wanted);
    this.#keep(wanted, decodeVector(encoding, payload, value.length));
    return { encoding, payload, ...(this.#carry === 'parameters' && { pull: this.#pull }) };
  }

  #keep(wanted: Vector, sent: Vector): void {
    if (this.#carry === 'drift') {
      const had = extended(this.#base, sent);
      if (isFinite(had)) this.#base = had;
    } else if (!isFinite(sent)) {
      return;
    } else if (this.#carry === 'parameters') {
      this.#missed = difference(wanted, sent);
    } else {
      this.#base = difference(sent, wanted);
    }
  }
}

/** The server's end, for all workers. */
export class PushReceiver {
  readonly #carry: Carry;
  readonly #encoding: Encoding;
  readonly #sentTo: (worker: WorkerId, number: number) => Vector | undefined;
  /** With drift: what the server has of each worker's. */
  readonly #drifts = new Map<WorkerId, Vector>();

  /** `sentTo` finds a model that a worker was sent, by its number. */
  constructor({ carry, encoding }: Encodings, sentTo: (worker: WorkerId, number: number) => Vector | undefined) {
    this.#carry = carry;
    this.#encoding = encoding;
    this.#sentTo = sentTo;
  }

  /** The worker's connection has ended, or a new one has begun. */
  forget(worker: WorkerId): void {
    this.#drifts.delete(worker);
  }

  /**
   * What a push carries; not a finite number everywhere if the worker's values were not.
   * @throws CAD-PROTOCOL; nothing has changed then.
   */
  decode(worker: WorkerId, { encoding, payload, pull }: PushBody, size: number): Vector {
    if (encoding !== this.#encoding) throw protocolError(`a push in ${encoding} instead of ${this.#encoding}`);
    if (payload.length !== encodedBytes(encoding, size)) {
      throw protocolError(`a push of ${payload.length} bytes for ${size} parameters`);
    }
    const sent = decodeVector(encoding, payload, size);
    if (!hasFeedback(encoding)) return sent;
    switch (this.#carry) {
      case 'gradient':
      case 'delta':
        return sent;
      case 'drift': {
        const has = extended(this.#drifts.get(worker), sent);
        if (isFinite(has)) this.#drifts.set(worker, has);
        return has;
      }
      case 'parameters': {
        const model = pull === undefined ? undefined : this.#sentTo(worker, pull);
        if (model === undefined) throw protocolError('a push from a model that is not known');
        return sum(model, sent);
      }
    }
  }
}

/** What both ends have of a growing sum after a push. What is not finite counts at neither. */
function extended(before: Vector | undefined, sent: Vector): Vector {
  return before === undefined ? sent : sum(before, sent);
}
