/**
 * Programs that the host has and a device must not: the directory is covered by itself without them.
 * A device comes without Node, as most boards do.
 */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { attempt, command } from './command.ts';
import { rootInside } from './sandbox.ts';

/** Where a login finds programs; /usr/local/bin is the device's own already. */
const DIRECTORIES = ['/usr/bin', '/usr/sbin'];
const MOUNTED = '/run/without';
export const NODE_PROGRAMS = ['node', 'nodejs', 'npm', 'npx', 'corepack'];

/**
 * @param root The device's directory on the host.
 * @param isAbsent False: they are there again, if the host has them.
 */
export async function setAbsent(
  root: string,
  pid: number,
  programs: readonly string[],
  isAbsent: boolean,
): Promise<void> {
  for (const directory of DIRECTORIES) {
    const layer = join(root, 'without', directory.slice(1).replaceAll('/', '-'));
    let changed = false;
    for (const program of programs) {
      const mark = join(layer, program);
      if (isAbsent === existsSync(mark)) continue;
      if (!isAbsent) rmSync(mark);
      else if (existsSync(join(directory, program))) {
        mkdirSync(layer, { recursive: true });
        // What overlayfs takes for "deleted".
        await command('mknod', [mark, 'c', '0', '0']);
      } else continue;
      changed = true;
    }
    if (changed) await cover(pid, directory, layer.slice(root.length));
  }
}

/** Lays the directory anew: a layer must not change under a mounted overlay. */
async function cover(pid: number, directory: string, layer: string): Promise<void> {
  const mark = `${MOUNTED}${directory}`;
  const script = `
    if [ -e "${mark}" ]; then umount -l "${directory}"; fi
    mount -t overlay overlay -o "lowerdir=/run/device${layer}:${directory}" "${directory}"
    mkdir -p "${mark}"
  `;
  await rootInside(pid, ['sh', '-euc', script]);
}

/** True where the kernel can do it. */
export async function knowsOverlay(): Promise<boolean> {
  return (await attempt('grep', ['-qw', 'overlay', '/proc/filesystems'])) !== undefined;
}
