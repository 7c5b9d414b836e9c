/**
 * Records in, ticks out: the whole picture and what is new in it since the last tick, folded side by
 * side. Whoever missed nothing has the same picture as is kept here.
 */
import type { RunRecord } from '../metrics.ts';
import { HeldTime } from './held-time.ts';
import type { Picture, Tick } from './picture.ts';
import { PictureFold } from './picture-fold.ts';

export class Coalescer {
  readonly #whole = new PictureFold();
  readonly #held = new HeldTime();
  readonly #ticks: boolean;
  #news: PictureFold | undefined;

  /** @param ticks false: nobody will ask for them. */
  constructor({ ticks = true } = {}) {
    this.#ticks = ticks;
  }

  get picture(): Picture {
    return this.#whole.picture;
  }

  get hasNews(): boolean {
    return this.#news !== undefined;
  }

  add(record: RunRecord): void {
    const { type } = record;
    const heldMs = type === 'iteration' ? this.#held.take(record.worker, record.iteration.waitMs) : 0;
    const decided = type === 'decision' ? this.#held.decide(record) : { waiting: [], released: [] };
    if (type === 'worker') this.#held.forget(record.worker);
    // What is new goes first: it is numbered from what the whole had before.
    if (this.#ticks) this.#news ??= new PictureFold({ whole: this.#whole });
    for (const fold of this.#news ? [this.#news, this.#whole] : [this.#whole]) {
      fold.add(record, { heldMs });
      for (const worker of decided.waiting) fold.note(worker, 'waiting');
      for (const worker of decided.released) fold.note(worker, 'training');
    }
  }

  /** What has come since the last tick; undefined when nothing did. */
  take(): Tick | undefined {
    const news = this.#news?.picture;
    this.#news = undefined;
    return news;
  }
}

/** The picture of a run whose records are all there, in the order of their making. */
export function pictureOf(records: Iterable<RunRecord>): Picture {
  const coalescer = new Coalescer({ ticks: false });
  for (const record of records) coalescer.add(record);
  return coalescer.picture;
}
