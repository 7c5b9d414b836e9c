/**
 * One direction of a connection: messages arrive in the order they were sent, after the links on the
 * way have carried their bytes and the distance is covered.
 *
 * Rule: a message of n bytes occupies its device's link for 8n / bandwidth, one after the other; a
 *   limited server link is shared with all other connections. Both links carry it at the same time, so
 *   that the slower one decides. Then comes the latency.
 * Loss: with packets lost at the rate p, every byte is carried 1 / (1 − p) times, TCP runs no faster
 *   than 1.22 · MSS / (RTT · √p) (Mathis et al. 1997), and a message whose last packet is lost comes a
 *   retransmission timeout later, doubled while that is lost again.
 * Limits: no slow start, no acknowledgements, no sharing of a device's link with anything else.
 */
import type { LinkSpec } from '../core/cluster.ts';
import { type PrngState, uniform } from '../core/prng.ts';
import type { Pipe } from './pipe.ts';
import type { SharedPipe } from './shared-pipe.ts';
import type { Timeline } from './timeline.ts';

const SEGMENT_BYTES = 1460;
const MIN_TIMEOUT_MS = 200;
const MAX_TIMEOUTS = 6;

/** The wires between a device and the server in one direction. */
export interface Route {
  direction: 'up' | 'down';
  /** The device's own. */
  own: Pipe;
  /** The server's, shared by all. */
  shared: SharedPipe;
  link: LinkSpec;
}

interface Transfer<T> {
  item: T;
  bytes: number;
  /** Bytes that the wires carry for it. */
  carried: number;
  /** When its last byte has left the sender; Infinity until that is known. */
  leftMs: number;
  /** When it arrives, once that is known; 0 before. */
  arrivesMs: number;
  /** Takes it off wherever it is; undefined while nothing of it is anywhere. */
  stop: (() => void) | undefined;
}

export class Channel<T> {
  readonly #timeline: Timeline;
  readonly #route: Route;
  readonly #chance: PrngState;
  readonly #onArrival: (item: T, bytes: number) => void;
  readonly #inFlight: Transfer<T>[] = [];
  /** For their turn on the shared wire, where a connection is served as one. */
  #turns: (() => void)[] = [];
  #isOnShared = false;
  #severed = false;
  #leftMs = 0;
  #lastArrivalMs = 0;
  #whenClear: (() => void) | undefined;
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

  /** True when all that was sent has left. */
  get isClear(): boolean {
    return !this.#severed && this.#leftMs <= this.#timeline.nowMs;
  }

  /** Calls once, as soon as all that was sent has left. A later wish takes the place of an earlier one. */
  whenClear(action: () => void): void {
    const isAwaited = this.#whenClear !== undefined;
    this.#whenClear = action;
    if (!isAwaited) this.#awaitClear();
  }

