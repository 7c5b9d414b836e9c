/**
 * Models on their way to workers, both ends.
 *
 * With feedback, a model travels as the difference to what the worker has: both ends hold a reference
 * `r`, to the bit, and with every model it becomes `r + decode(encode(w − r))`. What the encoding
 * loses stays in `w − r` and travels with the next model, so there is no residual to keep (EF21,
 * Richtárik et al. 2021; one state a worker). Frames of a connection arrive in
 * order or not at all, so the server moves its copy when it sends. The first model of a connection is
 * complete, and every difference comes with the checksum of what it leads to.
 */
import { difference, sum } from '../aggregate.ts';
import { present } from '../assert.ts';
import { checksum, isFinite, type Vector } from '../parameters.ts';
import type { WorkerId } from '../policy/policy.ts';
import type { ModelBody, WorkerPlan } from '../protocol/messages.ts';
import { protocolError } from '../protocol/shape.ts';
import { decodeVector, type Encoding, encodedBytes, encodeVector, hasFeedback } from './encoding.ts';

type Encodings = Pick<WorkerPlan, 'carry' | 'encoding' | 'encodingDown'>;

/**
 * Models sent since the one that the worker's newest push started from. Workers that wait have one or
 * two; those that go on have as many as pushes were on their way at once. Beyond this, only a new
 * connection helps.
 */
const MAX_REMEMBERED = 64;

export function downEncoding({ encoding, encodingDown }: Encodings): Encoding {
  return encodingDown ?? encoding;
}

/** One worker's connection: what was sent on it, by its number among the models of the connection. */
interface Link {
  count: number;
  sent: Map<number, Vector>;
}

/** A model as it is sent, and what the worker then has. */
interface Step {
  body: ModelBody;
  to: Vector;
}

/** The server's end, for all workers. */
export class ModelSender {
  readonly #encoding: Encoding;
  /** Models to remember of each worker: pushed parameters are differences to one of them. */
  readonly #remembered: number;
  readonly #links = new Map<WorkerId, Link>();
  /** Of the newest version, by where they start: workers with the same history get the same bytes. */
  readonly #steps = new Map<Vector | undefined, Step>();
  #version: number | undefined;

  constructor(plan: Encodings) {
    this.#encoding = downEncoding(plan);
    const isNamed = plan.carry === 'parameters' && hasFeedback(plan.encoding);
    this.#remembered = isNamed ? MAX_REMEMBERED : hasFeedback(this.#encoding) ? 1 : 0;
  }

  /** The worker's connection has ended, or a new one has begun. */
  forget(worker: WorkerId): void {
    this.#links.delete(worker);
  }

  /** The model as this worker gets it. It must be sent: the server's copy of the worker's model has moved. */
  encode(worker: WorkerId, version: number, parameters: Vector): ModelBody {
    if (this.#version !== version) this.#steps.clear();
    this.#version = version;
    if (this.#remembered === 0) return this.#step(undefined, parameters).body;
    let link = this.#links.get(worker);
    if (link === undefined) this.#links.set(worker, (link = { count: 0, sent: new Map() }));
    const from = hasFeedback(this.#encoding) ? link.sent.get(link.count) : undefined;
    const { body, to } = this.#step(from, parameters);
    link.count += 1;
    link.sent.set(link.count, to);
    link.sent.delete(link.count - this.#remembered);
    return body;
  }

  /** What the worker had when it had taken a model, by the model's number; undefined when that is not known. */
  sentTo(worker: WorkerId, number: number): Vector | undefined {
    const link = this.#links.get(worker);
    const model = link?.sent.get(number);
    // A worker does not go back: what it pushes next starts from this model or from a later one.
    if (model) for (const older of [...(link as Link).sent.keys()]) if (older < number) link?.sent.delete(older);
    return model;
  }

  #step(from: Vector | undefined, parameters: Vector): Step {
    let step = this.#steps.get(from);
    if (step === undefined) {
      step = (from && this.#change(from, parameters)) ?? this.#whole(parameters);
      this.#steps.set(from, step);
    }
    return step;
  }

  /** Undefined when the way is too far for the encoding. */
  #change(from: Vector, parameters: Vector): Step | undefined {
    const encoding = this.#encoding;
    const payload = encodeVector(encoding, difference(parameters, from));
    const to = sum(from, decodeVector(encoding, payload, from.length));
    return isFinite(to) ? { body: { encoding, payload, checksum: checksum(to) }, to } : undefined;
  }

  #whole(parameters: Vector): Step {
    const encoding = hasFeedback(this.#encoding) ? 'f32' : this.#encoding;
    const payload = encodeVector(encoding, parameters);
    // Versions are never changed in place, so the model itself can be what is remembered.
    const to = encoding === 'f32' ? parameters : decodeVector(encoding, payload, parameters.length);
    return { body: { encoding, payload }, to };
  }
}

/** A worker's end of one connection. */
export class ModelReceiver {
  readonly #encoding: Encoding;
  readonly #size: number;
  #reference: Vector | undefined;

  constructor(plan: Encodings, size: number) {
    this.#encoding = downEncoding(plan);
    this.#size = size;
  }

  /**
   * The model that a message brings. It is shared: whoever wants to change it takes a copy.
   * @throws CAD-PROTOCOL; only a new connection, with its complete first model, makes up for it.
   */
  receive({ encoding, payload, checksum: expected }: ModelBody): Vector {
    if (encoding !== this.#encoding && encoding !== 'f32') throw protocolError(`a model in ${encoding}`);
    if (payload.length !== encodedBytes(encoding, this.#size)) {
      throw protocolError(`a model of ${payload.length} bytes for ${this.#size} parameters`);
    }
    const decoded = decodeVector(encoding, payload, this.#size);
    if (!hasFeedback(this.#encoding)) return decoded;
    if (!hasFeedback(encoding)) {
      this.#reference = decoded;
    } else {
      if (this.#reference === undefined) throw protocolError('a difference to a model that was never sent');
      const next = sum(this.#reference, decoded);
      if (checksum(next) !== expected) throw protocolError('a model that is not the one the server has');
      this.#reference = next;
    }
    return present(this.#reference, 'reference');
  }
}
