/**
 * Builds the window into `dist/renderer` and says what a first visit loads.
 *
 *     node scripts/build-window.ts [--out FOLDER] [--watch]
 */
import { readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { isFresh } from './freshness.ts';

const ROOT = dirname(import.meta.dirname);
const OUTPUT = join(ROOT, 'dist', 'renderer');

/** Scripts that the first paint waits for, gzipped. */
export const INITIAL_SCRIPT_LIMIT_BYTES = 400_000;

export interface BuiltWindow {
  folder: string;
  /** Entry and everything it imports at once; what is loaded later is not in it. */
  initialScriptBytes: number;
  allScriptBytes: number;
}

/** @param onModule hears of every file that goes into it. */
export async function buildWindow(
  folder: string = OUTPUT,
  watch = false,
  onModule: (path: string) => void = () => undefined,
): Promise<BuiltWindow> {
  const outer = process.env['NODE_ENV'];
  // A test runner's value would bundle the development build of React, for everybody who opens the window afterwards.
  process.env['NODE_ENV'] = 'production';
  try {
    await bundle(folder, watch, onModule);
  } finally {
    if (outer === undefined) delete process.env['NODE_ENV'];
    else process.env['NODE_ENV'] = outer;
  }
  return measureScripts(folder);
}

async function bundle(folder: string, watch: boolean, onModule: (path: string) => void): Promise<void> {
  await build({
    configFile: false,
    root: join(ROOT, 'renderer'),
    // Relative addresses: the same files are served over HTTP and from the desktop shell's own protocol.
    base: './',
    // Warnings are about packages' own directives.
    logLevel: watch ? 'info' : 'error',
    clearScreen: false,
    plugins: [
      {
        name: 'modules',
        generateBundle(_options, output) {
          for (const part of Object.values(output)) {
            if (part.type === 'chunk') Object.keys(part.modules).forEach(onModule);
          }
        },
      },
    ],
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: 'es2023',
      // With `light-dark()` as it stands: drawings on canvas read both colours from the style sheet.
      cssTarget: ['chrome128', 'firefox128', 'safari18'],
      sourcemap: false,
      // Nothing inline: the content security policy allows only files of our own.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      watch: watch ? {} : null,
      // Some packages mark modules for servers that render; nothing does so here.
      rolldownOptions: { onwarn: (warning, warn) => warning.code === 'MODULE_LEVEL_DIRECTIVE' || warn(warning) },
    },
  });
}

/** What `index.html` names, followed through static imports. */
export function measureScripts(folder: string): BuiltWindow {
  const assets = join(folder, 'assets');
  const sizeOf = (file: string): number => gzipSync(readFileSync(join(assets, file))).length;
  const scripts = readdirSync(assets).filter((file) => file.endsWith('.js'));
  const initial = new Set<string>();
  const pending = [...readFileSync(join(folder, 'index.html'), 'utf8').matchAll(/assets\/([\w.-]+\.js)/g)];
  for (let match = pending.pop(); match !== undefined; match = pending.pop()) {
    const file = match[1] ?? '';
    if (initial.has(file)) continue;
    initial.add(file);
    const source = readFileSync(join(assets, file), 'utf8');
    pending.push(...source.matchAll(/(?:from|^import|;import)\s*["']\.\/([\w.-]+\.js)["']/gm));
  }
  const sum = (files: Iterable<string>): number => [...files].reduce((bytes, file) => bytes + sizeOf(file), 0);
  return { folder, initialScriptBytes: sum(initial), allScriptBytes: sum(scripts) };
}

const SOURCES = ['renderer', 'main/core', 'scripts/build-window.ts', 'package-lock.json'];

const isBuilt = (): boolean => isFresh(join(OUTPUT, 'index.html'), SOURCES);

/** Builds the window unless it is newer than everything it is made of. */
export async function ensureWindow(): Promise<string> {
  if (!isBuilt()) {
    // Elsewhere first: two programs may build at once, and nobody is to be served half of it.
    const own = `${OUTPUT}.${process.pid}`;
    await buildWindow(own);
    if (!isBuilt()) {
      rmSync(OUTPUT, { recursive: true, force: true });
      renameSync(own, OUTPUT);
    }
    rmSync(own, { recursive: true, force: true });
  }
  return OUTPUT;
}

if (import.meta.main) {
  const out = process.argv.indexOf('--out');
  const folder = out < 0 ? undefined : resolve(process.argv[out + 1] ?? '.');
  const { initialScriptBytes, allScriptBytes } = await buildWindow(folder, process.argv.includes('--watch'));
  const kB = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;
  console.log(`window: ${kB(initialScriptBytes)} gzip of scripts at first, ${kB(allScriptBytes)} in all`);
  if (initialScriptBytes > INITIAL_SCRIPT_LIMIT_BYTES) {
    console.error(`more than the ${kB(INITIAL_SCRIPT_LIMIT_BYTES)} that a first visit may load`);
    process.exitCode = 1;
  }
}
