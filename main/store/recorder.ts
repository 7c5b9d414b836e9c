/**
 * Writes a run's records in batches: one transaction at most every 250 ms or 1000 rows, so that a fast
 * run does not wait for the disk.
 *
 * A full or failing disk does not stop training: rows wait in a bounded queue and are tried again; when
 * the queue is full, further rows are counted as lost, and the count is kept with the run.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { CaduceusError } from '../core/errors.ts';
import type { RunRecord } from '../core/metrics.ts';
import { transaction } from './database.ts';
import { insertStatement, RECORD_KINDS, RECORD_TABLES, recordCells, type RecordKind } from './record-tables.ts';
import { guarded } from './sqlite-errors.ts';

const FLUSH_EVERY_MS = 250;
const FLUSH_ROWS = 1000;
/** After a failure. */
const RETRY_AFTER_MS = 1000;
export const MAX_QUEUED_ROWS = 100_000;

export interface RecorderOptions {
  /** Told once when writing starts to fail, not at every retry. */
  onTrouble?: (error: CaduceusError) => void;
}

export interface Recorder {
  /** Queues a record; never throws for want of disk. */
  record(record: RunRecord): void;
  /** Writes all that is queued. @throws CAD-OUTPUT, CAD-HOME-READONLY or CAD-STORE-CORRUPT; rows stay queued. */
  flush(): void;
  /** Flushes for the last time; further records are a mistake. @throws as `flush`. */
  close(): void;
  /** Records that found no place in the queue. */
  readonly lostRecords: number;
}

export class BatchRecorder implements Recorder {
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #run: number;
  readonly #onTrouble: ((error: CaduceusError) => void) | undefined;
  readonly #onClose: () => void;
  readonly #inserts = new Map<RecordKind, StatementSync>();
  #queue: RunRecord[] = [];
  #nextSeq: number;
  #timer: NodeJS.Timeout | undefined;
  #troubled = false;
  #lost = 0;
  #lostWritten = 0;
  #closed = false;

  constructor(database: DatabaseSync, path: string, run: number, options: RecorderOptions, onClose: () => void) {
    this.#database = database;
    this.#path = path;
    this.#run = run;
    this.#onTrouble = options.onTrouble;
    this.#onClose = onClose;
    this.#nextSeq = guarded(path, () => firstFreeSeq(database, run));
  }

  get lostRecords(): number {
    return this.#lost;
  }

  record(record: RunRecord): void {
    if (this.#closed) throw new Error('the recorder of this run is closed');
    if (this.#queue.length >= MAX_QUEUED_ROWS) {
      this.#lost += 1;
      return;
    }
    this.#queue.push(record);
    if (this.#queue.length >= FLUSH_ROWS && !this.#troubled) this.#attempt();
    else this.#schedule(FLUSH_EVERY_MS);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#queue.length === 0 && this.#lost === this.#lostWritten) return;
    guarded(this.#path, () => transaction(this.#database, () => this.#write()));
    this.#nextSeq += this.#queue.length;
    this.#queue = [];
    this.#lostWritten = this.#lost;
    this.#troubled = false;
  }

  close(): void {
    if (this.#closed) return;
    try {
      this.flush();
    } finally {
      clearTimeout(this.#timer);
      this.#closed = true;
      this.#onClose();
    }
  }

  #write(): void {
    let seq = this.#nextSeq;
    for (const record of this.#queue) {
      this.#insert(record.type).run(...recordCells(this.#run, seq, record));
      seq += 1;
    }
    if (this.#lost === this.#lostWritten) return;
    this.#database
      .prepare('UPDATE runs SET lost_records = lost_records + ? WHERE number = ?')
      .run(this.#lost - this.#lostWritten, this.#run);
  }

  #insert(kind: RecordKind): StatementSync {
    let statement = this.#inserts.get(kind);
    if (statement === undefined) {
      statement = this.#database.prepare(insertStatement(kind));
      this.#inserts.set(kind, statement);
    }
    return statement;
  }

  #schedule(afterMs: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#attempt();
    }, afterMs);
  }

  /** Writes in the background: the world's failures are told and tried again, ours go up. */
  #attempt(): void {
    try {
      this.flush();
    } catch (error) {
      if (!(error instanceof CaduceusError)) throw error;
      this.#schedule(RETRY_AFTER_MS);
      if (this.#troubled) return;
      this.#troubled = true;
      this.#onTrouble?.(error);
    }
  }
}

/** A run that is resumed goes on behind its last record. */
function firstFreeSeq(database: DatabaseSync, run: number): number {
  const newest = RECORD_KINDS.map((kind) => {
    const row = database.prepare(`SELECT max(seq) AS seq FROM ${RECORD_TABLES[kind].name} WHERE run = ?`).get(run);
    return Number(row?.['seq'] ?? 0);
  });
  return Math.max(0, ...newest) + 1;
}
