/** Records of a run, read back: page by page for tables, or all kinds in the order of their making. */
import type { DatabaseSync } from 'node:sqlite';
import type { RunRecord } from '../core/metrics.ts';
import { RECORD_KINDS, RECORD_TABLES, recordFromRow, type RecordKind } from './record-tables.ts';
import { guarded } from './sqlite-errors.ts';

export interface RecordPageRequest {
  kind: RecordKind;
  /** Only this worker's; for kinds that name one. */
  worker?: string;
  offset: number;
  limit: number;
}

/** Kinds without a worker's name. */
const NAMELESS: ReadonlySet<RecordKind> = new Set(['evaluation', 'traffic', 'decision']);

export class RecordReader {
  readonly #database: DatabaseSync;
  readonly #path: string;
  /** The run's number in the database. */
  readonly #run: number;

  constructor(database: DatabaseSync, path: string, run: number) {
    this.#database = database;
    this.#path = path;
    this.#run = run;
  }

  page({ kind, worker, offset, limit }: RecordPageRequest): { records: RunRecord[]; total: number } {
    const { name } = RECORD_TABLES[kind];
    const isOfWorker = worker !== undefined && !NAMELESS.has(kind);
    const where = isOfWorker ? 'run = ? AND worker = ?' : 'run = ?';
    const keys = isOfWorker ? [this.#run, worker] : [this.#run];
    return guarded(this.#path, () => {
      const counted = this.#database.prepare(`SELECT count(*) AS total FROM ${name} WHERE ${where}`).get(...keys);
      const rows = this.#database
        .prepare(`SELECT * FROM ${name} WHERE ${where} ORDER BY seq LIMIT ? OFFSET ?`)
        .all(...keys, limit, offset);
      return { records: rows.map((row) => recordFromRow(kind, row)), total: Number(counted?.['total'] ?? 0) };
    });
  }

  /** Every record, as they were made; read as they are asked for. */
  *inOrder(): Generator<RunRecord, void, undefined> {
    const sources = RECORD_KINDS.map((kind) => {
      const statement = this.#database.prepare(`SELECT * FROM ${RECORD_TABLES[kind].name} WHERE run = ? ORDER BY seq`);
      return { kind, rows: statement.iterate(this.#run), next: undefined as Record<string, unknown> | undefined };
    });
    const advance = (source: (typeof sources)[number]): void => {
      const { done, value } = guarded(this.#path, () => source.rows.next());
      source.next = done ? undefined : value;
    };
    for (const source of sources) advance(source);
    for (;;) {
      let first: (typeof sources)[number] | undefined;
      for (const source of sources) {
        if (source.next === undefined) continue;
        if (first?.next === undefined || Number(source.next['seq']) < Number(first.next['seq'])) first = source;
      }
      if (first?.next === undefined) return;
      yield recordFromRow(first.kind, first.next);
      advance(first);
    }
  }
}
