/**
 * One worker's connection, from the challenge to the end: admits it, tells living from dead, decodes
 * what it sends and never queues more for it than it can take.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { assert } from '../core/assert.ts';
import { CaduceusError } from '../core/errors.ts';
import type { WorkerId } from '../core/policy/policy.ts';
import { decodeFromWorker, encodeMessage } from '../core/protocol/codec.ts';
import {
  CLOSE_EXPELLED,
  CLOSE_DONE,
  CLOSE_PROTOCOL,
  CLOSE_REFUSED,
  closeReason,
} from '../core/protocol/close-codes.ts';
import { type HeartbeatTiming, Liveness } from '../core/protocol/liveness.ts';
import { categoryOf, PROTOCOL_VERSION, type ServerMessage, type WorkerMessage } from '../core/protocol/messages.ts';
import { proofText } from '../core/protocol/proof.ts';
import { protocolError } from '../core/protocol/shape.ts';
import type { Connection } from './listener.ts';

export interface SessionSettings {
  run: string;
  /** A worker's token; undefined for a worker that does not belong to the run. */
  tokenOf(worker: WorkerId): string | undefined;
  heartbeat: HeartbeatTiming;
  /** From the challenge to the proof. */
  authenticateMs: number;
  /** A worker that lets this much pile up does not read. */
  maxBufferedBytes: number;
  onAdmitted(session: Session): void;
  /** May throw CAD-PROTOCOL: the message breaks the protocol, and the connection ends. */
  onMessage(session: Session, message: WorkerMessage): void;
  /** Told once, as soon as nothing more is to be expected. */
  onEnded(session: Session, reason: string, broke: CaduceusError | undefined): void;
}

const NONCE_BYTES = 32;
const PROOF_BYTES = 32;
/** A hello with all its names at their longest; a stranger that sends more is cut off. */
const MAX_STRANGER_BYTES = 2048;
const REFUSAL = 'not admitted';
/** Stands in for the token of a worker that does not exist, so that refusing one takes as long. */
const NOBODYS_TOKEN = randomBytes(32).toString('base64url');
const MAX_ROW_REQUESTS = 4;

export class Session {
  readonly #connection: Connection;
  readonly #settings: SessionSettings;
  readonly #nonce = randomBytes(NONCE_BYTES).toString('base64url');
  readonly #liveness: Liveness;
  readonly #pings: NodeJS.Timeout;
  readonly #tooLate: NodeJS.Timeout;
  #check: NodeJS.Timeout;
  #strangerBytes = 0;
  #worker: WorkerId | undefined;
  #ended = false;
  #dismissed = false;
  /** Messages handed over that have not left yet. */
  #onItsWay = 0;
  /** What waits for room: the newest model, if any, and then these messages. */
  #model: (() => ServerMessage) | undefined;
  readonly #rows: (() => ServerMessage)[] = [];
  /** The number of this connection among the worker's; 0 until it was welcomed. */
  incarnation = 0;

