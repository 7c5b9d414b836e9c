/** A page whose process dies is loaded again; one that dies each time is not, for ever. */

const MAX_RELOADS = 3;
const WITHIN_MS = 60_000;

export class ReloadBound {
  #times: number[] = [];

  /** @returns whether it may be loaded once more, which then counts. */
  take(nowMs: number): boolean {
    this.#times = this.#times.filter((at) => nowMs - at < WITHIN_MS);
    if (this.#times.length >= MAX_RELOADS) return false;
    this.#times.push(nowMs);
    return true;
  }
}
