/**
 * Builds everything that the desktop app is made of:
 *
 *     dist/electron/main.cjs, preload.cjs   the shell with the control plane in it
 *     dist/renderer/                        the window
 *     dist/programs/*.cjs                   what runs outside Electron: judge, simulator, reports, data sets
 *     dist/THIRD-PARTY-NOTICES.txt          licences of the packages that went into these
 *     resources/worker/agent.cjs            the agent
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { build, type BuildOptions, type Metafile, type Plugin } from 'esbuild';
import { bundleLearner } from '../main/learn/bundle.ts';
import { buildWindow, ensureWindow } from './build-window.ts';
import { buildAgent, ensureAgent } from './build-worker.ts';
import { isFresh } from './freshness.ts';
import { noticesOf, packagesOf } from './notices.ts';

const ROOT = dirname(import.meta.dirname);
const DIST = join(ROOT, 'dist');
export const NOTICES = join(DIST, 'THIRD-PARTY-NOTICES.txt');

/** Parts that packages look for and do without. */
const OPTIONAL = ['@tensorflow/tfjs-node', 'bufferutil', 'utf-8-validate', 'cpu-features', '*.node'];

const PROGRAMS = [
  ['evaluator', 'main/learn/evaluator-process.ts'],
  ['simulation', 'main/control-plane/simulation-process.ts'],
  ['reports', 'main/control-plane/report-process.ts'],
  ['datasets', 'main/control-plane/dataset-thread.ts'],
] as const;

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
  legalComments: 'none', // the notices have them all
  logLevel: 'warning',
  metafile: true,
  define: { 'import.meta.main': 'false' },
} as const;

/** Writes one bundle in one go, and answers with the files that went into it. */
async function bundle(
  file: string,
  entry: string,
  how: (options: BuildOptions) => Promise<{ metafile?: Metafile | undefined }>,
  more: BuildOptions = {},
): Promise<string[]> {
  // Beside the folder: whoever copies that meets whole files alone.
  const unfinished = `${dirname(file)}.${process.pid}.${basename(file)}`;
  const { metafile } = await how({ ...shared, ...more, entryPoints: [join(ROOT, entry)], outfile: unfinished });
  mkdirSync(dirname(file), { recursive: true });
  renameSync(unfinished, file);
  return Object.keys(metafile?.inputs ?? {});
}

const programFile = (name: string): string => join(DIST, 'programs', `${name}.cjs`);

export async function buildPrograms(): Promise<string[]> {
  const inputs: string[] = [];
  for (const [name, entry] of PROGRAMS) {
    const options = { external: OPTIONAL, target: 'node24', plugins: [foldersOfSources] };
    inputs.push(...(await bundle(programFile(name), entry, bundleLearner, options)));
  }
  return inputs;
}

const SHELL = join(DIST, 'electron', 'main.cjs');
const PRELOAD = join(DIST, 'electron', 'preload.cjs');

/** A program of the shell's own process; `file` lies two folders below the root of the app. */
export function buildShellProgram(file: string, entry: string): Promise<string[]> {
  const options = { external: ['electron', ...OPTIONAL], target: 'node24', plugins: [foldersOfSources] };
  return bundle(file, entry, bundleLearner, options);
}

export async function buildShell(): Promise<string[]> {
  return [
    ...(await buildShellProgram(SHELL, 'electron/main.ts')),
    // The sandbox loads one CommonJS file and lets it require little more than electron.
    ...(await bundle(PRELOAD, 'electron/preload.ts', build, {
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'chrome140',
      external: ['electron'],
    })),
  ];
}

/** All of it, from nothing. */
export async function buildApp(): Promise<void> {
  for (const folder of ['electron', 'programs', 'renderer']) {
    rmSync(join(DIST, folder), { recursive: true, force: true });
  }
  mkdirSync(DIST, { recursive: true });
  const inputs = [...(await buildAgent()).inputs, ...(await buildPrograms()), ...(await buildShell())];
  await buildWindow(undefined, false, (path) => inputs.push(path));
  writeNotices(inputs);
}

/** @param inputs files that went into bundles. */
export function writeNotices(inputs: Iterable<string>): void {
  writeFileSync(NOTICES, noticesOf(packagesOf(inputs)));
}

/** What the bundles are made of, besides installed packages, whose versions the lock file fixes. */
const SOURCES = ['main', 'electron', 'scripts/build-app.ts', 'package.json', 'package-lock.json'];

/** What `npm start` needs of it, as far as that is older than its sources. */
export async function ensureApp(): Promise<void> {
  await ensureAgent();
  if (!PROGRAMS.every(([name]) => isFresh(programFile(name), SOURCES))) await buildPrograms();
  if (![SHELL, PRELOAD].every((file) => isFresh(file, SOURCES))) await buildShell();
  await ensureWindow();
}

if (import.meta.main) await buildApp();
