/**
 * Files that are there whole or not at all: written beside their place, synced, renamed into it, and the
 * directory synced, so that neither a kill nor a power cut leaves half of one under its name.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CaduceusError } from '../core/errors.ts';

const TEMPORARY = /^\.(.+)\.[0-9a-f]{12}\.tmp$/;

/** @throws CAD-OUTPUT; then what was at `path` is still there and nothing else is left. */
export async function writeFileAtomically(path: string, chunks: readonly Uint8Array[]): Promise<void> {
  const directory = dirname(path);
  const temporary = join(directory, `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    // 'wx' does not follow a link that somebody laid in the way.
    const file = await open(temporary, 'wx', 0o600);
    try {
      for (const chunk of chunks) await file.writeFile(chunk);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncDirectory(directory);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw outputFailed(path, error);
  }
}

/** Removes what writers that were killed left in a directory. Only for directories with one writer. */
export async function removeLeftovers(directory: string): Promise<void> {
  for (const name of await readdir(directory).catch(() => [])) {
    if (TEMPORARY.test(name)) await rm(join(directory, name), { force: true });
  }
}

export function outputFailed(path: string, cause: unknown): CaduceusError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new CaduceusError(
    'CAD-OUTPUT',
    `${path} could not be written: ${why}`,
    'Check that its directory exists, may be written and has space.',
    cause,
  );
}

/** Makes the rename itself last. Windows cannot open directories and needs no such step. */
async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
