/** Programs that lie, ask, crash or are not there. What a login finds first in its PATH is the device's own. */
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BedDevice } from '../device.ts';
import type { Fault } from './fault.ts';

/** A shell script in the place of a program, for whoever calls it by its name and not by its path. */
export function shim(name: string, script: string): Fault {
  return async (device) => {
    const file = join(device.files.programs, name);
    const before = existsSync(file) ? readFileSync(file) : undefined;
    write(file, `#!/bin/sh\n${script}\n`);
    return async () => {
      if (before === undefined) rmSync(file, { force: true });
      else write(file, before);
    };
  };
}

/** `uname -m` names another processor; what runs is still this host's. */
export function machine(name: string): Fault {
  return shim(
    'uname',
    `case " $* " in
  *" -m "*) echo '${name}' ;;
  *) /usr/bin/uname "$@" | sed "s/$(/usr/bin/uname -m)/${name}/g" ;;
esac`,
  );
}

/** The device does not have these, whatever the host has. */
export function withoutPrograms(...names: readonly string[]): Fault {
  return async (device: BedDevice) => {
    await device.setAbsent(names, true);
    return () => device.setAbsent(names, false);
  };
}

/** A Node of this version, which does nothing but say so: newer scripts fail on it. */
export function nodeOfVersion(version: string): Fault {
  return shim(
    'node',
    `case "$1" in
  -v|--version) echo '${version}' ;;
  *) echo 'SyntaxError: Unexpected token' >&2; exit 1 ;;
esac`,
  );
}

/** A program built for a processor with more than this one has. */
export const illegalInstruction = (name: string): Fault => shim(name, 'kill -ILL $$');

/** sudo asks for a password at the terminal and waits for ever; with -n it refuses. */
export function askingSudo(): Fault {
  return shim(
    'sudo',
    `case "$1" in
  -n|--non-interactive) echo 'sudo: a password is required' >&2; exit 1 ;;
esac
printf '[sudo] password for %s: ' "$USER" >&2
exec sleep 1000000`,
  );
}

/** `date` says another time. The kernel's clock, which is the host's, stays. */
export function wrongDate(offsetSeconds: number): Fault {
  return shim('date', `exec /usr/bin/date --date="@$(($(/usr/bin/date +%s) + ${Math.round(offsetSeconds)}))" "$@"`);
}

function write(file: string, content: string | Buffer): void {
  writeFileSync(file, content);
  chmodSync(file, 0o755);
}
