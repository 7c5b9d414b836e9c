/**
 * One direction of a connection: messages arrive in the order they were sent, after the links on the
 * way have carried their bytes and the distance is covered.
 *
 * Rule: a message of n bytes occupies its device's link for 8n / bandwidth, one after the other; with
 *   a limited server link it also waits for its turn there. Both links carry it at the same time, so
 *   that the slower one decides. Then comes the latency.
 * Loss: with packets lost at the rate p, every byte is carried 1 / (1 − p) times, TCP runs no faster
 *   than 1.22 · MSS / (RTT · √p) (Mathis et al. 1997), and a message whose last packet is lost comes a
 *   retransmission timeout later, doubled while that is lost again.
 * Limits: no slow start, no acknowledgements, no sharing of a device's link with anything else.
 */
import type { LinkSpec } from '../core/cluster.ts';
import { type PrngState, uniform } from '../core/prng.ts';
import type { Appointment, Timeline } from './timeline.ts';

const SEGMENT_BYTES = 1460;
const MIN_TIMEOUT_MS = 200;
const MAX_TIMEOUTS = 6;

/** A wire that carries one thing at a time. */
export class Pipe {
  readonly #bitsPerMs: number;
  #freeMs = 0;

  /** Infinity for a wire that takes no time. */
  constructor(bitsPerSecond: number) {
    this.#bitsPerMs = bitsPerSecond / 1000;
  }

  get isUnlimited(): boolean {
    return this.#bitsPerMs === Infinity;
  }

