/** A device's own wire, one direction: carries one message after the other. */
export class Pipe {
  readonly #bitsPerMs: number;
  #freeMs = 0;

  constructor(bitsPerSecond: number) {
    this.#bitsPerMs = bitsPerSecond / 1000;
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
