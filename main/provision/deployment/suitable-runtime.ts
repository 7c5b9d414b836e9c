/** Which Node a device gets: the one brought for its architecture, or its own where that cannot run. */
import { CaduceusError } from '../../core/errors.ts';
import type { Ground } from './probe.ts';
import { type Architecture, OLDEST_NODE, RUNTIMES } from './runtime-catalogue.ts';

export type RuntimeChoice =
  | { kind: 'brought'; architecture: Architecture }
  /** The device's own. */
  | { kind: 'own'; path: string; version: string; why: string };

/** What `uname -m` says, by what Node calls it. */
const NAMES: Readonly<Record<string, Architecture>> = {
  x86_64: 'x64',
  amd64: 'x64',
  aarch64: 'arm64',
  arm64: 'arm64',
  armv7l: 'armv7l',
  armv8l: 'armv7l',
};
/** Processors in the header of a program (ELF `e_machine`). */
const PROCESSORS: Readonly<Record<number, Architecture>> = { 62: 'x64', 183: 'arm64', 40: 'armv7l' };
const PROCESSOR_NAMES: Readonly<Record<number, string>> = {
  ...{ 3: '32-bit x86', 8: 'MIPS', 20: 'PowerPC', 21: '64-bit PowerPC', 22: 'S/390' },
  ...{ 40: '32-bit ARM', 62: 'x86-64', 183: '64-bit ARM', 243: 'RISC-V', 258: 'LoongArch' },
};

/** @throws CAD-DEVICE-SYSTEM naming what was found and what is supported */
export function suitableRuntime(ground: Ground): RuntimeChoice {
  const { facts, glibc, hasMusl, nodePath } = ground;
  if (!facts.system.startsWith('Linux')) {
    throw unsupported(`it runs ${facts.system}`, 'Use a device that runs Linux.');
  }
  const architecture = architectureOf(ground);
  const needed = RUNTIMES[architecture].glibc;
  if (glibc && (glibc[0] > needed[0] || (glibc[0] === needed[0] && glibc[1] >= needed[1]))) {
    return { kind: 'brought', architecture };
  }
  const found = glibc ? `glibc ${glibc.join('.')}` : hasMusl ? (facts.libc ?? 'musl') : 'a C library that is not glibc';
  const why = `it has ${found}, and the runtime that is brought needs glibc ${needed.join('.')}`;
  const major = Number(facts.node?.split('.')[0] ?? 0);
  if (facts.node !== undefined && nodePath !== undefined && major >= OLDEST_NODE) {
    return { kind: 'own', path: nodePath, version: facts.node, why };
  }
  const own = facts.node === undefined ? 'no Node of its own' : `only Node ${facts.node}`;
  throw unsupported(
    `${why}; it has ${own}, and Node ${OLDEST_NODE} or newer is needed`,
    `Install Node ${OLDEST_NODE} or newer on it (on Alpine: apk add nodejs), then deploy again.`,
  );
}

/**
 * The device's programs tell what runs: a 64-bit kernel may carry a 32-bit system. Any other contradiction
 * between kernel and programs is not ours to guess about.
 */
function architectureOf({ facts, machine }: Ground): Architecture {
  const named = NAMES[facts.architecture];
  const list = 'Supported: x86-64, 64-bit ARM and ARMv7, with Linux.';
  if (facts.architecture === 'armv6l') {
    throw unsupported('its processor is armv6l, which no Node that we bring runs on', list);
  }
  if (named === undefined && !isPersonality(facts.architecture, machine)) {
    throw unsupported(`its architecture is ${facts.architecture}`, list);
  }
  if (machine === undefined) {
    if (named !== undefined) return named;
    throw unsupported(`its architecture is ${facts.architecture}`, list);
  }
  const made = PROCESSORS[machine.processor];
  const madeFor = PROCESSOR_NAMES[machine.processor] ?? `processor ${machine.processor}`;
  if (made === undefined) {
    throw unsupported(`its kernel says ${facts.architecture}, but its system is made for ${madeFor}`, list);
  }
  if (named === undefined || made === named) return made;
  if (named === 'arm64' && made === 'armv7l') return made;
  throw unsupported(
    `its kernel says ${facts.architecture}, but its programs are made for ${madeFor}`,
    'Look at what `uname -m` is on the device. Nothing was sent.',
  );
}

/** `linux32` makes a 64-bit kernel call itself i686. */
function isPersonality(architecture: string, machine: Ground['machine']): boolean {
  return /^i[3-6]86$/.test(architecture) && machine?.processor === 62;
}

function unsupported(found: string, remedy: string): CaduceusError {
  return new CaduceusError('CAD-DEVICE-SYSTEM', `the device is not supported: ${found}`, remedy);
}
