/**
 * Bundles the device agent into one file, `resources/worker/agent.cjs`, and prints its size and
 * SHA-256. The same sources give the same bytes on any machine.
 *
 *     node scripts/build-worker.ts [--out FILE]
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bundleLearner } from '../main/learn/bundle.ts';
import { isFresh } from './freshness.ts';

const ROOT = dirname(import.meta.dirname);
const AGENT = join(ROOT, 'resources', 'worker', 'agent.cjs');

export interface BuiltAgent {
  file: string;
  bytes: number;
  sha256: string;
  /** Files that went into it, from the root of the repository. */
  inputs: string[];
}

/** Writes the bundle in one go: whoever starts the agent meanwhile gets the old one or the new one. */
export async function buildAgent(file: string = AGENT): Promise<BuiltAgent> {
  mkdirSync(dirname(file), { recursive: true });
  const unfinished = `${file}.${process.pid}.tmp`;
  const { metafile } = await bundleLearner({
    entryPoints: [join(ROOT, 'main', 'worker', 'agent.ts')],
    outfile: unfinished,
    absWorkingDir: ROOT,
    minify: true,
    // Class and function names appear in stack traces that users send us.
    keepNames: true,
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
    external: ['@tensorflow/tfjs-node', 'bufferutil', 'utf-8-validate'],
  });
  renameSync(unfinished, file);
  const content = readFileSync(file);
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { file, bytes: content.length, sha256, inputs: Object.keys(metafile?.inputs ?? {}) };
}

/** What the bundle is made of, besides installed packages, whose versions the lock file fixes. */
const SOURCES = ['main/core', 'main/learn', 'main/worker', 'scripts/build-worker.ts', 'package-lock.json'];

/** Builds the agent unless it is newer than everything it is made of. */
export async function ensureAgent(): Promise<void> {
  if (!isFresh(AGENT, SOURCES)) await buildAgent();
}

if (import.meta.main) {
  const out = process.argv.indexOf('--out');
  const { file, bytes, sha256 } = await buildAgent(out < 0 ? undefined : process.argv[out + 1]);
  console.log(`${file}: ${(bytes / 2 ** 20).toFixed(2)} MiB, sha256 ${sha256}`);
}
