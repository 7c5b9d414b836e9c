/**
 * A device's namespaces: processes, mounts, host name and IPC of its own, in its network. Its first
 * process does nothing but hold them and bury the dead; when it ends, the kernel ends all the others.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CaduceusError } from '../../main/core/errors.ts';
import { command, SYSTEM_ENVIRONMENT } from './command.ts';
import { deviceFiles, INSIDE } from './device-files.ts';
import type { DevicePlan } from './plan.ts';

const READY_MS = 10_000;
const READY_EVERY_MS = 5;
const READY = 'ready';
const SCRIPT = 'init.sh';

/** Run by the first process; the environment has NAME, FILES, DEVICE_HOME, OWNER. */
const INIT = `
set -eu
umask 022
# The host's number of this process; from inside it is 1.
read -r outer rest < /proc/self/stat
# A copy of a mounted name would keep another device's network alive.
umount -R -l /run/netns 2>/dev/null || :
mount -t proc proc /proc
mount --bind "$FILES/boot_id" /proc/sys/kernel/random/boot_id
hostname "$NAME"
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p ${INSIDE} /run/sshd /run/lock "/run/user/$OWNER"
chown "$OWNER:$OWNER" "/run/user/$OWNER"
chmod 700 "/run/user/$OWNER"
mount --bind "$FILES" ${INSIDE}
mount --bind ${INSIDE}/tmp /tmp
mount --bind ${INSIDE}/tmp /var/tmp
mount -t tmpfs -o mode=755 tmpfs /var/log
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mount -t tmpfs -o mode=755 tmpfs /home
mkdir "$DEVICE_HOME"
mount --bind ${INSIDE}/home "$DEVICE_HOME"
mount --bind ${INSIDE}/bin /usr/local/bin
for file in passwd group shadow hosts hostname; do
  [ ! -e /etc/$file ] || mount --bind ${INSIDE}/etc/$file /etc/$file
done
cd /
echo "${READY} $outer"
exec sh -c 'sleep infinity & while :; do wait; done' </dev/null >/dev/null 2>&1
`;

/** Starts the namespaces; answers with the first process's number on the host. */
export async function startSandbox(bedDirectory: string, plan: DevicePlan, group: string | undefined): Promise<number> {
  const files = deviceFiles(bedDirectory, plan.name);
  const script = join(files.root, SCRIPT);
  writeFileSync(script, INIT);
  // One for every boot of every device; the kernel has only the host's.
  writeFileSync(join(files.root, 'boot_id'), `${randomUUID()}\n`, { mode: 0o444 });
  const log = openSync(files.initLog, 'w');
  const namespaces = ['--mount', '--propagation', 'private', '--uts', '--ipc', '--pid', '--fork'];
  const line = ['nsenter', `--net=/run/netns/${plan.namespace}`, 'unshare', ...namespaces, 'sh', script];
  const [program, args] = inGroup(group, line);
  const holder = spawn(program, args, {
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...SYSTEM_ENVIRONMENT, NAME: plan.name, FILES: files.root, DEVICE_HOME: plan.home, OWNER: String(plan.uid) },
  });
  closeSync(log);
  holder.on('error', () => undefined); // told by the log that stays empty
  holder.unref();
  for (let waitedMs = 0; waitedMs < READY_MS && holder.exitCode === null; waitedMs += READY_EVERY_MS) {
    const outer = new RegExp(`^${READY} (\\d+)$`, 'm').exec(readFileSync(files.initLog, 'utf8'))?.[1];
    if (outer !== undefined) return Number(outer);
    await sleep(READY_EVERY_MS);
  }
  throw new CaduceusError(
    'CAD-TESTBED-COMMAND',
    `device ${plan.name} did not start: ${readFileSync(files.initLog, 'utf8').trim() || 'no answer'}`,
    'Run `npm run testbed -- down` and try again; the message is the system’s own.',
  );
}

/** Numbers of first processes of a bed's devices, also of those that have not come to their network yet. */
export function startingIn(bedDirectory: string): number[] {
  const isScript = (word: string): boolean => word.startsWith(`${bedDirectory}/`) && word.endsWith(`/${SCRIPT}`);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').some(isScript);
      } catch {
        return false; // ended meanwhile
      }
    });
}

/** The command line that runs inside a device, as its root. */
function inside(pid: number, line: readonly string[]): string[] {
  return ['--target', String(pid), '--mount', '--uts', '--ipc', '--net', '--pid', '--wd=/', ...line];
}

/** Standard output of a program run inside, as the device's root and outside its CPU quota. */
export function rootInside(pid: number, line: readonly string[], input?: string): Promise<string> {
  return command('nsenter', inside(pid, line), input === undefined ? {} : { input });
}

/** The same under the device's quota, as everything that belongs to the device should be. */
export function deviceInside(pid: number, line: readonly string[], group: string | undefined): Promise<string> {
  const [program, args] = inGroup(group, ['nsenter', ...inside(pid, line)]);
  return command(program, args);
}

function inGroup(group: string | undefined, line: string[]): [string, string[]] {
  if (group === undefined || !existsSync(group)) return [line[0] ?? '', line.slice(1)];
  return ['sh', ['-c', 'echo $$ > "$0/cgroup.procs" && exec "$@"', group, ...line]];
}