  send(item: T, bytes: number): void {
    const carried = bytes / (1 - this.#route.link.lossProbability);
    const transfer: Transfer<T> = { item, bytes, carried, leftMs: Infinity, arrivesMs: 0, stop: undefined };
    this.#inFlight.push(transfer);
    if (!this.#severed) this.#carry(transfer);
  }

  /** Nothing gets through, and what is on its way is lost; the senders keep it. */
  sever(): void {
    this.#severed = true;
    for (const transfer of this.#inFlight) {
      if (transfer.stop) this.resentBytes += transfer.bytes;
      takeOff(transfer);
    }
    this.#turns = [];
    this.#isOnShared = false;
    this.#lastArrivalMs = 0;
    this.#leftMs = Infinity;
  }

  /** All that did not get through is carried again, in order. */
  heal(): void {
    const { nowMs } = this.#timeline;
    this.#severed = false;
    this.#leftMs = nowMs;
    this.#route.own.clear(nowMs);
    for (const transfer of this.#inFlight) this.#carry(transfer);
    this.#awaitClear();
  }

  /** The sender is gone: what has not left it never will. */
  cut(): void {
    const { nowMs } = this.#timeline;
    const lost = this.#inFlight.findIndex(({ leftMs }) => leftMs > nowMs);
    if (lost >= 0) for (const transfer of this.#inFlight.splice(lost)) takeOff(transfer);
    this.#lastArrivalMs = this.#inFlight.at(-1)?.arrivesMs ?? 0;
    this.#route.own.clear(nowMs);
    this.#nextTurn();
  }

  /** Nobody will receive anything any more. */
  drop(): void {
    for (const transfer of this.#inFlight.splice(0)) takeOff(transfer);
    this.#turns = [];
    this.#whenClear = undefined;
  }

  #carry(transfer: Transfer<T>): void {
    const { direction, own, shared, link } = this.#route;
    const { nowMs } = this.#timeline;
    this.resentBytes += transfer.carried - transfer.bytes;
    const cap = throughputCap(link);
    const lateMs = this.#timeoutsMs(link);
    if (shared.isUnlimited) {
      const { endMs } = own.carry(direction === 'up' ? nowMs : nowMs + link.latencyMs, transfer.carried, cap);
      this.#leaves(transfer, direction === 'up' ? endMs : endMs - link.latencyMs);
      this.#arrives(transfer, transfer.leftMs + link.latencyMs + lateMs);
    } else if (direction === 'up') {
      const { startMs, endMs } = own.carry(nowMs, transfer.carried, cap);
      this.#leaves(transfer, endMs);
      const reaches = this.#timeline.at(startMs + link.latencyMs, () => {
        this.#takeTurn(transfer, () => {
          this.#arrives(transfer, Math.max(this.#timeline.nowMs, endMs + link.latencyMs) + lateMs);
        });
      });
      transfer.stop = () => this.#timeline.cancel(reaches);
    } else {
      this.#leftMs = Infinity;
      this.#takeTurn(transfer, (enteredMs) => {
        const { endMs } = own.carry(enteredMs + link.latencyMs, transfer.carried, cap);
        const throughMs = Math.max(this.#timeline.nowMs, endMs - link.latencyMs);
        this.#leaves(transfer, throughMs);
        this.#arrives(transfer, throughMs + link.latencyMs + lateMs);
        if (this.#turns.length > 0) this.#leftMs = Infinity;
        else this.#awaitClear();
      });
    }
  }

  /** One message of a connection after the other goes over the shared wire. */
  #takeTurn(transfer: Transfer<T>, through: (enteredMs: number) => void): void {
    const enter = (): void => {
      if (!this.#inFlight.includes(transfer)) {
        this.#nextTurn();
        return;
      }
      const { shared } = this.#route;
      const enteredMs = this.#timeline.nowMs;
      const flow = shared.enter(transfer.carried, () => {
        this.#isOnShared = false;
        through(enteredMs);
        this.#nextTurn();
      });
      this.#isOnShared = true;
      transfer.stop = () => {
        shared.leave(flow);
        this.#isOnShared = false;
      };
    };
    if (this.#isOnShared || this.#turns.length > 0) this.#turns.push(enter);
    else enter();
  }

  #nextTurn(): void {
    if (!this.#isOnShared) this.#turns.shift()?.();
  }

  #leaves(transfer: Transfer<T>, atMs: number): void {
    transfer.leftMs = atMs;
    this.#leftMs = atMs;
  }

  #arrives(transfer: Transfer<T>, atMs: number): void {
    this.#lastArrivalMs = Math.max(this.#lastArrivalMs, atMs);
    transfer.arrivesMs = this.#lastArrivalMs;
    const arrival = this.#timeline.at(transfer.arrivesMs, () => {
      this.#inFlight.shift(); // in order, so it is the first
      this.#onArrival(transfer.item, transfer.bytes);
    });
    transfer.stop = () => this.#timeline.cancel(arrival);
  }

  /** While it is not known when all will have left, nothing is planned: what makes it known looks again. */
  #awaitClear(): void {
    if (this.#whenClear === undefined || this.#leftMs === Infinity) return;
    this.#timeline.at(this.#leftMs, () => {
      if (!this.isClear) {
        this.#awaitClear();
        return;
      }
      const action = this.#whenClear;
      this.#whenClear = undefined;
      action?.();
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

function takeOff(transfer: Transfer<unknown>): void {
  transfer.stop?.();
  transfer.stop = undefined;
  transfer.leftMs = Infinity;
}

/** Bits per millisecond that TCP reaches at most. */
function throughputCap({ lossProbability, latencyMs }: LinkSpec): number {
  if (lossProbability === 0 || latencyMs === 0) return Infinity;
  return (1.22 * SEGMENT_BYTES * 8) / (2 * latencyMs * Math.sqrt(lossProbability));
}
