/** Whether something that was built is as new as what it is made of. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './source-tree.ts';

/** @param sources files and folders, from the root of the repository. */
export function isFresh(built: string, sources: readonly string[]): boolean {
  if (!existsSync(built)) return false;
  return statSync(built).mtimeMs >= Math.max(...sources.map((source) => newestChange(join(ROOT, source))));
}

function newestChange(path: string): number {
  const { mtimeMs } = statSync(path);
  if (!statSync(path).isDirectory()) return mtimeMs;
  const entries = readdirSync(path, { recursive: true, withFileTypes: true });
  return Math.max(
    mtimeMs,
    // One that another program has just taken away changes its folder instead.
    ...entries.map((entry) => statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.mtimeMs ?? 0),
  );
}
