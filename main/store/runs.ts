/**
 * The store: every run there was, its settings, its result and its records as rows.
 *
 * Many processes may have it open; each run belongs to the process that trains it. A run whose process
 * died is found at the next opening and marked interrupted.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { RunStatus } from '../core/control-plane-api.ts';
import { assert } from '../core/assert.ts';
import type { RunConfig } from '../core/config.ts';
import { CaduceusError, type ErrorReport } from '../core/errors.ts';
import type { RunResult } from '../core/metrics.ts';
import type { OptionValues } from '../core/policy/options.ts';
import type { RunEnvironment, RunRow, SimulatedOn } from '../core/run-row.ts';
import { openDatabase, transaction } from './database.ts';
import { makeDirectory } from './directory.ts';
import { fromExactJson, toExactJson } from './exact-json.ts';
import { prepareHome } from './home.ts';
import { isOwnerAlive, type OwnerLock, takeOwnerLock } from './owner-lock.ts';
import { RecordReader } from './record-reader.ts';
import { RECORD_TABLES, recordFromRow, type RecordKind, type RecordOf } from './record-tables.ts';
import { BatchRecorder, type Recorder, type RecorderOptions } from './recorder.ts';
import { makeRunId } from './run-id.ts';
import { guarded } from './sqlite-errors.ts';

export interface NewRun {
  config: RunConfig;
  options: OptionValues;
  environment: RunEnvironment;
  name?: string;
  /** Of a run in virtual time. */
  simulation?: SimulatedOn;
}

export interface RunEnding {
  status: Exclude<RunStatus, 'running' | 'paused'>;
  result?: RunResult;
  error?: ErrorReport;
}

/** Where the store takes time and chance from. */
export interface StoreSources {
  now: () => Date;
  /** Draws from [0, 1). */
  random: () => number;
}

const NEWEST_SHOWN = 5;
const DEFAULT_LIMIT = 100;
const MAX_ID_ATTEMPTS = 100;
const COLUMNS =
  'id, name, status, created_at, started_at, finished_at, config, options, environment, result, error, lost_records';

const ACTIVE: readonly RunStatus[] = ['running', 'paused'];

/** What a run that nobody finished says of itself. */
const ABANDONED: ErrorReport = {
  code: 'CAD-INTERRUPTED',
  message: 'Caduceus ended while this run was training',
  remedy: 'Its records until then are kept; resume it from its newest checkpoint, or start it again.',
};

/** @throws CAD-HOME-READONLY, CAD-STORE-CORRUPT */
export function openStore(home: string, sources: Partial<StoreSources> = {}): Store {
  const directory = prepareHome(home);
  return new Store(directory, { now: sources.now ?? (() => new Date()), random: sources.random ?? Math.random });
}

export class Store {
  readonly home: string;
  readonly #sources: StoreSources;
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #recorders = new Map<string, Recorder>();
  #lock: OwnerLock | undefined;

  constructor(home: string, sources: StoreSources) {
    this.home = home;
    this.#sources = sources;
    this.#path = join(home, 'caduceus.sqlite');
    this.#database = openDatabase(this.#path);
    try {
      this.#guarded(() => this.#markAbandoned());
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  /** Makes a run that this process owns, in status `running`. */
  createRun({ config, options, environment, simulation, name = config.name }: NewRun): string {
    const owner = this.#owner();
    const now = this.#sources.now();
    const insert = this.#prepare(
      'INSERT INTO runs (id, name, status, created_at, config, options, environment, owner) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING',
    );
    const settings = [toExactJson(config), toExactJson(options), toExactJson(environment)] as const;
    for (let attempt = 0; ; attempt++) {
      assert(attempt < MAX_ID_ATTEMPTS, 'random identifiers differ');
      const id = makeRunId(now, this.#sources.random);
      const cells = [id, name ?? null, 'running', now.toISOString(), ...settings, owner] as const;
      const isNew = this.#guarded(() =>
        transaction(this.#database, () => {
          const { changes, lastInsertRowid } = insert.run(...cells);
          if (changes === 1 && simulation) this.#keepSimulation(Number(lastInsertRowid), simulation);
          return changes === 1;
        }),
      );
      if (isNew) return id;
    }
  }