  constructor(connection: Connection, settings: SessionSettings) {
    this.#connection = connection;
    this.#settings = settings;
    this.#liveness = new Liveness(settings.heartbeat, performance.now());
    this.#check = setTimeout(() => this.#checkLife(), settings.heartbeat.deadAfterMs);
    this.#pings = setInterval(() => this.#ping(), settings.heartbeat.pingEveryMs);
    this.#tooLate = setTimeout(() => this.#refuse(), settings.authenticateMs);
    const { webSocket, socket, meter } = connection;
    socket.on('data', (bytes: Buffer) => this.#heard(bytes.length));
    webSocket.on('message', (data: Buffer, isBinary) => this.#receive(data, isBinary));
    for (const kind of ['ping', 'pong'] as const) {
      webSocket.on(kind, (data: Buffer) => {
        meter.received('control', data.length);
        this.#cutIfDeaf(); // it may ask for pongs without end and read none
      });
    }
    webSocket.on('error', (error) => this.#end(`the connection broke: ${error.message}`));
    webSocket.on('close', (code, reason) => this.#end(describeClose(code, reason.toString())));
    this.send({ kind: 'challenge', nonce: this.#nonce });
  }

  /** Known once admitted. */
  get worker(): WorkerId | undefined {
    return this.#worker;
  }

  get address(): string {
    return this.#connection.address;
  }

  get isSecure(): boolean {
    return this.#connection.certificate !== '';
  }

  /** Tells the worker, once, that the run is over for it. */
  dismiss(reason: string): void {
    if (!this.#dismissed) this.send({ kind: 'stop', reason });
    this.#dismissed = true;
  }

  /** Sends at once; for messages that are small. */
  send(message: ServerMessage): void {
    const { webSocket, meter } = this.#connection;
    if (this.#ended || webSocket.readyState !== webSocket.OPEN) return;
    if (this.#cutIfDeaf()) return;
    const frame = encodeMessage(message);
    this.#onItsWay += 1;
    meter.writing(categoryOf(message.kind), () => {
      webSocket.send(frame, () => {
        this.#onItsWay -= 1;
        meter.settle();
        this.#sendWaiting();
      });
    });
  }

  /** Sends what `newest` gives once the connection has room; asked twice before then, sends once. */
  sendModel(newest: () => ServerMessage): void {
    this.#model = newest;
    this.#sendWaiting();
  }

  /** As sendModel, but each is sent, after the model. @throws CAD-PROTOCOL when too many wait. */
  sendRows(rows: () => ServerMessage): void {
    if (this.#rows.length >= MAX_ROW_REQUESTS)
      throw protocolError(`more than ${MAX_ROW_REQUESTS} blocks of rows asked for`);
    this.#rows.push(rows);
    this.#sendWaiting();
  }

  /** Ends the connection in order, after what was sent. */
  finish(): void {
    this.#connection.webSocket.close(CLOSE_DONE);
  }

  /** Ends the connection for good: the worker shall not come back. */
  expel(reason: string): void {
    this.#close(CLOSE_EXPELLED, reason);
  }

  #sendWaiting(): void {
    const { webSocket } = this.#connection;
    // Pongs may be waiting as well, of which nobody tells when they have left.
    while (!this.#ended && webSocket.readyState === webSocket.OPEN && this.#onItsWay === 0) {
      const next = this.#model ?? this.#rows.shift();
      if (next === undefined) return;
      if (next === this.#model) this.#model = undefined;
      this.send(next());
    }
  }

  #receive(data: Buffer, isBinary: boolean): void {
    if (this.#ended) return;
    try {
      if (!isBinary) throw protocolError('a text frame');
      const message = decodeFromWorker(data);
      this.#connection.meter.received(categoryOf(message.kind), data.length);
      if (this.#worker === undefined) this.#authenticate(message);
      else this.#settings.onMessage(this, message);
    } catch (error) {
      if (!(error instanceof CaduceusError)) throw error;
      if (this.#worker === undefined) this.#refuse();
      else this.#close(CLOSE_PROTOCOL, error.message, error);
    }
  }

  #authenticate(message: WorkerMessage): void {
    if (message.kind !== 'hello' || !this.#isProven(message)) {
      this.#refuse();
      return;
    }
    clearTimeout(this.#tooLate);
    this.#worker = message.worker;
    this.#connection.admitted();
    this.#connection.meter.assign(message.worker);
    this.#settings.onAdmitted(this);
  }

  /** Does the same work whatever is wrong. */
  #isProven({ protocol, run, worker, nonce, proof }: WorkerMessage & { kind: 'hello' }): boolean {
    const token = this.#settings.tokenOf(worker);
    const { certificate } = this.#connection;
    const text = proofText({ protocol, run, worker, serverNonce: this.#nonce, clientNonce: nonce, certificate });
    const expected = createHmac('sha256', token ?? NOBODYS_TOKEN)
      .update(text)
      .digest();
    const given = Buffer.from(proof, 'base64url');
    const isRight = timingSafeEqual(expected, given.length === PROOF_BYTES ? given : Buffer.alloc(PROOF_BYTES));
    return isRight && token !== undefined && run === this.#settings.run && protocol === PROTOCOL_VERSION;
  }

  #refuse(): void {
    this.#close(CLOSE_REFUSED, REFUSAL);
  }

  #heard(bytes: number): void {
    this.#liveness.heard(performance.now());
    if (this.#worker !== undefined) return;
    this.#strangerBytes += bytes;
    if (this.#strangerBytes > MAX_STRANGER_BYTES) this.#cut('a stranger sent too much');
  }

  #checkLife(): void {
    const nextMs = this.#liveness.check(performance.now());
    if (nextMs === undefined) {
      this.#cut(`nothing heard for ${this.#settings.heartbeat.deadAfterMs / 1000} s`);
    } else {
      this.#check = setTimeout(() => this.#checkLife(), Math.ceil(nextMs));
    }
  }

  #ping(): void {
    const { webSocket } = this.#connection;
    // What waits to be sent will draw an answer too; pings behind it would only pile up.
    if (webSocket.readyState === webSocket.OPEN && webSocket.bufferedAmount === 0) webSocket.ping();
    this.#connection.meter.settle();
  }

  /** True when the worker lets so much pile up that it cannot be reading. */
  #cutIfDeaf(): boolean {
    const { bufferedAmount } = this.#connection.webSocket;
    if (bufferedAmount <= this.#settings.maxBufferedBytes) return false;
    this.#cut(`it does not read: ${bufferedAmount} bytes are waiting`);
    return true;
  }

  #close(code: number, reason: string, broke?: CaduceusError): void {
    this.#connection.webSocket.close(code, closeReason(reason));
    this.#end(reason, broke);
  }

  #cut(reason: string): void {
    this.#connection.webSocket.terminate();
    this.#end(reason);
  }

  #end(reason: string, broke?: CaduceusError): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#tooLate);
    clearTimeout(this.#check);
    clearInterval(this.#pings);
    this.#model = undefined;
    this.#rows.length = 0;
    assert(this.#worker !== undefined || broke === undefined, 'strangers are refused, not reproached');
    this.#settings.onEnded(this, reason, broke);
  }
}

function describeClose(code: number, reason: string): string {
  if (code === 1006) return 'the connection was lost';
  return `the connection was closed (${code}${reason === '' ? '' : `: ${reason}`})`;
}
