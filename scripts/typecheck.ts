/**
 * Type-checks every layer under its own tsconfig, then the whole tree with its tests and tools.
 * The layers are a composite build, so the compiler refuses an import of a layer that is not referenced.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { LAYERS } from './layers.mjs';

const ROOT = dirname(import.meta.dirname);

/** One for each layer that has source: the folder of its tsconfig.json. */
export function layerProjects(): { layer: string; folder: string }[] {
  const projects: { layer: string; folder: string }[] = [];
  for (const { name, paths } of LAYERS) {
    const hasSource = paths.some((path) => {
      if (!path.endsWith('/')) return existsSync(join(ROOT, path));
      return globSync(`${path}**/*.{ts,tsx}`, { cwd: ROOT }).some((file) => !file.endsWith('.d.ts'));
    });
    const [first = ''] = paths;
    if (hasSource) projects.push({ layer: name, folder: first.endsWith('/') ? first.slice(0, -1) : dirname(first) });
  }
  return projects;
}

function tsc(...args: string[]): boolean {
  const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  return spawnSync(process.execPath, [compiler, ...args], { cwd: ROOT, stdio: 'inherit' }).status === 0;
}

if (import.meta.main) {
  const layers = tsc('-b', ...layerProjects().map(({ folder }) => folder));
  // The window's tests need a document and Node at once, which no layer has.
  process.exitCode = layers && tsc('-p', 'tsconfig.json') && tsc('-p', 'tsconfig.window.json') ? 0 : 1;
}
