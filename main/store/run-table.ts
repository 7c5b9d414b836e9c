/** The table of runs: a row each, found by its identifier, by the beginning of one, or as the latest. */
import type { DatabaseSync } from 'node:sqlite';
import type { RunStatus } from '../core/control-plane-api.ts';
import type { RunConfig } from '../core/config.ts';
import { CaduceusError, type ErrorReport } from '../core/errors.ts';
import type { RunResult } from '../core/metrics.ts';
import type { OptionValues } from '../core/policy/options.ts';
import type { RunEnvironment, RunRow } from '../core/run-row.ts';
import { fromExactJson, toExactJson } from './exact-json.ts';
import { guarded } from './sqlite-errors.ts';

/** A run before anything is known of how it goes. */
export interface FreshRun {
  id: string;
  name: string | undefined;
  createdAt: Date;
  config: RunConfig;
  options: OptionValues;
  environment: RunEnvironment;
  /** The process that trains it. */
  owner: string;
}

const NEWEST_SHOWN = 5;
const DEFAULT_LIMIT = 100;
const COLUMNS =
  'id, name, status, created_at, started_at, finished_at, config, options, environment, result, error, lost_records';

/** What a run that nobody finished says of itself. */
const ABANDONED: ErrorReport = {
  code: 'CAD-INTERRUPTED',
  message: 'Caduceus ended while this run was training',
  remedy: 'Its records until then are kept; resume it from its newest checkpoint, or start it again.',
};

export class RunTable {
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #home: string;

  /** @param home For messages. */
  constructor(database: DatabaseSync, path: string, home: string) {
    this.#database = database;
    this.#path = path;
    this.#home = home;
  }

  /** The number of its row; undefined when another run has the identifier. */
  insert({ id, name, createdAt, config, options, environment, owner }: FreshRun): number | undefined {
    const settings = [toExactJson(config), toExactJson(options), toExactJson(environment)] as const;
    const { changes, lastInsertRowid } = this.#prepare(
      'INSERT INTO runs (id, name, status, created_at, config, options, environment, owner) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING',
    ).run(id, name ?? null, 'running', createdAt.toISOString(), ...settings, owner);
    return changes === 1 ? Number(lastInsertRowid) : undefined;
  }

  delete(number: number): void {
    this.#prepare('DELETE FROM runs WHERE number = ?').run(number);
  }

  /** @throws CAD-RUN-UNKNOWN */
  change(run: string, assignments: string, ...values: (string | null)[]): void {
    const { changes } = this.#guarded(() =>
      this.#prepare(`UPDATE runs SET ${assignments} WHERE id = ?`).run(...values, run),
    );
    if (changes === 0) throw this.#unknown(run, []);
  }

  /** Marks interrupted what a process that has died was training. */
  markAbandoned(isAlive: (owner: string) => boolean): void {
    const open = this.#prepare(`SELECT DISTINCT owner FROM runs WHERE status IN ('running', 'paused')`).all();
    for (const { owner } of open) {
      if (typeof owner === 'string' && isAlive(owner)) continue;
      // When the process died is not known: the time of the end stays empty.
      this.#prepare(
        `UPDATE runs SET status = 'interrupted', error = ?, owner = NULL WHERE status IN ('running', 'paused') AND owner IS ?`,
      ).run(toExactJson(ABANDONED), owner ?? null);
    }
  }

  /** Of its row, as records name it. @throws CAD-RUN-UNKNOWN */
  number(run: string): number {
    const row = this.#guarded(() => this.#prepare('SELECT number FROM runs WHERE id = ?').get(run));
    if (row === undefined) throw this.#unknown(run, []);
    return Number(row['number']);
  }

  /** Newest first; `before`: only those older than this one. */
  list({ limit = DEFAULT_LIMIT, before }: { limit?: number; before?: string } = {}): RunRow[] {
    const end = before === undefined ? Number.MAX_SAFE_INTEGER : this.number(before);
    const rows = this.#guarded(() =>
      this.#prepare(`SELECT ${COLUMNS} FROM runs WHERE number < ? ORDER BY number DESC LIMIT ?`).all(end, limit),
    );
    return rows.map(runFromRow);
  }

  /**
   * @param wanted an identifier, the beginning of exactly one, or `latest`.
   * @throws CAD-RUN-UNKNOWN with the newest identifiers in its remedy.
   */
  find(wanted: string): RunRow {
    const rows = this.#guarded(() => {
      if (wanted === 'latest') return this.#prepare(`SELECT ${COLUMNS} FROM runs ORDER BY number DESC LIMIT 1`).all();
      const exact = this.#prepare(`SELECT ${COLUMNS} FROM runs WHERE id = ?`).all(wanted);
      if (exact.length > 0 || wanted === '') return exact;
      return this.#prepare(
        `SELECT ${COLUMNS} FROM runs WHERE substr(id, 1, length(?)) = ? ORDER BY number DESC LIMIT ?`,
      ).all(wanted, wanted, NEWEST_SHOWN);
    });
    const [only, second] = rows;
    if (only === undefined || second !== undefined) throw this.#unknown(wanted, rows.map(runFromRow));
    return runFromRow(only);
  }

  #unknown(wanted: string, matches: readonly RunRow[]): CaduceusError {
    if (matches.length > 1) {
      const ids = matches.map(({ run }) => run).join(', ');
      return new CaduceusError(
        'CAD-RUN-UNKNOWN',
        `"${wanted}" is the beginning of several runs`,
        `Use one of: ${ids}.`,
      );
    }
    const newest = this.list({ limit: NEWEST_SHOWN }).map(({ run }) => run);
    return new CaduceusError(
      'CAD-RUN-UNKNOWN',
      `there is no run "${wanted}" in ${this.#home}`,
      newest.length === 0
        ? 'Train one first: nothing has been recorded here.'
        : `The newest are: ${newest.join(', ')}.`,
    );
  }

  #prepare(sql: string): ReturnType<DatabaseSync['prepare']> {
    return this.#guarded(() => this.#database.prepare(sql));
  }

  #guarded<T>(work: () => T): T {
    return guarded(this.#path, work);
  }
}

function runFromRow(row: Readonly<Record<string, unknown>>): RunRow {
  const textOf = (column: string): string => String(row[column]);
  const optional = (column: string): string | null => (row[column] === null ? null : textOf(column));
  const result = optional('result');
  const error = optional('error');
  return {
    run: textOf('id'),
    name: optional('name'),
    status: textOf('status') as RunStatus,
    createdAt: textOf('created_at'),
    startedAt: optional('started_at'),
    finishedAt: optional('finished_at'),
    // As it was written: settings of another version must not keep old runs from being listed.
    config: fromExactJson(textOf('config')) as RunConfig,
    options: fromExactJson(textOf('options')) as OptionValues,
    environment: fromExactJson(textOf('environment')) as RunEnvironment,
    result: result === null ? null : (fromExactJson(result) as RunResult),
    error: error === null ? null : (fromExactJson(error) as ErrorReport),
    lostRecords: Number(row['lost_records']),
  };
}
