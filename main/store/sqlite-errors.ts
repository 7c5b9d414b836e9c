/** What SQLite's refusals mean to a user. Everything the store asks of SQLite goes through `guarded`. */
import { CaduceusError } from '../core/errors.ts';
import { homeReadonly } from './home.ts';

/** Primary result codes, https://sqlite.org/rescode.html; extended codes keep them in the low byte. */
const BUSY = 5;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const NOTADB = 26;

/**
 * Runs one piece of database work.
 * @throws CAD-HOME-READONLY, CAD-STORE-CORRUPT or CAD-OUTPUT for the world's failures; others as they are.
 */
export function guarded<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw explained(path, error);
  }
}

function explained(path: string, error: unknown): unknown {
  switch (primaryCode(error)) {
    case READONLY:
    case CANTOPEN:
      return homeReadonly(path, error);
    case CORRUPT:
    case NOTADB:
      return storeCorrupt(path, 'it is damaged or not a database', error);
    case FULL:
    case IOERR:
      return new CaduceusError(
        'CAD-OUTPUT',
        `the run database ${path} could not be written: ${(error as Error).message}`,
        'Free space on its disk, or move the data directory and set CADUCEUS_HOME.',
        error,
      );
    case BUSY:
      return new CaduceusError(
        'CAD-OUTPUT',
        `another program has kept the run database ${path} locked`,
        'Close programs that have it open, then try again.',
        error,
      );
    default:
      return error;
  }
}

/** True when a lock was refused because somebody holds it. */
export function isBusy(error: unknown): boolean {
  return primaryCode(error) === BUSY;
}

/** The run database cannot be trusted. It is never repaired or deleted here: it is the user's. */
export function storeCorrupt(path: string, why: string, cause?: unknown): CaduceusError {
  return new CaduceusError(
    'CAD-STORE-CORRUPT',
    `the run database ${path} cannot be used: ${why}`,
    'Move that file (and those beside it that end in -wal and -shm) away to start afresh; checkpoints and models stay.',
    cause,
  );
}

function primaryCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  return error.errcode & 0xff;
}
