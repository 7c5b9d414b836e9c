/** Asks a device what it is, in one program and one answer. */
import { randomBytes } from 'node:crypto';
import { CaduceusError } from '../../core/errors.ts';
import type { DeviceFacts } from '../../core/device.ts';
import { oneLine } from '../../core/plain-text.ts';
import type { Remote } from '../ssh/remote.ts';
import { linesOf } from './device-failure.ts';
import { deviceProgram } from './device-program.ts';

/** What deployment needs to know beside the facts that people see. */
export interface Ground {
  facts: DeviceFacts;
  /** Of the device's own programs, by their header; absent when it could not be read. */
  machine?: { bits: 32 | 64; processor: number };
  glibc?: readonly [major: number, minor: number];
  hasMusl: boolean;
  /** Path of the device's own Node. */
  nodePath?: string;
  /** Where the agent can live; absent when nowhere. */
  place?: { directory: string; freeBytes?: number };
  /** Directories that were no good, and why: `noexec`, `unwritable`, `full`, or words. */
  tried: { directory: string; why: string; freeBytes?: number }[];
  /** Programs that are not there and have to be: `tar`. */
  missing: string[];
  installed: Installed;
  /** The controller's address as the device's SSH server sees it. */
  seenAs?: string;
  /** How fast the line took what was sent. */
  bytesPerSecond: number;
}

export interface Installed {
  /** The version in use. */
  current?: string;
  /** The one that was in use before it. */
  previous?: string;
  versions: Set<string>;
  /** Files by SHA-256: `version/name`. */
  files: Map<string, string>;
  /** What the check of a version found, as it was kept beside it. */
  checked: Map<string, string>;
}

export const PROBE_MS = 15_000;
/** A sip of the line: at 1 Mbit/s it takes two seconds. */
const SAMPLE_BYTES = 256 * 1024;
/** Below this, a difference of clocks may as well be the time that the answer took. */
const LEAST_SKEW_MS = 2000;
const INSTRUCTIONS: Readonly<Record<string, string>> = {
  avx: 'avx',
  avx2: 'avx2',
  avx512f: 'avx512',
  neon: 'neon',
  asimd: 'neon',
};

/** @throws CAD-SSH-TIMEOUT, CAD-SSH-LOST, CAD-CANCELLED, CAD-DEVICE-COMMAND */
export async function probeDevice(
  remote: Remote,
  { workDirectory = '', signal }: { workDirectory?: string; signal?: AbortSignal },
): Promise<Ground> {
  const what = 'look at the device';
  const output: string[] = [];
  let readyMs = performance.now();
  let isReady = false;
  const result = await remote.run(deviceProgram('probe'), {
    args: [workDirectory],
    what,
    stdin: randomBytes(SAMPLE_BYTES),
    timeoutMs: PROBE_MS,
    onStdout: (chunk) => {
      output.push(chunk.toString('latin1'));
      if (!isReady && output.join('').includes('\nready=')) {
        isReady = true;
        readyMs = performance.now();
      }
    },
    ...(signal && { signal }),
  });
  const tookMs = Math.max(1, performance.now() - readyMs);
  const stdout = Buffer.from(output.join(''), 'latin1');
  const values = parse(linesOf({ ...result, stdout }, what));
  if (values.one('done') !== 'yes') {
    throw new CaduceusError(
      'CAD-DEVICE-COMMAND',
      'the device answered only half of what it was asked',
      'Look at the log of this step, then try again.',
    );
  }
  return groundFrom(values, Date.now(), remote.server, (SAMPLE_BYTES / tookMs) * 1000);
}

interface Values {
  one(key: string): string | undefined;
  all(key: string): string[];
}

function parse(lines: readonly string[]): Values {
  const values = new Map<string, string[]>();
  for (const line of lines) {
    const at = line.indexOf('=');
    if (at <= 0) continue;
    const value = line.slice(at + 1).trim();
    if (value !== '') values.set(line.slice(0, at), [...(values.get(line.slice(0, at)) ?? []), value]);
  }
  return { one: (key) => values.get(key)?.[0], all: (key) => values.get(key) ?? [] };
}

