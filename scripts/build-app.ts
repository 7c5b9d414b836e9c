/**
 * Builds everything that the desktop app is made of:
 *
 *     dist/electron/main.cjs, preload.cjs   the shell with the control plane in it
 *     dist/renderer/                        the window
 *     dist/programs/*.cjs                   what runs outside Electron: judge, simulator, reports, data sets
 *     resources/worker/agent.cjs            the agent
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { bundleLearner } from '../main/learn/bundle.ts';
import { buildWindow } from './build-window.ts';
import { ensureAgent } from './build-worker.ts';

const ROOT = dirname(import.meta.dirname);
const DIST = join(ROOT, 'dist');

/** Parts that packages look for and do without. */
const OPTIONAL = ['@tensorflow/tfjs-node', 'bufferutil', 'utf-8-validate', 'cpu-features', '*.node'];

/**
 * A bundle lies two folders below the root of the app, as `dist/electron` does, whatever folder its sources
 * came from; what they look for beside themselves is still where it was below that root.
 */
const foldersOfSources: Plugin = {
  name: 'folders-of-sources',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      if (!path.startsWith(ROOT + sep) || !source.includes('import.meta.dirname')) return undefined;
      const folder = JSON.stringify(relative(ROOT, dirname(path)).split(sep));
      const expression = `process.getBuiltinModule('node:path').join(__dirname, '..', '..', ...${folder})`;
      return { contents: source.replaceAll('import.meta.dirname', expression), loader: 'ts' };
    });
  },
};

const shared = {
  absWorkingDir: ROOT,
  minify: true,
  keepNames: true,
  legalComments: 'none',
  logLevel: 'warning',
  define: { 'import.meta.main': 'false' },
} as const;

export async function buildPrograms(): Promise<void> {
  for (const [name, entry] of [
    ['evaluator', 'main/learn/evaluator-process.ts'],
    ['simulation', 'main/control-plane/simulation-process.ts'],
    ['reports', 'main/control-plane/report-process.ts'],
    ['datasets', 'main/control-plane/dataset-thread.ts'],
  ] as const) {
    await bundleLearner({
      ...shared,
      entryPoints: [join(ROOT, entry)],
      outfile: join(DIST, 'programs', `${name}.cjs`),
      external: OPTIONAL,
      target: 'node24',
      plugins: [foldersOfSources],
    });
  }
}

export async function buildShell(): Promise<void> {
  await bundleLearner({
    ...shared,
    entryPoints: [join(ROOT, 'electron', 'main.ts')],
    outfile: join(DIST, 'electron', 'main.cjs'),
    external: ['electron', ...OPTIONAL],
    target: 'node24',
    plugins: [foldersOfSources],
  });
  // The sandbox loads one CommonJS file and lets it require little more than electron.
  await build({
    ...shared,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'chrome140',
    entryPoints: [join(ROOT, 'electron', 'preload.ts')],
    outfile: join(DIST, 'electron', 'preload.cjs'),
    external: ['electron'],
  });
}

export async function buildApp(): Promise<void> {
  for (const folder of ['electron', 'programs', 'renderer']) {
    rmSync(join(DIST, folder), { recursive: true, force: true });
  }
  mkdirSync(DIST, { recursive: true });
  await ensureAgent();
  await buildPrograms();
  await buildShell();
  await buildWindow();
}

if (import.meta.main) await buildApp();
