/**
 * Reads OpenSSH's known_hosts files, and never writes them. Understood: plain, hashed and `[host]:port` names, `*`, `?`
 * and `!` patterns, `@revoked`. A `@cert-authority` line vouches for certificates, which are not understood here, so its
 * hosts are unknown. A line that makes no sense is skipped with a warning, as OpenSSH does; a file that is there and
 * cannot be read is an error, because it might revoke a key.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { CaduceusError } from '../../core/errors.ts';
import { keyTypeOf } from './host-key.ts';

const MAX_FILE_BYTES = 16 * 1024 * 1024;
const MAX_LINE_CHARACTERS = 16 * 1024;
const MAX_WARNINGS = 20;
const DEFAULT_PORT = 22;

interface KnownHost {
  /** Comma-separated patterns, or one hashed name. */
  names: string;
  isRevoked: boolean;
  key: Buffer;
}

export interface KnownKeys {
  /** Keys for this very address and port. */
  trusted: Buffer[];
  revoked: Buffer[];
}

export class KnownHosts {
  readonly #hosts: readonly KnownHost[];
  readonly warnings: readonly string[];

  private constructor(hosts: readonly KnownHost[], warnings: readonly string[]) {
    this.#hosts = hosts;
    this.warnings = warnings;
  }

  /** @throws CAD-SSH-HOST-KEY when a file exists and cannot be read. */
  static read(files: readonly string[]): KnownHosts {
    const warnings: string[] = [];
    const hosts = files.flatMap((file) => parseKnownHosts(contentsOf(file), file, warnings));
    return new KnownHosts(hosts, warnings);
  }

  find(host: string, port: number): KnownKeys {
    const name = knownName(host, port);
    const keys: KnownKeys = { trusted: [], revoked: [] };
    for (const { names, isRevoked, key } of this.#hosts) {
      if (matchesHost(names, name)) (isRevoked ? keys.revoked : keys.trusted).push(key);
    }
    return keys;
  }
}

/** How a machine is called in known_hosts. */
export function knownName(host: string, port: number): string {
  const name = host.toLowerCase();
  return port === DEFAULT_PORT ? name : `[${name}]:${port}`;
}

export function parseKnownHosts(text: string, file: string, warnings: string[]): KnownHost[] {
  const hosts: KnownHost[] = [];
  text.split('\n').forEach((raw, index) => {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) return;
    const parsed = parseLine(line);
    if (typeof parsed === 'object') hosts.push(parsed);
    else if (parsed === 'malformed' && warnings.length < MAX_WARNINGS) {
      warnings.push(`${file}, line ${index + 1} is not understood and skipped`);
    }
  });
  return hosts;
}

function parseLine(line: string): KnownHost | 'malformed' | 'certificate' {
  if (line.length > MAX_LINE_CHARACTERS) return 'malformed';
  const words = line.split(/[ \t]+/);
  const marker = words[0]?.startsWith('@') ? words.shift() : undefined;
  if (marker === '@cert-authority') return 'certificate';
  if (marker !== undefined && marker !== '@revoked') return 'malformed';
  const [names, type, encoded] = words;
  if (names === undefined || type === undefined || encoded === undefined) return 'malformed';
  const key = Buffer.from(encoded, 'base64');
  // The type inside the key is the one that counts; a line that says another is damaged.
  if (keyTypeOf(key) !== type) return 'malformed';
  if (names.startsWith('|') && !/^\|1\|[\w+/=]+\|[\w+/=]+$/.test(names)) return 'malformed';
  return { names, isRevoked: marker !== undefined, key };
}

function matchesHost(names: string, name: string): boolean {
  if (names.startsWith('|')) return matchesHashed(names, name);
  let matched = false;
  for (const pattern of names.toLowerCase().split(',')) {
    const isNegated = pattern.startsWith('!');
    if (!matchesPattern(isNegated ? pattern.slice(1) : pattern, name)) continue;
    if (isNegated) return false;
    matched = true;
  }
  return matched;
}

function matchesHashed(names: string, name: string): boolean {
  const [, , salt = '', hash = ''] = names.split('|');
  const expected = Buffer.from(hash, 'base64');
  const actual = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

/** `*` and `?`, in time that no pattern can blow up. */
function matchesPattern(pattern: string, name: string): boolean {
  let p = 0;
  let n = 0;
  let star = -1;
  let resume = 0;
  while (n < name.length) {
    if (pattern[p] === '*') {
      star = p++;
      resume = n;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === name[n])) {
      p++;
      n++;
    } else if (star !== -1) {
      p = star + 1;
      n = ++resume;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

function contentsOf(file: string): string {
  try {
    if (statSync(file).size > MAX_FILE_BYTES) throw new Error(`it is larger than ${MAX_FILE_BYTES} bytes`);
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw new CaduceusError(
      'CAD-SSH-HOST-KEY',
      `${file} is there and cannot be read, so no host key can be judged: ${(error as Error).message}`,
      'Make the file readable for you, or move it away.',
      error,
    );
  }
}
