/**
 * A share of one core for a process, enforced by the kernel: a control group of its own with a CPU
 * quota. Works where this process may make such groups (cgroup v1: usually root; v2: a delegated
 * subtree); everywhere else the caller falls back to something weaker.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface CpuQuota {
  /** In words, with the mechanism. */
  readonly description: string;
  add(pid: number): void;
  /** Once the processes have ended. A group that cannot be removed is left to a later launcher. */
  remove(): Promise<void>;
}

interface Hierarchy {
  version: 1 | 2;
  /** Where groups are made. */
  directory: string;
}

/** Short, so that a small share comes in many small slices; the kernel's least quota is 1 ms. */
const PERIOD_US = 20_000;
const LEAST_QUOTA_US = 1000;
const LARGEST_PERIOD_US = 1_000_000;
const PREFIX = 'caduceus-';
/** A group stays busy for a moment after its last process. */
const REMOVE_ATTEMPTS = 40;
const REMOVE_EVERY_MS = 25;
const MOUNT = '/sys/fs/cgroup';

/** Undefined where the kernel or our rights do not allow it. `name`: letters, digits, dashes. */
export function createCpuQuota(name: string, share: number): CpuQuota | undefined {
  const group = `${PREFIX}${process.pid}-${name}`;
  for (const hierarchy of hierarchies()) {
    const quota = tryHierarchy(hierarchy, group, share);
    if (quota) return quota;
  }
  return undefined;
}

/** Removes groups whose launcher is gone and whose processes have ended. */
export function removeLeftoverQuotas(): void {
  for (const { directory } of hierarchies()) {
    for (const name of namesIn(directory)) {
      const owner = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
      if (owner !== undefined && !isAlive(Number(owner))) tryRemove(join(directory, name));
    }
  }
}

function tryHierarchy({ version, directory }: Hierarchy, group: string, share: number): CpuQuota | undefined {
  const path = join(directory, group);
  const period = Math.min(LARGEST_PERIOD_US, Math.max(PERIOD_US, Math.ceil(LEAST_QUOTA_US / share)));
  const quota = Math.max(LEAST_QUOTA_US, Math.round(period * share));
  try {
    mkdirSync(path);
  } catch {
    return undefined;
  }
  try {
    if (version === 1) {
      writeFileSync(join(path, 'cpu.cfs_period_us'), String(period));
      writeFileSync(join(path, 'cpu.cfs_quota_us'), String(quota));
    } else {
      writeFileSync(join(path, 'cpu.max'), `${quota} ${period}`);
    }
  } catch {
    tryRemove(path);
    return undefined;
  }
  return {
    description: `CPU quota ${percent(quota / period)} of a core (cgroup v${version})`,
    add: (pid) => writeFileSync(join(path, 'cgroup.procs'), String(pid)),
    async remove() {
      for (let attempt = 0; attempt < REMOVE_ATTEMPTS && !tryRemove(path); attempt++) await sleep(REMOVE_EVERY_MS);
    },
  };
}

/** Places to try: below our own group, which for v2 works only where it holds no processes, then beside it. */
function hierarchies(): Hierarchy[] {
  if (process.platform !== 'linux') return [];
  const found: Hierarchy[] = [];
  for (const line of readLines('/proc/self/cgroup')) {
    const [, controllers = '', path = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers.split(',').includes('cpu')) {
      for (const mount of [join(MOUNT, 'cpu'), join(MOUNT, controllers)]) {
        if (existsSync(join(mount, path))) found.push({ version: 1, directory: join(mount, path) });
      }
    } else if (controllers === '' && existsSync(join(MOUNT, 'cgroup.controllers'))) {
      for (const directory of [join(MOUNT, path), join(MOUNT, path, '..')]) {
        const passedOn = readLines(join(directory, 'cgroup.subtree_control')).join(' ').split(' ');
        if (passedOn.includes('cpu')) found.push({ version: 2, directory });
      }
    }
  }
  return found;
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').trim().split('\n');
  } catch {
    return [];
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** True when the group is gone. The kernel refuses while it has processes. */
function tryRemove(path: string): boolean {
  try {
    rmdirSync(path);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
  return true;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
