/**
 * A run that this process trains, as windows follow it: records become ticks, at most ten a second and
 * each of bounded size, numbered so that whoever missed one knows.
 */
import type { RunMessage } from '../../core/api.ts';
import type { RunHandle } from '../../core/control-plane-api.ts';
import { Coalescer } from '../../core/live/coalescer.ts';
import type { Picture } from '../../core/live/picture.ts';
import { splitTick } from '../../core/live/split-tick.ts';
import type { RunRecord } from '../../core/metrics.ts';
import type { Topic } from './topic.ts';

export const TICK_EVERY_MS = 100;

export interface LiveRunParts {
  virtual: boolean;
  /** Where ticks go; undefined while the run has no identifier yet. */
  topic(): Topic<RunMessage> | undefined;
  /** What a resumed run has on record already, the first new record included. */
  before?: () => Iterable<RunRecord>;
}

export class LiveRun {
  readonly virtual: boolean;
  handle: RunHandle | undefined;
  readonly #coalescer = new Coalescer();
  readonly #parts: LiveRunParts;
  #timer: NodeJS.Timeout | undefined;
  #hasBegun = false;
  #seq = 0;

  constructor(parts: LiveRunParts) {
    this.#parts = parts;
    this.virtual = parts.virtual;
  }

  get picture(): Picture {
    return this.#coalescer.picture;
  }

  /** False for a resumed run until its first new record: its picture so far is the stored one. */
  get hasPicture(): boolean {
    return this.#hasBegun || this.#parts.before === undefined;
  }

  /** Number of the newest tick. */
  get seq(): number {
    return this.#seq;
  }

  add(record: RunRecord): void {
    if (!this.#hasBegun && this.#parts.before) {
      for (const earlier of this.#parts.before()) this.#coalescer.add(earlier);
      // Whoever looks at the run as it was has to open it again: the numbers say so.
      this.#coalescer.take();
      this.#seq += 2;
    } else {
      this.#coalescer.add(record);
    }
    this.#hasBegun = true;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.flush();
    }, TICK_EVERY_MS);
  }

  /** Sends what is new; afterwards the picture is what those have who followed. */
  flush(): void {
    const tick = this.#coalescer.take();
    if (tick === undefined) return;
    const topic = this.#parts.topic();
    if (topic === undefined || topic.listeners === 0) {
      this.#seq += 1;
      return;
    }
    for (const part of splitTick(tick)) {
      this.#seq += 1;
      topic.tell({ kind: 'tick', seq: this.#seq, tick: part.tick });
    }
  }

  close(): void {
    clearTimeout(this.#timer);
    this.flush();
  }
}
