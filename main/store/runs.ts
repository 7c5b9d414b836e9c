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
import { RunTable } from './run-table.ts';
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

const MAX_ID_ATTEMPTS = 100;
const ACTIVE: readonly RunStatus[] = ['running', 'paused'];

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
  readonly #runs: RunTable;
  readonly #recorders = new Map<string, Recorder>();
  #lock: OwnerLock | undefined;

  constructor(home: string, sources: StoreSources) {
    this.home = home;
    this.#sources = sources;
    this.#path = join(home, 'caduceus.sqlite');
    this.#database = openDatabase(this.#path);
    this.#runs = new RunTable(this.#database, this.#path, home);
    try {
      this.#markAbandoned();
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  /** Makes a run that this process owns, in status `running`. */
  createRun({ config, options, environment, simulation, name = config.name }: NewRun): string {
    const owner = this.#owner();
    const createdAt = this.#sources.now();
    for (let attempt = 0; ; attempt++) {
      assert(attempt < MAX_ID_ATTEMPTS, 'random identifiers differ');
      const id = makeRunId(createdAt, this.#sources.random);
      const isNew = this.#guarded(() =>
        transaction(this.#database, () => {
          const number = this.#runs.insert({ id, name, createdAt, config, options, environment, owner });
          if (number !== undefined && simulation) this.#keepSimulation(number, simulation);
          return number !== undefined;
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
    const number = this.#runs.number(run);
    const row = this.#guarded(() => this.#prepare('SELECT * FROM simulations WHERE run = ?').get(number));
    if (row === undefined) return null;
    const cluster = fromExactJson(String(row['cluster'])) as SimulatedOn['cluster'];
    return { cluster, timingOnly: row['timing_only'] === 1 };
  }

  /** Training began (the first release); counts once. */
  markStarted(run: string): void {
    this.#runs.change(run, 'started_at = coalesce(started_at, ?)', this.#sources.now().toISOString());
  }

  setStatus(run: string, status: 'running' | 'paused'): void {
    this.#runs.change(run, 'status = ?', status);
  }

  /**
   * Takes a run over to train on; its records go on behind the last.
   * @throws CAD-RUN-UNKNOWN; CAD-RUN-UNFINISHED while a living process trains it.
   */
  reopenRun(run: string): void {
    this.refuseActive(run);
    const taken = `status = 'running', finished_at = NULL, result = NULL, error = NULL, owner = ?`;
    this.#runs.change(run, taken, this.#owner());
  }

  /** @throws CAD-RUN-UNKNOWN; CAD-RUN-UNFINISHED while a living process trains it. */
  refuseActive(run: string): void {
    this.#markAbandoned();
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
    this.#runs.change(
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
    const number = this.#runs.number(run);
    rmSync(this.runDirectory(run), { recursive: true, force: true });
    this.#guarded(() =>
      transaction(this.#database, () => {
        for (const { name } of Object.values(RECORD_TABLES))
          this.#prepare(`DELETE FROM ${name} WHERE run = ?`).run(number);
        this.#prepare('DELETE FROM simulations WHERE run = ?').run(number);
        this.#runs.delete(number);
      }),
    );
  }

  /** Takes back what was recorded after `atMs`: work that a resumed run does once more. */
  rewind(run: string, atMs: number): void {
    const number = this.#runs.number(run);
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
    const recorder = new BatchRecorder(this.#database, this.#path, this.#runs.number(run), options, () =>
      this.#recorders.delete(run),
    );
    this.#recorders.set(run, recorder);
    return recorder;
  }

  /** Newest first; `before`: only those older than this one. */
  listRuns(which: { limit?: number; before?: string } = {}): RunRow[] {
    return this.#runs.list(which);
  }

  /**
   * @param wanted an identifier, the beginning of exactly one, or `latest`.
   * @throws CAD-RUN-UNKNOWN with the newest identifiers in its remedy.
   */
  findRun(wanted: string): RunRow {
    return this.#runs.find(wanted);
  }

  /** Writes what is queued of a run, for other processes to read. */
  flush(run: string): void {
    this.#recorders.get(run)?.flush();
  }

  /** Records of one kind in the order of their writing, read as they are asked for. */
  *records<K extends RecordKind>(run: string, kind: K): Generator<RecordOf<K>, void, undefined> {
    this.#recorders.get(run)?.flush();
    const number = this.#runs.number(run);
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
    return new RecordReader(this.#database, this.#path, this.#runs.number(run));
  }

  rename(run: string, name: string | null): void {
    this.#runs.change(run, 'name = ?', name);
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
    this.#guarded(() => this.#runs.markAbandoned((owner) => isOwnerAlive(join(this.home, 'owners'), owner)));
  }

  #prepare(sql: string): ReturnType<DatabaseSync['prepare']> {
    return this.#guarded(() => this.#database.prepare(sql));
  }

  #guarded<T>(work: () => T): T {
    return guarded(this.#path, work);
  }
}
