/**
 * Fetches the Node of an architecture, once: from this machine when the program's own Node or one in
 * `node_modules` is the pinned one, else as a package (`runtime-package.ts`). Nothing is used before its
 * checksum has been compared; what passed lies in the user's cache under its checksum.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, mkdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip, constants } from 'node:zlib';
import { CaduceusError } from '../../core/errors.ts';
import type { Architecture, RuntimePackage } from './runtime-catalogue.ts';
import { RUNTIMES } from './runtime-catalogue.ts';
import { fetchPackage } from './runtime-package.ts';

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
  /** What runs this program's parts on this machine: the one of Linux may be the pinned one. */
  node?: string;
  /** Files that may be the pinned one, looked at instead of those that are known. */
  candidates?: readonly string[];
  environment?: NodeJS.ProcessEnv;
}

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
    for (const candidate of source.candidates ?? ownRuntimes(pinned, source.node)) {
      if (!(await exists(candidate)) || (await stat(candidate)).size !== pinned.bytes) continue;
      if ((await sha256Of(candidate)) !== pinned.sha256) continue;
      await writeWhole(path, (unfinished) =>
        pipeline(createReadStream(candidate), createWriteStream(unfinished, { mode: 0o700 })),
      );
      return;
    }
    const { environment = process.env } = source;
    await writeWhole(path, (unfinished) => fetchPackage(pinned, unfinished, { environment, kept: path }));
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

/**
 * Where the very same file may be already: what runs this program's own parts, which a packaged app brings
 * (what it runs on itself is Electron), and what npm has put beside a source tree.
 */
export function ownRuntimes(
  { name }: Pick<RuntimePackage, 'name'>,
  node: string = process.execPath,
  host: Pick<NodeJS.Process, 'platform' | 'arch'> = process,
): string[] {
  const root = join(import.meta.dirname, '..', '..', '..', 'node_modules');
  const own = name === `node-linux-${host.arch}` && host.platform === 'linux' ? [node] : [];
  return [...own, join(root, 'node', 'bin', 'node'), join(root, name, 'bin', 'node')];
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
