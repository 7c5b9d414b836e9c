/**
 * When is a silent peer dead? Both ends send pings, so a living one is heard from regularly whatever
 * it computes. Anything that arrives counts as a sign of life.
 */
export interface HeartbeatTiming {
  /** From one ping to the next. */
  pingEveryMs: number;
  /** A peer silent for this long is dead. */
  deadAfterMs: number;
}

export const HEARTBEAT: HeartbeatTiming = { pingEveryMs: 5000, deadAfterMs: 15_000 };

/** A check that comes later than this after it was due says that we slept, not that the peer is dead. */
const LATE_MS = 1000;

export class Liveness {
  readonly #deadAfterMs: number;
  #heardMs: number;
  #dueMs: number;

  constructor({ deadAfterMs }: HeartbeatTiming, nowMs: number) {
    this.#deadAfterMs = deadAfterMs;
    this.#heardMs = nowMs;
    this.#dueMs = nowMs + deadAfterMs;
  }

  heard(nowMs: number): void {
    this.#heardMs = nowMs;
  }

  /** Milliseconds until the next check; undefined when the peer is dead. */
  check(nowMs: number): number | undefined {
    if (nowMs > this.#dueMs + LATE_MS) this.#heardMs = nowMs; // what came while we slept is not read yet
    const leftMs = this.#heardMs + this.#deadAfterMs - nowMs;
    if (leftMs <= 0) return undefined;
    this.#dueMs = nowMs + leftMs;
    return leftMs;
  }
}
