/** One direction of a slow link: everything arrives in order, later, and no faster than the rate. */
import { normal, prng } from '../../main/core/prng.ts';

export interface LinkShape {
  /** One way. */
  latencyMs?: number;
  /** Standard deviation of the latency. What would overtake waits: order is kept, as TCP keeps it. */
  jitterMs?: number;
  bitsPerSecond?: number | undefined;
}

interface Parcel {
  dueMs: number;
  bytes: number;
  deliver: () => void;
}

export class DelayLine {
  readonly #latencyMs: number;
  readonly #jitterMs: number;
  readonly #bitsPerMs: number;
  readonly #chance;
  readonly #parcels: Parcel[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** When the line has carried all that was put on it so far. */
  #freeMs = -Infinity;
  #lastDueMs = -Infinity;
  #queuedBytes = 0;

  constructor({ latencyMs = 0, jitterMs = 0, bitsPerSecond = Infinity }: LinkShape, seed: number) {
    this.#latencyMs = latencyMs;
    this.#jitterMs = jitterMs;
    this.#bitsPerMs = bitsPerSecond / 1000;
    this.#chance = prng(seed, 'delay-line');
  }

  /** On the way. The caller stops putting more on the line when it has enough of it. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  put(bytes: number, deliver: () => void): void {
    const nowMs = performance.now();
    this.#freeMs = Math.max(nowMs, this.#freeMs) + (bytes * 8) / this.#bitsPerMs;
    const jitterMs = this.#jitterMs === 0 ? 0 : this.#jitterMs * normal(this.#chance);
    const wantedMs = this.#freeMs + Math.max(0, this.#latencyMs + jitterMs);
    this.#lastDueMs = Math.max(this.#lastDueMs, wantedMs);
    this.#queuedBytes += bytes;
    this.#parcels.push({ dueMs: this.#lastDueMs, bytes, deliver });
    if (this.#parcels.length === 1) this.#wait();
  }

  /** What is on the way is lost. */
  drop(): void {
    clearTimeout(this.#timer);
    this.#parcels.length = 0;
    this.#queuedBytes = 0;
  }

  #wait(): void {
    const first = this.#parcels[0];
    if (first) this.#timer = setTimeout(() => this.#deliverDue(), Math.max(0, first.dueMs - performance.now()));
  }

  #deliverDue(): void {
    const nowMs = performance.now();
    for (let first = this.#parcels[0]; first && first.dueMs <= nowMs; first = this.#parcels[0]) {
      this.#parcels.shift();
      this.#queuedBytes -= first.bytes;
      first.deliver();
    }
    this.#wait();
  }
}
