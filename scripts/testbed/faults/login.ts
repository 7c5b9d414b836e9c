/** Login shells and what they do before they do what they are told. */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { command } from '../command.ts';
import type { BedDevice } from '../device.ts';
import { giveTo, INSIDE, passwdLine } from '../device-files.ts';
import { shellPath } from '../login-shells.ts';
import type { Fault, Heal } from './fault.ts';

/** A name of `LOGIN_SHELLS`, or a path: /usr/sbin/nologin, /bin/rbash, … */
export function loginShell(name: string): Fault {
  return async (device) => {
    const { user, uid, home, shell } = device.plan;
    const set = (path: string): void => {
      const lines = readFileSync(device.files.passwd, 'utf8').split('\n');
      const others = lines.filter((line) => line !== '' && !line.startsWith(`${user}:`));
      // In place: the file is mounted, not the directory.
      writeFileSync(device.files.passwd, `${[...others, passwdLine(user, uid, home, path)].join('\n')}\n`);
    };
    set(shellPath(name));
    return async () => set(shell);
  };
}

export interface Noise {
  /** Printed at every start of a shell. */
  bytes?: number;
  /** Colours, carriage returns, bytes that are no UTF-8, and a complaint of stty on standard error. */
  isUgly?: boolean;
}

/** What a shell reads also when it is given a command. sh, dash and BusyBox read nothing then. */
const START_FILES = ['.bashrc', '.zshenv', '.config/fish/config.fish', '.tcshrc', '.profile'];
const UGLY = [
  "printf '\\033[1;31mWelcome\\033[0m\\r\\n'",
  "printf '\\377\\376 caf\\351\\n'",
  "printf 'done: 0 ready accepted {}\\n'",
  'stty erase x',
];

/** Start-up files that print. */
export function noisyStart({ bytes = 0, isUgly = true }: Noise = {}): Fault {
  const flood = bytes === 0 ? [] : [`head -c ${bytes} /dev/zero | tr '\\000' '#'`, "printf '\\n'"];
  return startFiles([...(isUgly ? UGLY : []), ...flood]);
}

/** Start-up files that never end. */
export const hangingStart = (): Fault => startFiles(['sleep 1000000']);

/** Start-up files that end the shell before it does anything. */
export const exitingStart = (): Fault => startFiles(['exit 3']);

/** Lines before whatever the shells' start-up files do; in words that all shells share. */
export function startFiles(lines: readonly string[]): Fault {
  return async (device) => {
    const heals = START_FILES.map((name) => prepend(device, name, lines));
    return async () => {
      for (const heal of heals) heal();
    };
  };
}

function prepend(device: BedDevice, name: string, lines: readonly string[]): () => void {
  const file = join(device.files.home, name);
  const before = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  for (const directory of missingAbove(file)) {
    mkdirSync(directory);
    giveTo(device.plan, directory);
  }
  writeFileSync(file, `${lines.join('\n')}\n${before ?? ''}`);
  giveTo(device.plan, file);
  return () => {
    if (before === undefined) rmSync(file, { force: true });
    else writeFileSync(file, before);
  };
}

function missingAbove(file: string): string[] {
  const missing: string[] = [];
  for (let each = dirname(file); !existsSync(each); each = dirname(each)) missing.unshift(each);
  return missing;
}

/** Text that the server sends before anybody has said who they are. */
export function banner(text: string): Fault {
  return async (device) => {
    writeFileSync(join(device.files.etc, 'banner'), text);
    await device.overrideSshd('banner', [`Banner ${INSIDE}/etc/banner`]);
    return () => device.overrideSshd('banner');
  };
}

const LOCALE_SOURCES = '/usr/share/i18n/locales';

/**
 * A language for every session, tr_TR.UTF-8 for example, where i does not become I. Where the host
 * has the sources of locales it is real; otherwise programs get the variables and complain of them.
 */
export function locale(name: string): Fault {
  return async (device) => {
    const variables = [`LANG=${name}`, `LC_ALL=${name}`];
    const [source = '', encoding = 'UTF-8'] = name.split('.');
    if (existsSync(join(LOCALE_SOURCES, source))) {
      const directory = join(device.files.root, 'locale');
      mkdirSync(directory, { recursive: true });
      await command('localedef', ['-i', source, '-f', encoding, join(directory, name)]);
      // Programs look for it in lower case and without the hyphen.
      cpSync(join(directory, name), join(directory, `${source}.utf8`), { recursive: true });
      variables.push(`LOCPATH=${INSIDE}/locale`);
    }
    await device.overrideSshd('locale', [`SetEnv ${variables.join(' ')}`]);
    const heal: Heal = () => device.overrideSshd('locale');
    return heal;
  };
}
