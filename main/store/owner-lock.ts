/**
 * Who is training? A process holds a lock of the operating system for as long as it lives: an exclusive
 * SQLite transaction on a small file of its own. The kernel lets go of it when the process dies, however
 * it dies, so there are no stale locks, and a process id that was given to somebody else misleads no one.
 */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { connect } from './database.ts';
import { guarded, isBusy } from './sqlite-errors.ts';

const MAX_ATTEMPTS = 20;

export interface OwnerLock {
  /** Names this owner in the runs it holds. */
  readonly owner: string;
  release(): void;
}

/** @param newName gives another name at each call. */
export function takeOwnerLock(directory: string, newName: () => string): OwnerLock {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const owner = newName();
    const path = lockPath(directory, owner);
    const held = guarded(path, () => tryLock(path));
    if (held === undefined) continue;
    // Somebody who was clearing up may have removed the file between its creation and the lock.
    if (!existsSync(path)) {
      held.close();
      continue;
    }
    return {
      owner,
      release: () => {
        held.close();
        rmSync(path, { force: true });
      },
    };
  }
  throw new Error('no owner lock could be taken');
}

/** True while the process that took this lock lives. The file of a dead owner is removed. */
export function isOwnerAlive(directory: string, owner: string): boolean {
  const path = lockPath(directory, owner);
  if (!existsSync(path)) return false;
  const held = guarded(path, () => tryLock(path));
  if (held === undefined) return true;
  held.close();
  rmSync(path, { force: true });
  return false;
}

function lockPath(directory: string, owner: string): string {
  return join(directory, `${owner.replaceAll(/[^\w-]/g, '_')}.lock`);
}

/** The connection that holds the lock, or undefined when somebody else does. */
function tryLock(path: string): DatabaseSync | undefined {
  const connection = connect(path, 0);
  try {
    connection.exec('BEGIN EXCLUSIVE');
    return connection;
  } catch (error) {
    connection.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
}
