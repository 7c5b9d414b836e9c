/**
 * Counts every byte of one TCP connection into the ledger, under a category, so that the categories
 * add up to what the socket moved.
 *
 * Outbound, the stream itself is the measure: a message occupies the bytes that the socket's counter
 * grew by while it was written, and is counted when they have left. All between messages (upgrade,
 * pings, close frame) is control. Inbound, messages, pings and pongs are counted as they arrive, and
 * what remains when the connection is over (close frame, a message cut short) is control.
 *
 * Under TLS that stream is the one inside. What the TCP connection moves beyond it — handshake, record
 * headers, authentication tags — is control, too: the sum is still what an observer on the wire counts.
 */
import type { Socket } from 'node:net';
import { framingBytes, type Ledger, noTraffic } from '../core/accounting.ts';
import type { Category } from '../core/protocol/messages.ts';

/** Whose bytes they are until a connection has proved whose it is. */
export const UNKNOWN_WORKER = '(unknown)';

interface Segment {
  category: Category;
  /** Place of its first byte in the outbound stream, and of the byte behind its last. */
  start: number;
  end: number;
}

/** A TLS record at its largest: so much may have arrived of one that cannot be read yet. */
const MAX_RECORD_BYTES = 2 ** 14 + 261;

export class ConnectionMeter {
  readonly #socket: Socket;
  readonly #ledger: Ledger;
  /** The TCP connection under TLS; undefined where the socket is the connection itself. */
  readonly #wire: Socket | undefined;
  #owner: string | undefined;
  /** Counted before the owner was known. */
  readonly #early = noTraffic();
  /** Messages written and not wholly counted, in the order of the stream. */
  readonly #segments: Segment[] = [];
  #countedOut = 0;
  #countedIn = 0;
  /** Bytes that TLS added, each way. */
  #addedOut = 0;
  #addedIn = 0;
  #isOver = false;

  /** `wire`: the TCP connection, where `socket` is a TLS stream over it. */
  constructor(socket: Socket, ledger: Ledger, wire: Socket = socket) {
    this.#socket = socket;
    this.#ledger = ledger;
    this.#wire = wire === socket ? undefined : wire;
  }

  /** From here on, and for all so far, the bytes are this worker's. */
  assign(worker: string): void {
    this.#owner = worker;
    for (const category of Object.keys(this.#early) as Category[]) {
      if (this.#early[category] > 0) this.#ledger.count(worker, category, this.#early[category]);
      this.#early[category] = 0;
    }
  }

  /** `write` puts one message on the socket, and nothing else. */
  writing(category: Category, write: () => void): void {
    const start = this.#socket.bytesWritten;
    write();
    const end = this.#socket.bytesWritten;
    if (end > start && category !== 'control') this.#segments.push({ category, start, end });
  }

  /** Counts what has left since the last call. */
  settle(): void {
    if (this.#isOver) return;
    this.#countOutTo(this.#socket.bytesWritten - this.#socket.writableLength);
    if (this.#wire === undefined) return;
    // Of what is on its way it cannot be told how much TLS adds: counted when nothing is.
    if (this.#socket.writableLength === 0) this.#countAddedOutTo(this.#wire.bytesWritten - this.#socket.bytesWritten);
    this.#countAddedInTo(this.#wire.bytesRead - this.#socket.bytesRead - MAX_RECORD_BYTES);
  }

  /** A message of this many bytes, framing not counted, has arrived. */
  received(category: Category, messageBytes: number): void {
    if (this.#isOver) return;
    const bytes = messageBytes + framingBytes(messageBytes, 'up');
    this.#countedIn += bytes;
    this.#count(category, bytes);
  }

  /** Bytes that were read for the upgrade, before the first frame. */
  upgraded(frameBytesReadAhead: number): void {
    const bytes = this.#socket.bytesRead - frameBytesReadAhead;
    this.#countedIn += bytes;
    this.#count('control', bytes);
  }

  /** The socket is closed and everything read from it was handed on: counts the rest. */
  finish(): void {
    if (this.#isOver) return;
    const wire = this.#wire ?? this.#socket;
    // A TLS stream that was cut off took more than was sent.
    this.#countOutTo(Math.min(this.#socket.bytesWritten, wire.bytesWritten - this.#addedOut));
    this.#isOver = true;
    this.#count('control', wire.bytesWritten - this.#addedOut - this.#countedOut);
    this.#count('control', wire.bytesRead - this.#addedIn - this.#countedIn);
    if (this.#owner === undefined) this.assign(UNKNOWN_WORKER);
  }

  #countAddedOutTo(added: number): void {
    if (added <= this.#addedOut) return;
    this.#count('control', added - this.#addedOut);
    this.#addedOut = added;
  }

  #countAddedInTo(added: number): void {
    if (added <= this.#addedIn) return;
    this.#count('control', added - this.#addedIn);
    this.#addedIn = added;
  }

  #countOutTo(left: number): void {
    while (this.#countedOut < left) {
      const next = this.#segments[0];
      if (next === undefined || next.start >= left) {
        this.#count('control', left - this.#countedOut);
        this.#countedOut = left;
        return;
      }
      if (next.start > this.#countedOut) this.#count('control', next.start - this.#countedOut);
      const reached = Math.min(next.end, left);
      this.#count(next.category, reached - Math.max(next.start, this.#countedOut));
      this.#countedOut = reached;
      if (reached === next.end) this.#segments.shift();
    }
  }

  #count(category: Category, bytes: number): void {
    if (bytes === 0) return;
    if (this.#owner === undefined) this.#early[category] += bytes;
    else this.#ledger.count(this.#owner, category, bytes);
  }
}
