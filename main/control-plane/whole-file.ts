/** Files for the user: there whole, or not at all. */
import { renameSync, rmSync } from 'node:fs';
import { CaduceusError } from '../core/errors.ts';

/**
 * Has `write` fill a file beside `path`, then puts it in its place; nothing is left of a failure.
 * @param what names the content in the error, such as `the report`.
 * @throws CAD-OUTPUT
 */
export function writeWhole(path: string, what: string, write: (unfinished: string) => void): string {
  const unfinished = `${path}.${process.pid}.tmp`;
  try {
    write(unfinished);
    renameSync(unfinished, path);
  } catch (cause) {
    remove(unfinished);
    throw new CaduceusError(
      'CAD-OUTPUT',
      `${what} cannot be written to ${path}: ${cause instanceof Error ? cause.message : String(cause)}`,
      'Choose a directory that can be written, with --out.',
      cause,
    );
  }
  return path;
}

function remove(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // Where nothing can be removed, nothing was made.
  }
}