  /** Occupies the wire for the next free span from `fromMs` on; `capBitsPerMs` slows this message only. */
  carry(fromMs: number, bytes: number, capBitsPerMs = Infinity): { startMs: number; endMs: number } {
    const startMs = Math.max(fromMs, this.#freeMs);
    const endMs = startMs + (bytes * 8) / Math.min(this.#bitsPerMs, capBitsPerMs);
    this.#freeMs = endMs;
    return { startMs, endMs };
  }

  /** What was on the wire is gone. */
  clear(nowMs: number): void {
    this.#freeMs = Math.min(this.#freeMs, nowMs);
  }
}

/** The wires between a device and the server in one direction. */
export interface Route {
  direction: 'up' | 'down';
  /** The device's own. */
  own: Pipe;
  /** The server's, shared by all. */
  shared: Pipe;
  link: LinkSpec;
}

interface Transfer<T> {
  item: T;
  bytes: number;
  /** When its last byte has left the sender. */
  leftMs: number;
  appointment: Appointment | undefined;
  /** When it arrives, once that is known; 0 before. */
  arrivesMs: number;
}

export class Channel<T> {
  readonly #timeline: Timeline;
  readonly #route: Route;
  readonly #chance: PrngState;
  readonly #onArrival: (item: T, bytes: number) => void;
  readonly #inFlight: Transfer<T>[] = [];
  #severed = false;
  #clearMs = 0;
  #lastArrivalMs = 0;
  /** Bytes that were carried more than once; the expected number where packets are lost at random. */
  resentBytes = 0;

  constructor(timeline: Timeline, route: Route, chance: PrngState, onArrival: (item: T, bytes: number) => void) {
    this.#timeline = timeline;
    this.#route = route;
    this.#chance = chance;
    this.#onArrival = onArrival;
  }

  /** Messages on their way. */
  get inFlight(): number {
    return this.#inFlight.length;
  }

  /** When all that was sent has left; Infinity while the connection is severed. */
  get clearMs(): number {
    return this.#severed ? Infinity : this.#clearMs;
  }

  send(item: T, bytes: number): void {
    const transfer: Transfer<T> = { item, bytes, leftMs: Infinity, appointment: undefined, arrivesMs: 0 };
    this.#inFlight.push(transfer);
    if (!this.#severed) this.#carry(transfer);
  }

  /** Nothing gets through, and what is on its way is lost; the senders keep it. */
  sever(): void {
    this.#severed = true;
    this.#lastArrivalMs = 0;
    for (const transfer of this.#inFlight) {
      this.#timeline.cancel(transfer.appointment);
      if (transfer.appointment) this.resentBytes += transfer.bytes;
      transfer.appointment = undefined;
      transfer.leftMs = Infinity;
    }
  }

  /** All that did not get through is carried again, in order. */
  heal(): void {
    this.#severed = false;
    this.#route.own.clear(this.#timeline.nowMs);
    for (const transfer of this.#inFlight) this.#carry(transfer);
  }

  /** The sender is gone: what has not left it never will. */
  cut(): void {
    const { nowMs } = this.#timeline;
    const lost = this.#inFlight.findIndex(({ leftMs }) => leftMs > nowMs);
    if (lost >= 0) for (const transfer of this.#inFlight.splice(lost)) this.#timeline.cancel(transfer.appointment);
    this.#lastArrivalMs = this.#inFlight.at(-1)?.arrivesMs ?? 0;
    this.#route.own.clear(nowMs);
    this.#clearMs = Math.min(this.#clearMs, nowMs);
  }

  /** Nobody will receive anything any more. */
  drop(): void {
    for (const transfer of this.#inFlight.splice(0)) this.#timeline.cancel(transfer.appointment);
  }

  #carry(transfer: Transfer<T>): void {
    const { direction, own, shared, link } = this.#route;
    const { nowMs } = this.#timeline;
    const carried = transfer.bytes / (1 - link.lossProbability);
    this.resentBytes += carried - transfer.bytes;
    const cap = throughputCap(link);
    const lateMs = this.#timeoutsMs(link);
    if (direction === 'up') {
      const { startMs, endMs } = own.carry(nowMs, carried, cap);
      this.#leaves(transfer, endMs);
      if (shared.isUnlimited) {
        this.#arrives(transfer, endMs + link.latencyMs + lateMs);
      } else {
        // Its turn at the server is decided when it gets there: others may be nearer.
        transfer.appointment = this.#timeline.at(startMs + link.latencyMs, () => {
          const turn = shared.carry(this.#timeline.nowMs, carried);
          this.#arrives(transfer, Math.max(turn.endMs, endMs + link.latencyMs) + lateMs);
        });
      }
      return;
    }
    const first = shared.carry(nowMs, carried);
    const second = own.carry(first.startMs + link.latencyMs, carried, cap);
    const endMs = Math.max(second.endMs, first.endMs + link.latencyMs);
    this.#leaves(transfer, endMs - link.latencyMs);
    this.#arrives(transfer, endMs + lateMs);
  }

  #leaves(transfer: Transfer<T>, atMs: number): void {
    transfer.leftMs = atMs;
    this.#clearMs = atMs;
  }

  #arrives(transfer: Transfer<T>, atMs: number): void {
    this.#lastArrivalMs = Math.max(this.#lastArrivalMs, atMs);
    transfer.arrivesMs = this.#lastArrivalMs;
    transfer.appointment = this.#timeline.at(transfer.arrivesMs, () => {
      this.#inFlight.shift(); // in order, so it is the first
      this.#onArrival(transfer.item, transfer.bytes);
    });
  }

  #timeoutsMs({ lossProbability, latencyMs }: LinkSpec): number {
    if (lossProbability === 0) return 0;
    let lateMs = 0;
    let timeoutMs = Math.max(MIN_TIMEOUT_MS, 4 * latencyMs);
    for (let count = 0; count < MAX_TIMEOUTS && uniform(this.#chance) < lossProbability; count++) {
      lateMs += timeoutMs;
      timeoutMs *= 2;
    }
    return lateMs;
  }
}

/** Bits per millisecond that TCP reaches at most. */
function throughputCap({ lossProbability, latencyMs }: LinkSpec): number {
  if (lossProbability === 0 || latencyMs === 0) return Infinity;
  return (1.22 * SEGMENT_BYTES * 8) / (2 * latencyMs * Math.sqrt(lossProbability));
}
