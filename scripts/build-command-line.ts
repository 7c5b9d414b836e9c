/**
 * The command line as one file, `.cache/programs/caduceus.cjs`: it starts sooner than some 500 modules, and a
 * server that runs for days never loads a part of itself from sources that have changed since.
 */
import { dirname, join } from 'node:path';
import { isFresh } from './freshness.ts';

const ROOT = dirname(import.meta.dirname);
const COMMAND_LINE = join(ROOT, '.cache', 'programs', 'caduceus.cjs');
/** What the bundle is made of, besides installed packages, whose versions the lock file fixes. */
const SOURCES = ['main', 'scripts/build-app.ts', 'scripts/build-command-line.ts', 'package-lock.json'];

/** The file to start, built unless it is newer than everything it is made of. */
export async function ensureCommandLine(): Promise<string> {
  if (!isFresh(COMMAND_LINE, SOURCES)) {
    const { buildShellProgram } = await import('./build-app.ts');
    await buildShellProgram(COMMAND_LINE, 'main/cli/main.ts');
  }
  return COMMAND_LINE;
}
