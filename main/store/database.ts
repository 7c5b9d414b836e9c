/**
 * Opens the run database: WAL, so that one process trains while others read; migrated to the newest
 * schema; refused, never touched, when it is damaged, foreign or from a newer program.
 */
import { chmodSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { MIGRATIONS } from './migrations.ts';
import { guarded, storeCorrupt } from './sqlite-errors.ts';

/** Marks the file as ours (`CADU`), so that another program's database is not migrated by mistake. */
const APPLICATION_ID = 0x43414455;
/** How long a writer waits for another process' transaction; those last milliseconds. */
const BUSY_TIMEOUT_MS = 5000;

const sqlite = loadSqlite();

/** `node:sqlite` announces itself as experimental on some versions of Node; only that warning is held back. */
function loadSqlite(): typeof import('node:sqlite') {
  const announce = process.emitWarning;
  process.emitWarning = (warning: string | Error, ...rest: unknown[]): void => {
    const text = typeof warning === 'string' ? warning : warning.message;
    if (!text.startsWith('SQLite is an experimental feature')) Reflect.apply(announce, process, [warning, ...rest]);
  };
  try {
    return process.getBuiltinModule('node:sqlite');
  } finally {
    process.emitWarning = announce;
  }
}

/** A bare connection, for locks and tests. */
export function connect(path: string, busyTimeoutMs: number): DatabaseSync {
  return new sqlite.DatabaseSync(path, { timeout: busyTimeoutMs });
}

/** @throws CAD-HOME-READONLY, CAD-STORE-CORRUPT */
export function openDatabase(path: string): DatabaseSync {
  return guarded(path, () => {
    const database = connect(path, BUSY_TIMEOUT_MS);
    try {
      refuseForeign(database, path);
      database.exec('PRAGMA journal_mode = WAL');
      // A power cut may take the last moments of a run, never its consistency; a kill takes nothing.
      database.exec('PRAGMA synchronous = NORMAL');
      migrate(database, path);
      if (process.platform !== 'win32') chmodSync(path, 0o600);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

function refuseForeign(database: DatabaseSync, path: string): void {
  const id = pragma(database, 'application_id');
  const tables = Number(database.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.['n'] ?? 0);
  if (id !== APPLICATION_ID && (id !== 0 || tables > 0)) throw storeCorrupt(path, 'it belongs to another program');
}

function migrate(database: DatabaseSync, path: string): void {
  if (knownVersion(database, path) === MIGRATIONS.length) return;
  transaction(database, () => {
    // Asked again inside: another process may have migrated the file a moment ago.
    const version = knownVersion(database, path);
    for (const step of MIGRATIONS.slice(version)) database.exec(step);
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
    database.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
  });
}

function knownVersion(database: DatabaseSync, path: string): number {
  const version = pragma(database, 'user_version');
  if (version < 0 || version > MIGRATIONS.length) {
    throw storeCorrupt(
      path,
      `it was written by a newer Caduceus (schema ${version}, this one knows ${MIGRATIONS.length})`,
    );
  }
  return version;
}

function pragma(database: DatabaseSync, name: string): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
}

/** All or nothing. Takes the write lock at once, so that it cannot fail half-way for want of it. */
export function transaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    // A full disk may have rolled back already.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}
