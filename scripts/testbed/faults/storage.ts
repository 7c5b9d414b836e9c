/** Disks that are full, read-only, or run nothing. All of it is mounts in the device's own name space. */
import type { BedDevice } from '../device.ts';
import type { Fault } from './fault.ts';

/** HOME on a file system of this size, empty. */
export function smallHome(bytes: number): Fault {
  return async (device) => {
    const { home, plan } = device;
    const options = `size=${bytes},mode=750,uid=${plan.uid},gid=${plan.uid}`;
    await device.root(['mount', '-t', 'tmpfs', '-o', options, 'tmpfs', home]);
    return async () => void (await device.root(['umount', '-l', home]));
  };
}

/** Nothing can be written to HOME. */
export const readOnlyHome = (): Fault => (device) => withFlag(device, device.home, 'ro');

/** Nothing in HOME can be executed. */
export const noexecHome = (): Fault => (device) => withFlag(device, device.home, 'noexec');

/** Nothing in /tmp and /var/tmp can be executed. */
export const noexecTmp = (): Fault => async (device) => {
  const heals = [await withFlag(device, '/tmp', 'noexec'), await withFlag(device, '/var/tmp', 'noexec')];
  return async () => {
    for (const heal of heals) await heal();
  };
};

type Flag = 'ro' | 'noexec';

/** Adds a flag to a mount and keeps those that other faults have set. */
async function withFlag(device: BedDevice, path: string, flag: Flag): Promise<() => Promise<void>> {
  await remount(device, path, (flags) => flags.add(flag));
  return () => remount(device, path, (flags) => flags.delete(flag));
}

async function remount(device: BedDevice, path: string, change: (flags: Set<string>) => void): Promise<void> {
  const answer = await device.root(['findmnt', '--noheadings', '--first-only', '-o', 'VFS-OPTIONS', path]);
  const flags = new Set(answer.trim().split(','));
  change(flags);
  // What is not named is kept, so that a flag can only be taken away by naming its opposite.
  const options = ['remount', 'bind', flags.has('ro') ? 'ro' : 'rw', flags.has('noexec') ? 'noexec' : 'exec'];
  await device.root(['mount', '-o', options.join(','), path]);
}
