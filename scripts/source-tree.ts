/** The files of this repository, for the tests that hold the whole tree to a rule. */
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const ROOT = dirname(import.meta.dirname);

const NOT_OURS = /^(node_modules|dist|coverage|\.cache|\.git|resources\/worker)(\/|$)/;

/** Paths from the root, with `/`: what git tracks or would track; every file where there is no git. */
export function repositoryFiles(): string[] {
  const found = existsSync(join(ROOT, '.git'))
    ? execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
        cwd: ROOT,
        encoding: 'utf8',
      })
        .split('\0')
        .filter((file) => file !== '')
    : globSync('**/*', { cwd: ROOT, exclude: (path) => NOT_OURS.test(path) }).map((file) => file.replaceAll('\\', '/'));
  return [...new Set(found)].filter((file) => statSync(join(ROOT, file), { throwIfNoEntry: false })?.isFile());
}

export function isSource(file: string): boolean {
  return /\.(ts|tsx|mts|mjs|js|css)$/.test(file);
}
