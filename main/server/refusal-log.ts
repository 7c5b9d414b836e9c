/** Tells of refused connections without letting strangers write the run's record. */

/** At most one line in this time. */
const EVERY_MS = 10_000;

export class RefusalLog {
  #untold = 0;
  #toldMs = -Infinity;

  /** Counts one; the line to record, when it is time for one. */
  count(nowMs: number): string | undefined {
    this.#untold += 1;
    if (nowMs < this.#toldMs + EVERY_MS) return undefined;
    const text = `${this.#untold} connection(s) were not admitted: they could not prove to be a worker of this run`;
    this.#untold = 0;
    this.#toldMs = nowMs;
    return text;
  }
}
