/** Decides, before a byte is sent, what a device gets and whether it can take it. */
import { CaduceusError } from '../../core/errors.ts';
import type { Ground } from './probe.ts';
import { RUNTIMES } from './runtime-catalogue.ts';
import { type RuntimeChoice, suitableRuntime } from './suitable-runtime.ts';
import { makeVersion, type Version, type VersionFile } from './version-files.ts';

export interface Plan {
  directory: string;
  /** Absent when nothing is brought: the version has its own. */
  runtime?: RuntimeChoice;
  version: Version;
  /** Files that the device has not; empty when the whole version is there. */
  missing: VersionFile[];
  /** Files that it has under another version: `version/name` → name. */
  reused: [installed: string, name: string][];
  /** Nothing has to be sent. */
  isInstalled: boolean;
  /** The version is the current one and has passed its check. */
  isUnchanged: boolean;
  /** The line is slow enough for compression to pay. */
  compressed: boolean;
  /** In words, for the step. */
  detail: string;
}

/** Logs, tickets and whatever the device itself writes meanwhile. */
const SLACK_BYTES = 8 * 2 ** 20;
/** Above this a device unpacks no faster than the line brings. */
const COMPRESS_BELOW_BYTES_PER_SECOND = 40e6;

/** @throws CAD-DEVICE-SYSTEM, CAD-DEVICE-DISK, CAD-DEVICE-NOEXEC, CAD-RUNTIME */
export async function planDeployment(agent: string, ground: Ground): Promise<Plan> {
  const runtime = suitableRuntime(ground);
  const place = placeOf(ground);
  if (ground.missing.includes('tar')) {
    throw new CaduceusError(
      'CAD-DEVICE-SYSTEM',
      'the device has no tar to unpack the agent with',
      'Install it on the device, for example: apt install tar',
    );
  }
  const version = await makeVersion(agent, runtime);
  const { installed } = ground;
  const isInstalled = installed.versions.has(version.id);
  const reused: Plan['reused'] = [];
  const missing: VersionFile[] = [];
  for (const file of isInstalled ? [] : version.files) {
    const found = installed.files.get(file.sha256);
    if (found === undefined) missing.push(file);
    else reused.push([found, file.name]);
  }
  const compressed =
    ground.bytesPerSecond < COMPRESS_BELOW_BYTES_PER_SECOND && !ground.missing.includes('gzip') && missing.length > 0;
  refuseFullDisk(place, missing);
  const isUnchanged = isInstalled && installed.current === version.id && installed.checked.has(version.id);
  const detail = describe(runtime, missing, place, compressed);
  const { directory } = place;
  return { directory, runtime, version, missing, reused, isInstalled, isUnchanged, compressed, detail };
}

/** Back to the version that was in use before the current one; it has to prove itself again like any other. */
export function planReturn(ground: Ground): Plan {
  const { directory } = placeOf(ground);
  const { previous, current, versions } = ground.installed;
  if (previous === undefined || previous === current || !versions.has(previous)) {
    throw new CaduceusError(
      'CAD-DEVICE-PREVIOUS',
      `the device has no version before the current one in ${directory}`,
      'Deploy as usual: the device gets the version of this program.',
    );
  }
  return {
    directory,
    version: { id: previous, manifest: Buffer.alloc(0), files: [] },
    missing: [],
    reused: [],
    isInstalled: true,
    isUnchanged: false,
    compressed: false,
    detail: `back to version ${previous.slice(0, 12)}, which the device has kept: nothing to send`,
  };
}

function describe(
  runtime: RuntimeChoice,
  missing: readonly VersionFile[],
  { directory }: { directory: string },
  compressed: boolean,
): string {
  const node =
    runtime.kind === 'own'
      ? `the device's own Node ${runtime.version}`
      : `Node ${RUNTIMES[runtime.architecture].version}`;
  if (missing.length === 0) return `${directory} has everything: nothing to send`;
  const bytes = missing.reduce((sum, file) => sum + file.bytes, 0);
  const sent = missing.some(({ name }) => name === 'node') ? `${node} and the agent` : `the agent, for ${node}`;
  return `${sent}, ${megabytes(bytes)}${compressed ? ' before compression' : ''}, to ${directory}`;
}

function placeOf({ place, tried }: Ground): { directory: string; freeBytes?: number } {
  if (place) return place;
  const reasons = tried.map(({ directory, why }) => `${directory}: ${REASONS[why] ?? why}`).join('; ');
  const remedy = 'Give the device a work directory that works: caduceus devices set NAME --work-dir /path';
  if (tried.length > 0 && tried.every(({ why }) => why === 'noexec')) {
    throw new CaduceusError('CAD-DEVICE-NOEXEC', `programs may not run on the device in ${reasons}`, remedy);
  }
  throw new CaduceusError('CAD-DEVICE-DISK', `the device has no place for the agent (${reasons})`, remedy);
}

const REASONS: Readonly<Record<string, string>> = {
  noexec: 'programs may not run there',
  unwritable: 'it cannot be written',
  full: 'it is full',
};

function refuseFullDisk(
  { directory, freeBytes }: { directory: string; freeBytes?: number },
  missing: readonly VersionFile[],
): void {
  if (freeBytes === undefined) return; // unknown: the device will say
  const bytes = missing.reduce((sum, file) => sum + file.bytes, 0);
  const needed = bytes + SLACK_BYTES;
  if (freeBytes >= needed) return;
  throw new CaduceusError(
    'CAD-DEVICE-DISK',
    `the device needs ${megabytes(needed)} in ${directory} and has ${megabytes(freeBytes)} free`,
    'Free some space, or give the device another work directory: caduceus devices set NAME --work-dir /path',
  );
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
