/** SSH servers that refuse, throttle, change or die. */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BedDevice } from '../device.ts';
import { newHostKey } from '../device-files.ts';
import type { Fault } from './fault.ts';

/** A setting of sshd_config in front of the ordinary ones, for new connections. */
export function sshdSetting(key: string, value: string): Fault {
  return async (device) => {
    await device.overrideSshd(key, [`${key} ${value}`]);
    return () => device.overrideSshd(key);
  };
}

export const forwardingRefused = (): Fault => sshdSetting('AllowTcpForwarding', 'no');

/** `2:100:2`: from the third connection that has not said who it is, all are dropped. */
export const maxStartups = (limit: string): Fault => sshdSetting('MaxStartups', limit);

/** The key is not let in any more. */
export const keyRefused = (): Fault => async (device) => {
  const { authorizedKeys } = device.files;
  const before = readFileSync(authorizedKeys);
  writeFileSync(authorizedKeys, '');
  return async () => writeFileSync(authorizedKeys, before);
};

export interface PasswordLogin {
  password: string;
  via: 'password' | 'keyboard-interactive';
}

const PAM_SERVICE = '/etc/pam.d/sshd';

/** The user may log in with this password as well, asked for in one of the two ways. */
export function passwordLogin({ password, via }: PasswordLogin): Fault {
  return async (device) => {
    const hash = await device.root(['perl', '-e', HASH], password);
    const { shadow } = device.files;
    const before = readFileSync(shadow, 'utf8');
    writeFileSync(shadow, before.replace(`${device.user}:*:`, `${device.user}:${hash}:`));
    const isPam = via === 'keyboard-interactive';
    if (isPam) {
      writeFileSync(join(device.files.etc, 'pam'), PAM_RULES);
      await device.root(['mount', '--bind', '/run/device/etc/pam', PAM_SERVICE]);
    }
    await device.overrideSshd(
      'password',
      isPam ? ['UsePAM yes', 'KbdInteractiveAuthentication yes'] : ['PasswordAuthentication yes'],
    );
    return async () => {
      await device.overrideSshd('password');
      writeFileSync(shadow, before);
      if (isPam) await device.root(['umount', '-l', PAM_SERVICE]);
    };
  };
}

/** crypt(3) of what comes on standard input, so that the password is on no command line. */
const HASH = 'local $/; my $password = <STDIN>; print crypt($password, q($6$caduceus$))';
const PAM_RULES = [
  'auth required pam_unix.so',
  'account required pam_permit.so',
  'session required pam_permit.so',
  '',
].join('\n');

/** As after a new installation. Healed, the old key is back. */
export const hostKeyChanged = (): Fault => async (device) => {
  const { hostKey } = device.files;
  for (const end of ['', '.pub']) copyFileSync(hostKey + end, `${hostKey}.before${end}`);
  await newHostKey(hostKey);
  await device.reloadSshd();
  return async () => {
    for (const end of ['', '.pub']) copyFileSync(`${hostKey}.before${end}`, hostKey + end);
    await device.reloadSshd();
  };
};

/** Nobody listens on the port; sessions go on. */
export const sshdGone = (): Fault => async (device) => {
  await device.stopSshd();
  return () => device.startSshd();
};

/** Kills the server's side of every session, as the kernel does when memory runs out. The listener stays. */
export async function killSessions(device: BedDevice): Promise<void> {
  const pids = await attemptInside(device, ['pgrep', '-f', `^sshd: ${device.user}`]);
  for (const pid of pids) await attemptInside(device, ['kill', '-KILL', pid]);
}

async function attemptInside(device: BedDevice, line: readonly string[]): Promise<string[]> {
  try {
    return (await device.root(line)).split('\n').filter(Boolean);
  } catch {
    return []; // none is there, or it ended meanwhile
  }
}