export function groundFrom(values: Values, nowMs: number, sshServer: string, bytesPerSecond: number): Ground {
  const place = values.one('place');
  const freeKiB = number(values.one('free'));
  const machine = machineOf(values.one('elf'));
  const glibc = /^glibc (\d+)\.(\d+)/.exec(values.one('libc') ?? '');
  const nodePath = values.one('nodePath');
  const seenAs = values.one('client')?.split(' ')[0];
  return {
    facts: factsFrom(values, nowMs, sshServer, freeKiB),
    ...(machine && { machine }),
    ...(glibc && { glibc: [Number(glibc[1]), Number(glibc[2])] as const }),
    hasMusl: values.all('musl').length > 0,
    ...(nodePath !== undefined && { nodePath }),
    ...(place !== undefined && {
      place: { directory: place, ...(freeKiB !== undefined && { freeBytes: freeKiB * 1024 }) },
    }),
    tried: values.all('tried').map(triedPlace),
    missing: values.all('missing'),
    installed: installedFrom(values),
    ...(seenAs !== undefined && { seenAs }),
    bytesPerSecond,
  };
}

function factsFrom(values: Values, nowMs: number, sshServer: string, freeKiB: number | undefined): DeviceFacts {
  const text = (key: string): string | undefined => {
    const value = values.one(key);
    return value === undefined ? undefined : oneLine(value, 120);
  };
  const musl = values.all('musl')[0];
  const libc = text('libc') ?? (musl === undefined ? undefined : `musl ${oneLine(musl, 40)}`);
  const memoryKiB = number(values.one('memory'));
  const freeMemoryKiB = number(values.one('freeMemory'));
  const clock = number(values.one('clock'));
  const skewMs = clock === undefined ? undefined : clock * 1000 - nowMs;
  const temperature = number(values.one('temperature'));
  const node = /^v(\d+\.\d+\.\d+)/.exec(values.one('node') ?? '')?.[1];
  const flags = new Set((values.one('flags') ?? '').split(' '));
  return dropAbsent({
    architecture: text('architecture') ?? 'unknown',
    system: text('system') ?? 'unknown',
    libc,
    cores: number(values.one('cores')),
    instructions: [
      ...new Set(Object.keys(INSTRUCTIONS).flatMap((flag) => (flags.has(flag) ? [INSTRUCTIONS[flag] ?? ''] : []))),
    ],
    memoryBytes: memoryKiB === undefined ? undefined : memoryKiB * 1024,
    freeMemoryBytes: freeMemoryKiB === undefined ? undefined : freeMemoryKiB * 1024,
    freeDiskBytes: freeKiB === undefined ? undefined : freeKiB * 1024,
    node,
    hasNpm: values.one('npm') === 'yes' ? true : undefined,
    load1: number(values.one('load')),
    clockSkewMs: skewMs === undefined ? undefined : Math.abs(skewMs) < LEAST_SKEW_MS ? 0 : skewMs,
    loginShell: text('shell'),
    temperatureC: temperature === undefined ? undefined : temperature / 1000,
    model: text('model'),
    sshServer: oneLine(sshServer, 80),
  });
}

/** Word length and processor from the first 20 bytes of an ELF file. */
function machineOf(hex: string | undefined): { bits: 32 | 64; processor: number } | undefined {
  const bytes = Buffer.from(hex ?? '', 'hex');
  if (bytes.length < 20 || bytes.readUInt32BE(0) !== 0x7f454c46) return undefined;
  const isBigEndian = bytes[5] === 2;
  return { bits: bytes[4] === 2 ? 64 : 32, processor: isBigEndian ? bytes.readUInt16BE(18) : bytes.readUInt16LE(18) };
}

/** `WHY FREE DIRECTORY`; the reason may be several words, the directory starts with its first `/` after a number. */
function triedPlace(line: string): Ground['tried'][number] {
  const found = /^(.*) (\d*) (\/.*)$/.exec(line);
  const freeKiB = number(found?.[2]);
  return {
    directory: oneLine(found?.[3] ?? line),
    why: oneLine(found?.[1] ?? 'unknown'),
    ...(freeKiB !== undefined && { freeBytes: freeKiB * 1024 }),
  };
}

function installedFrom(values: Values): Installed {
  const isId = (id: string | undefined): id is string => id !== undefined && /^[0-9a-f]{64}$/.test(id);
  const current = values.one('current');
  const previous = values.one('previous');
  const files = new Map<string, string>();
  for (const line of values.all('have')) {
    const [sum, version, name] = line.split(' ');
    if (isId(sum) && isId(version) && name !== undefined && /^[a-z.]{1,32}$/.test(name))
      files.set(sum, `${version}/${name}`);
  }
  const checked = new Map<string, string>();
  for (const line of values.all('checked')) {
    const at = line.indexOf(' ');
    checked.set(line.slice(0, at), line.slice(at + 1));
  }
  return {
    ...(isId(current) && { current }),
    ...(isId(previous) && { previous }),
    versions: new Set(values.all('version').filter(isId)),
    files,
    checked,
  };
}

function number(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** Unknown is absent, never 0 and never undefined. */
function dropAbsent<T extends object>(object: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}
