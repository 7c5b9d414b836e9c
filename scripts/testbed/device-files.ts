/** The files that make a device its own machine: users, host key, SSH settings, HOME, places for programs. */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { command } from './command.ts';
import { BUSYBOX_SHELL } from './login-shells.ts';
import type { DevicePlan } from './plan.ts';
import { programPath } from './requirements.ts';

/** Where a device finds its own files; everything else of the bed's directory is out of its sight. */
export const INSIDE = '/run/device';
export const HOST_KEY_TYPE = 'ed25519';
const SKELETON = '/etc/skel';

/** Paths of one device's files as the host sees them. */
export function deviceFiles(bedDirectory: string, name: string) {
  const root = join(bedDirectory, 'devices', name);
  const etc = join(root, 'etc');
  return {
    root,
    etc,
    home: join(root, 'home'),
    temporary: join(root, 'tmp'),
    /** First in the device's PATH, as /usr/local/bin. */
    programs: join(root, 'bin'),
    /** Settings that go before the ordinary ones, a file each. */
    sshdOverrides: join(etc, 'sshd_config.d'),
    passwd: join(etc, 'passwd'),
    shadow: join(etc, 'shadow'),
    authorizedKeys: join(etc, 'authorized_keys'),
    hostKey: join(etc, `ssh_host_${HOST_KEY_TYPE}_key`),
    sshdLog: join(root, 'sshd.log'),
    sshdPid: join(root, 'sshd.pid'),
    initLog: join(root, 'init.log'),
  };
}

export async function writeDeviceFiles(bedDirectory: string, plan: DevicePlan, clientKey: string): Promise<void> {
  const files = deviceFiles(bedDirectory, plan.name);
  for (const directory of [files.root, files.etc, files.home, files.temporary, files.programs, files.sshdOverrides]) {
    mkdirSync(directory, { recursive: true, mode: 0o755 });
  }
  if (existsSync(SKELETON)) cpSync(SKELETON, files.home, { recursive: true });
  await command('chown', ['-R', `${plan.uid}:${plan.uid}`, files.home]);
  chmodSync(files.home, 0o750);
  chmodSync(files.temporary, 0o1777);
  const busybox = programPath('busybox');
  if (busybox !== undefined) symlinkSync(busybox, join(files.programs, BUSYBOX_SHELL));
  writeUsers(files, plan);
  writeFileSync(join(files.etc, 'hostname'), `${plan.name}\n`);
  writeFileSync(join(files.etc, 'hosts'), `127.0.0.1 localhost\n${plan.address} ${plan.name}\n`);
  // Not in HOME: a device with a broken HOME must still let its user in.
  writeFileSync(files.authorizedKeys, readFileSync(`${clientKey}.pub`));
  writeFileSync(join(files.etc, 'sshd_config'), sshdSettings(plan));
  writeFileSync(files.sshdLog, '');
  await newHostKey(files.hostKey);
}

/** Replaces the key. A running sshd keeps the old one until it is told to read its settings again. */
export async function newHostKey(file: string): Promise<void> {
  for (const path of [file, `${file}.pub`]) rmSync(path, { force: true });
  await command('ssh-keygen', ['-q', '-t', HOST_KEY_TYPE, '-N', '', '-C', '', '-f', file]);
}

/** As OpenSSH prints it. */
export function fingerprintOf(publicKeyFile: string): string {
  const [, body = ''] = readFileSync(publicKeyFile, 'utf8').trim().split(/\s+/);
  const digest = createHash('sha256').update(Buffer.from(body, 'base64')).digest('base64');
  return `SHA256:${digest.replace(/=+$/, '')}`;
}

/** The host's users with the device's own one; its password is one that nothing matches. */
function writeUsers(files: ReturnType<typeof deviceFiles>, plan: DevicePlan): void {
  const { user, uid, home, shell } = plan;
  writeFileSync(
    files.passwd,
    `${readFileSync('/etc/passwd', 'utf8').trimEnd()}\n${passwdLine(user, uid, home, shell)}\n`,
  );
  writeFileSync(join(files.etc, 'group'), `${readFileSync('/etc/group', 'utf8').trimEnd()}\n${user}:x:${uid}:\n`);
  // Passwords of the host's users are not copied.
  writeFileSync(files.shadow, `root:*:19000:0:99999:7:::\n${user}:*:19000:0:99999:7:::\n`, { mode: 0o600 });
}

export function passwdLine(user: string, uid: number, home: string, shell: string): string {
  return `${user}:x:${uid}:${uid}:Device of the test bed:${home}:${shell}`;
}

function sshdSettings({ user, port }: DevicePlan): string {
  return [
    // sshd keeps the first value that it reads of a setting.
    `Include ${INSIDE}/etc/sshd_config.d/*.conf`,
    `Port ${port}`,
    'AddressFamily inet',
    `HostKey ${INSIDE}/etc/ssh_host_${HOST_KEY_TYPE}_key`,
    `PidFile ${INSIDE}/sshd.pid`,
    `AuthorizedKeysFile ${INSIDE}/etc/authorized_keys`,
    `AllowUsers ${user}`,
    'PermitRootLogin no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'UsePAM no',
    'UseDNS no',
    'LogLevel VERBOSE',
    'Subsystem sftp internal-sftp',
    '',
  ].join('\n');
}

/** Makes a file the device user's own. */
export function giveTo(plan: DevicePlan, file: string): void {
  chownSync(file, plan.uid, plan.uid);
}
