/** A control group for each device, with a CPU quota that can be changed while it works; cgroup v1 and v2. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const MOUNT = '/sys/fs/cgroup';
/** Short, so that a small share comes in many small slices; the kernel's least quota is 1 ms. */
const PERIOD_US = 20_000;
const LEAST_QUOTA_US = 1000;
const REMOVE_ATTEMPTS = 80;
const REMOVE_EVERY_MS = 25;

interface Hierarchy {
  version: 1 | 2;
  root: string;
}

/** Undefined where the kernel has no CPU controller for us. */
export function cpuHierarchy(): Hierarchy | undefined {
  if (existsSync(join(MOUNT, 'cgroup.controllers'))) {
    const has = readFileSync(join(MOUNT, 'cgroup.controllers'), 'utf8').split(/\s+/).includes('cpu');
    return has ? { version: 2, root: MOUNT } : undefined;
  }
  const root = [join(MOUNT, 'cpu'), join(MOUNT, 'cpu,cpuacct')].find((path) => existsSync(join(path, 'cgroup.procs')));
  return root === undefined ? undefined : { version: 1, root };
}

function bedGroup({ root }: Hierarchy, slot: number): string {
  return join(root, `caduceus-testbed-${slot}`);
}

/** @returns False where devices cannot be held to a share. */
export function makeBedGroup(slot: number): boolean {
  const hierarchy = cpuHierarchy();
  if (!hierarchy) return false;
  const group = bedGroup(hierarchy, slot);
  try {
    if (hierarchy.version === 2) passOn(hierarchy.root);
    mkdirSync(group, { recursive: true });
    if (hierarchy.version === 2) passOn(group);
    return true;
  } catch {
    return false;
  }
}

/** In v2 children have only the controllers that their parent passes on. */
function passOn(group: string): void {
  const control = join(group, 'cgroup.subtree_control');
  if (!readFileSync(control, 'utf8').split(/\s+/).includes('cpu')) writeFileSync(control, '+cpu');
}

/** Makes the device's group or changes its share. */
export function setCpuShare(slot: number, index: number, share: number): void {
  const hierarchy = cpuHierarchy();
  if (!hierarchy) return;
  const group = deviceGroup(slot, index);
  if (group === undefined) return;
  mkdirSync(group, { recursive: true });
  const period = Math.max(PERIOD_US, Math.ceil(LEAST_QUOTA_US / share));
  const quota = Math.max(LEAST_QUOTA_US, Math.round(period * share));
  if (hierarchy.version === 2) {
    writeFileSync(join(group, 'cpu.max'), `${quota} ${period}`);
    return;
  }
  // The kernel checks each write for itself: lift the quota, so that no pair in between is refused.
  writeFileSync(join(group, 'cpu.cfs_quota_us'), '-1');
  writeFileSync(join(group, 'cpu.cfs_period_us'), String(period));
  writeFileSync(join(group, 'cpu.cfs_quota_us'), String(quota));
}

/** What the kernel says: cores, or undefined without a quota. */
export function readCpuShare(slot: number, index: number): number | undefined {
  const hierarchy = cpuHierarchy();
  const group = deviceGroup(slot, index);
  if (!hierarchy || group === undefined || !existsSync(group)) return undefined;
  const read = (file: string): string => readFileSync(join(group, file), 'utf8').trim();
  const [quota, period] =
    hierarchy.version === 2
      ? read('cpu.max').split(' ').map(Number)
      : [Number(read('cpu.cfs_quota_us')), Number(read('cpu.cfs_period_us'))];
  return quota !== undefined && period !== undefined && quota > 0 ? quota / period : undefined;
}

/** The directory whose `cgroup.procs` takes the device's processes. */
export function deviceGroup(slot: number, index: number): string | undefined {
  const hierarchy = cpuHierarchy();
  if (!hierarchy || !existsSync(bedGroup(hierarchy, slot))) return undefined;
  return join(bedGroup(hierarchy, slot), `device-${index}`);
}

/** Once the processes have ended. */
export async function removeBedGroup(slot: number): Promise<void> {
  const hierarchy = cpuHierarchy();
  if (!hierarchy) return;
  const group = bedGroup(hierarchy, slot);
  for (let left = REMOVE_ATTEMPTS; left > 0 && existsSync(group); left--) {
    for (const entry of readdirSync(group, { withFileTypes: true })) {
      if (entry.isDirectory()) tryRemove(join(group, entry.name));
    }
    if (!tryRemove(group)) await sleep(REMOVE_EVERY_MS);
  }
}

function tryRemove(group: string): boolean {
  try {
    rmdirSync(group);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}
