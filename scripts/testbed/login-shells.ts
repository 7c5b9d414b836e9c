/** The login shells that a device's user can have. */
import { isAbsolute, join } from 'node:path';
import { CaduceusError } from '../../main/core/errors.ts';
import { programPath } from './requirements.ts';

export const LOGIN_SHELLS = ['sh', 'bash', 'dash', 'zsh', 'fish', 'tcsh', 'busybox'] as const;

/** BusyBox is a shell only under a shell's name: every device has it as this one. */
export const BUSYBOX_SHELL = 'ash';

/**
 * Its path inside a device.
 * @throws CAD-TESTBED-HOST when this host does not have it.
 */
export function shellPath(name: string): string {
  if (isAbsolute(name)) return name;
  const path = programPath(name);
  if (path === undefined) {
    throw new CaduceusError(
      'CAD-TESTBED-HOST',
      `the login shell ${name} is not installed`,
      `Install it, on Debian and Ubuntu with: apt-get install ${name}`,
    );
  }
  return name === 'busybox' ? join('/usr/local/bin', BUSYBOX_SHELL) : path;
}
