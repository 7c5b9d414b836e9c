/**
 * The user's data directory: runs, checkpoints, models.
 *
 * `CADUCEUS_HOME` names it; else it lies where the system keeps such data: `$XDG_DATA_HOME/caduceus`
 * or `~/.local/share/caduceus`, `~/Library/Application Support/Caduceus`, `%APPDATA%\Caduceus`.
 */
import { closeSync, openSync, statSync, unlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import { posix, resolve, win32 } from 'node:path';
import { CaduceusError } from '../core/errors.ts';
import { makeDirectory } from './directory.ts';

export interface HomeSurroundings {
  env: Readonly<Record<string, string | undefined>>;
  platform: NodeJS.Platform;
  /** The user's own directory. */
  userHome: string;
}

/** Where the data directory is; nothing is created or checked. An empty variable counts as unset. */
export function locateHome(surroundings: Partial<HomeSurroundings> = {}): string {
  const { env = process.env, platform = process.platform, userHome = homedir() } = surroundings;
  const chosen = env['CADUCEUS_HOME'];
  if (chosen) return resolve(chosen);
  if (platform === 'win32') {
    return win32.join(env['APPDATA'] || win32.join(userHome, 'AppData', 'Roaming'), 'Caduceus');
  }
  if (platform === 'darwin') return posix.join(userHome, 'Library', 'Application Support', 'Caduceus');
  const shared = env['XDG_DATA_HOME'];
  // The XDG specification tells programs to ignore relative paths.
  const base = shared !== undefined && posix.isAbsolute(shared) ? shared : posix.join(userHome, '.local', 'share');
  return posix.join(base, 'caduceus');
}

/**
 * Creates the directory where it is missing (mode 0700) and makes sure that it can be written.
 * @throws CAD-HOME-READONLY; then nothing was left behind.
 */
export function prepareHome(home: string): string {
  const directory = resolve(home);
  try {
    makeDirectory(directory, 0o700);
    refuseWriteProtected(directory);
    const probe = resolve(directory, `.probe-${process.pid}`);
    closeSync(openSync(probe, 'w', 0o600));
    unlinkSync(probe);
  } catch (error) {
    throw homeReadonly(directory, error);
  }
  return directory;
}

/** Nobody has write permission: whoever took it away meant it, so root, who could write, does not. */
function refuseWriteProtected(directory: string): void {
  if (process.platform === 'win32') return;
  if ((statSync(directory).mode & 0o222) === 0) throw new Error('the directory is write-protected');
}

export function homeReadonly(path: string, cause: unknown): CaduceusError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new CaduceusError(
    'CAD-HOME-READONLY',
    `the data directory ${path} cannot be written: ${why}`,
    'Make it writable, or set CADUCEUS_HOME to a directory that is.',
    cause,
  );
}
