/** The run's own time: when it began, how long it has trained, and when it must end. */
import type { RunConfig } from './config.ts';
import type { EndReason } from './metrics.ts';

export type ClockSettings = Pick<RunConfig, 'stop' | 'joinGraceMs' | 'lostGraceMs'>;

export class RunClock {
  readonly #settings: ClockSettings;
  /** Trained by earlier processes of a resumed run. */
  readonly #beforeMs: number;
  #gatheringSinceMs: number | undefined;
  #startedAtMs: number | undefined;
  /** Time that the run has stood still at its user's wish; it is none of its own. */
  #pausedMs = 0;
  #pausedSinceMs: number | undefined;
  #emptySinceMs: number | undefined;

  constructor(settings: ClockSettings, beforeMs: number) {
    this.#settings = settings;
    this.#beforeMs = beforeMs;
  }

  /** Milliseconds of training at `nowMs` of the host's clock. */
  elapsedMs(nowMs: number): number {
    if (this.#startedAtMs === undefined) return this.#beforeMs;
    const untilMs = this.#pausedSinceMs ?? nowMs;
    return this.#beforeMs + (untilMs - this.#startedAtMs - this.#pausedMs);
  }

  /**
   * The host's time at which the run will have trained for `elapsedMs`. What is due is told by comparing
   * with this, never by `elapsedMs`, whose rounding may differ: a host woken then must find it due.
   * Infinity in a pause, whose end nobody knows.
   */
  hostMs(elapsedMs: number): number {
    if (this.#pausedSinceMs !== undefined) return Infinity;
    return (this.#startedAtMs ?? 0) - this.#beforeMs + this.#pausedMs + elapsedMs;
  }

  gather(nowMs: number): void {
    this.#gatheringSinceMs ??= nowMs;
  }

  /** True when those who have joined by now should not wait for the others any longer. */
  isGatheringOver(nowMs: number): boolean {
    return nowMs >= this.#gatheringEndsMs(nowMs);
  }

  /** The run trains: those whom it waited for are there, or it does not wait any longer. */
  get hasStarted(): boolean {
    return this.#startedAtMs !== undefined;
  }

  start(nowMs: number): void {
    this.#startedAtMs = nowMs;
    if (this.#pausedSinceMs !== undefined) this.#pausedSinceMs = nowMs;
  }

  pause(nowMs: number): void {
    this.#pausedSinceMs ??= nowMs;
  }

  resume(nowMs: number): void {
    if (this.#pausedSinceMs !== undefined && this.#startedAtMs !== undefined) {
      this.#pausedMs += nowMs - this.#pausedSinceMs;
    }
    this.#pausedSinceMs = undefined;
  }

  /** No worker is left. */
  empty(nowMs: number): void {
    this.#emptySinceMs = nowMs;
  }

  /** A worker is there; true when there had been none. */
  populated(): boolean {
    const wasEmpty = this.#emptySinceMs !== undefined;
    this.#emptySinceMs = undefined;
    return wasEmpty;
  }

  /** When something is due at the latest, on the host's clock. */
  nextMs(nowMs: number): number {
    if (this.#startedAtMs === undefined) return this.#gatheringEndsMs(nowMs);
    const lostMs = this.#emptySinceMs === undefined ? Infinity : this.#emptySinceMs + this.#settings.lostGraceMs;
    return Math.min(lostMs, this.hostMs(this.#settings.stop.maxSeconds * 1000));
  }

  /**
   * Why the run must end now, if it must.
   *
   * @param refused Workers that were sent away for their pushes. Where others were lost besides, who might have fared
   * better, the run has not diverged; but whoever goes on with it should know.
   */
  limitReached(
    nowMs: number,
    { iterations }: { readonly iterations: number },
    { refused }: { readonly refused: number },
  ): { reason: EndReason; text: string } | undefined {
    const { stop, lostGraceMs } = this.#settings;
    if (this.#emptySinceMs !== undefined && nowMs >= this.#emptySinceMs + lostGraceMs) {
      return { reason: 'workers-lost', text: `No worker came back in time${sentAwayText(refused)}` };
    }
    if (stop.maxIterations !== undefined && iterations >= stop.maxIterations) {
      return { reason: 'iteration-limit', text: `${stop.maxIterations} local iterations are done` };
    }
    if (nowMs < this.hostMs(stop.maxSeconds * 1000)) return undefined;
    return { reason: 'time-limit', text: `${stop.maxSeconds} s are over` };
  }

  #gatheringEndsMs(nowMs: number): number {
    return (this.#gatheringSinceMs ?? nowMs) + this.#settings.joinGraceMs;
  }
}

function sentAwayText(refused: number): string {
  if (refused === 0) return '';
  const who = refused === 1 ? '1 worker was' : `${refused} workers were`;
  const pushed = refused === 1 ? 'it' : 'they';
  return `; ${who} sent away because what ${pushed} pushed was no finite number`;
}