  #keepSimulation(number: number, { cluster, timingOnly }: SimulatedOn): void {
    this.#prepare('INSERT INTO simulations (run, cluster, timing_only) VALUES (?, ?, ?)').run(
      number,
      toExactJson(cluster),
      timingOnly ? 1 : 0,
    );
  }

  /** What a run was simulated on; null for one on real workers, and where it was not kept. */
  simulationOf(run: string): SimulatedOn | null {
    const number = this.#number(run);
    const row = this.#guarded(() => this.#prepare('SELECT * FROM simulations WHERE run = ?').get(number));
    if (row === undefined) return null;
    const cluster = fromExactJson(String(row['cluster'])) as SimulatedOn['cluster'];
    return { cluster, timingOnly: row['timing_only'] === 1 };
  }

  /** Training began (the first release); counts once. */
  markStarted(run: string): void {
    this.#change(run, 'started_at = coalesce(started_at, ?)', this.#sources.now().toISOString());
  }

  setStatus(run: string, status: 'running' | 'paused'): void {
    this.#change(run, 'status = ?', status);
  }

  /**
   * Takes a run over to train on; its records go on behind the last.
   * @throws CAD-RUN-UNKNOWN; CAD-RUN-UNFINISHED while a living process trains it.
   */
  reopenRun(run: string): void {
    this.refuseActive(run);
    const taken = `status = 'running', finished_at = NULL, result = NULL, error = NULL, owner = ?`;
    this.#change(run, taken, this.#owner());
  }

  /** @throws CAD-RUN-UNKNOWN; CAD-RUN-UNFINISHED while a living process trains it. */
  refuseActive(run: string): void {
    this.#guarded(() => this.#markAbandoned());
    if (!ACTIVE.includes(this.findRun(run).status)) return;
    throw new CaduceusError(
      'CAD-RUN-UNFINISHED',
      `run ${run} is being trained${this.#recorders.has(run) ? '' : ' by another process'}`,
      'Stop it first, or wait until it ends.',
    );
  }

  /** Ends a run: closes its recorder, then writes status, result and error together. */
  finish(run: string, { status, result, error }: RunEnding): void {
    this.#recorders.get(run)?.close();
    this.#change(
      run,
      'status = ?, finished_at = ?, result = ?, error = ?, owner = NULL',
      status,
      this.#sources.now().toISOString(),
      result === undefined ? null : toExactJson(result),
      error === undefined ? null : toExactJson(error),
    );
  }

  /** Forgets a run that came to nothing before it trained. */
  discardRun(run: string): void {
    this.#recorders.get(run)?.close();
    const number = this.#number(run);
    rmSync(this.runDirectory(run), { recursive: true, force: true });
    this.#guarded(() =>
      transaction(this.#database, () => {
        for (const { name } of Object.values(RECORD_TABLES))
          this.#prepare(`DELETE FROM ${name} WHERE run = ?`).run(number);
        this.#prepare('DELETE FROM simulations WHERE run = ?').run(number);
        this.#prepare('DELETE FROM runs WHERE number = ?').run(number);
      }),
    );
  }

  /** Takes back what was recorded after `atMs`: work that a resumed run does once more. */
  rewind(run: string, atMs: number): void {
    const number = this.#number(run);
    this.#guarded(() =>
      transaction(this.#database, () => {
        for (const { name } of Object.values(RECORD_TABLES)) {
          this.#prepare(`DELETE FROM ${name} WHERE run = ? AND at_ms > ?`).run(number, atMs);
        }
      }),
    );
  }

  /** One recorder a run; asked again, the same. */
  recorder(run: string, options: RecorderOptions = {}): Recorder {
    const known = this.#recorders.get(run);
    if (known !== undefined) return known;
    const recorder = new BatchRecorder(this.#database, this.#path, this.#number(run), options, () =>
      this.#recorders.delete(run),
    );
    this.#recorders.set(run, recorder);
    return recorder;
  }

  /** Newest first; `before`: only those older than this one. */
  listRuns({ limit = DEFAULT_LIMIT, before }: { limit?: number; before?: string } = {}): RunRow[] {
    const end = before === undefined ? Number.MAX_SAFE_INTEGER : this.#number(before);
    const rows = this.#guarded(() =>
      this.#prepare(`SELECT ${COLUMNS} FROM runs WHERE number < ? ORDER BY number DESC LIMIT ?`).all(end, limit),
    );
    return rows.map(runFromRow);
  }

  /**
   * @param wanted an identifier, the beginning of exactly one, or `latest`.
   * @throws CAD-RUN-UNKNOWN with the newest identifiers in its remedy.
   */
  findRun(wanted: string): RunRow {
    const rows = this.#guarded(() => {
      if (wanted === 'latest') return this.#prepare(`SELECT ${COLUMNS} FROM runs ORDER BY number DESC LIMIT 1`).all();
      const exact = this.#prepare(`SELECT ${COLUMNS} FROM runs WHERE id = ?`).all(wanted);
      if (exact.length > 0 || wanted === '') return exact;
      return this.#prepare(
        `SELECT ${COLUMNS} FROM runs WHERE substr(id, 1, length(?)) = ? ORDER BY number DESC LIMIT ?`,
      ).all(wanted, wanted, NEWEST_SHOWN);
    });
    const [only, second] = rows;
    if (only === undefined || second !== undefined) throw this.#unknownRun(wanted, rows.map(runFromRow));
    return runFromRow(only);
  }

  /** Writes what is queued of a run, for other processes to read. */
  flush(run: string): void {
    this.#recorders.get(run)?.flush();
  }

  /** Records of one kind in the order of their writing, read as they are asked for. */
  *records<K extends RecordKind>(run: string, kind: K): Generator<RecordOf<K>, void, undefined> {
    this.#recorders.get(run)?.flush();
    const number = this.#number(run);
    const rows = this.#guarded(() =>
      this.#prepare(`SELECT * FROM ${RECORD_TABLES[kind].name} WHERE run = ? ORDER BY seq`).iterate(number),
    );
    for (;;) {
      const next = this.#guarded(() => rows.next());
      if (next.done) return;
      yield recordFromRow(kind, next.value);
    }
  }

  /** Reads the run's records, with what is still queued. @throws CAD-RUN-UNKNOWN */
  reader(run: string): RecordReader {
    this.#recorders.get(run)?.flush();
    return new RecordReader(this.#database, this.#path, this.#number(run));
  }

  rename(run: string, name: string | null): void {
    this.#change(run, 'name = ?', name);
  }

  /** Changes whenever another process has written. */
  get outsideVersion(): number {
    return Number(this.#guarded(() => this.#prepare('PRAGMA data_version').get())?.['data_version']);
  }

  /** The run's own directory, for checkpoints, logs, models and reports; made when it is missing. */
  runDirectory(run: string): string {
    const directory = join(this.home, 'runs', this.findRun(run).run);
    makeDirectory(directory, 0o700);
    return directory;
  }

  /** Writes what is queued. Runs that this process still owns are found interrupted at the next opening. */
  close(): void {
    if (!this.#database.isOpen) return;
    try {
      for (const recorder of [...this.#recorders.values()]) recorder.close();
    } finally {
      this.#database.close();
      this.#lock?.release();
      this.#lock = undefined;
    }
  }

  #owner(): string {
    const { random } = this.#sources;
    const newName = (): string => `${process.pid}-${Math.floor(random() * 2 ** 48).toString(36)}`;
    this.#lock ??= takeOwnerLock(join(this.home, 'owners'), newName);
    return this.#lock.owner;
  }

  #markAbandoned(): void {
    const open = this.#prepare(`SELECT DISTINCT owner FROM runs WHERE status IN ('running', 'paused')`).all();
    for (const { owner } of open) {
      if (typeof owner === 'string' && isOwnerAlive(join(this.home, 'owners'), owner)) continue;
      // When the process died is not known: the time of the end stays empty.
      this.#prepare(
        `UPDATE runs SET status = 'interrupted', error = ?, owner = NULL WHERE status IN ('running', 'paused') AND owner IS ?`,
      ).run(toExactJson(ABANDONED), owner ?? null);
    }
  }

  #change(run: string, assignments: string, ...values: (string | null)[]): void {
    const { changes } = this.#guarded(() =>
      this.#prepare(`UPDATE runs SET ${assignments} WHERE id = ?`).run(...values, run),
    );
    if (changes === 0) throw this.#unknownRun(run, []);
  }

  #number(run: string): number {
    const row = this.#guarded(() => this.#prepare('SELECT number FROM runs WHERE id = ?').get(run));
    if (row === undefined) throw this.#unknownRun(run, []);
    return Number(row['number']);
  }

  #unknownRun(wanted: string, matches: readonly RunRow[]): CaduceusError {
    if (matches.length > 1) {
      const ids = matches.map(({ run }) => run).join(', ');
      return new CaduceusError(
        'CAD-RUN-UNKNOWN',
        `"${wanted}" is the beginning of several runs`,
        `Use one of: ${ids}.`,
      );
    }
    const newest = this.listRuns({ limit: NEWEST_SHOWN }).map(({ run }) => run);
    return new CaduceusError(
      'CAD-RUN-UNKNOWN',
      `there is no run "${wanted}" in ${this.home}`,
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
