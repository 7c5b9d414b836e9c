/**
 * Pictures of runs that are over, folded from their records once and kept beside them. Folding is done in
 * short stretches, so that runs that train meanwhile are not held up.
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { Coalescer } from '../../core/live/coalescer.ts';
import type { Picture } from '../../core/live/picture.ts';
import type { RunRow } from '../../core/run-row.ts';
import { writeFileAtomically } from '../../store/atomic-file.ts';
import type { Store } from '../../store/runs.ts';

const FILE = 'picture.json';
/** Raised when pictures are folded otherwise; older files are folded anew. */
const FORMAT = 1;
const MAX_FILE_BYTES = 32 * 2 ** 20;
const RECORDS_AT_ONCE = 500;

interface Kept {
  format: number;
  /** A run that was resumed since has another. */
  finishedAt: string;
  picture: Picture;
}

export class StoredPictures {
  readonly #store: Store;
  readonly #folding = new Map<string, Promise<Picture>>();
  readonly #writing = new Set<Promise<void>>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Asked for twice at once, it is folded once. */
  open(row: RunRow): Promise<Picture> {
    const known = this.#folding.get(row.run);
    if (known !== undefined) return known;
    const opening = this.#open(row).finally(() => this.#folding.delete(row.run));
    this.#folding.set(row.run, opening);
    return opening;
  }

  /** A full disk costs the copy, not the run: it can be folded again. */
  async keep({ run, finishedAt }: RunRow, picture: Picture): Promise<void> {
    if (finishedAt === null) return;
    const kept: Kept = { format: FORMAT, finishedAt, picture };
    const writing = writeFileAtomically(this.#path(run), [Buffer.from(JSON.stringify(kept))]).catch(() => undefined);
    this.#writing.add(writing);
    await writing;
    this.#writing.delete(writing);
  }

  /** Until nothing is folded or written: the directory of a run can be removed then. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#folding.values());
    await Promise.all(this.#writing);
  }

  async #open(row: RunRow): Promise<Picture> {
    const kept = await this.#read(row);
    if (kept !== undefined) return kept;
    const coalescer = new Coalescer({ ticks: false });
    let count = 0;
    for (const record of this.#store.reader(row.run).inOrder()) {
      coalescer.add(record);
      count += 1;
      if (count % RECORDS_AT_ONCE === 0) await breathe();
    }
    await this.keep(row, coalescer.picture);
    return coalescer.picture;
  }

  async #read({ run, finishedAt }: RunRow): Promise<Picture | undefined> {
    if (finishedAt === null) return undefined;
    try {
      const path = this.#path(run);
      if ((await stat(path)).size > MAX_FILE_BYTES) return undefined;
      const kept = JSON.parse(await readFile(path, 'utf8')) as Kept;
      return kept.format === FORMAT && kept.finishedAt === finishedAt ? kept.picture : undefined;
    } catch {
      return undefined;
    }
  }

  #path(run: string): string {
    return join(this.#store.runDirectory(run), FILE);
  }
}
