/**
 * The programs that run on devices: POSIX sh in `resources/device`, one task a file, put together from the
 * parts that the task needs. They are fixed texts; whatever varies reaches them as arguments or on standard input.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const PARTS = {
  probe: ['probe'],
  install: ['fail', 'identity', 'lock', 'digest', 'install'],
  check: ['fail', 'digest', 'check'],
  activate: ['fail', 'identity', 'lock', 'activate'],
  discard: ['fail', 'identity', 'lock', 'discard'],
  start: ['fail', 'identity', 'lock', 'digest', 'unit', 'stop-agents', 'start'],
  watch: ['identity', 'watch'],
  stop: ['identity', 'unit', 'stop-agents', 'stop'],
  uninstall: ['fail', 'identity', 'lock', 'unit', 'stop-agents', 'uninstall'],
  logs: ['logs'],
  /** Goes to the device as a file of every version. */
  supervise: ['identity', 'digest', 'unit', 'supervise'],
} as const;

export type DeviceProgram = keyof typeof PARTS;

const DIRECTORY = join(import.meta.dirname, '..', '..', '..', 'resources', 'device');
const loaded = new Map<DeviceProgram, string>();

export function deviceProgram(name: DeviceProgram): string {
  let text = loaded.get(name);
  if (text === undefined) {
    text = PARTS[name].map((part) => withoutComments(readFileSync(join(DIRECTORY, `${part}.sh`), 'utf8'))).join('\n');
    loaded.set(name, text);
  }
  return text;
}

/** Whole lines of comment stay at home: a program crosses the line at every step. */
function withoutComments(text: string): string {
  return text
    .split(/\r?\n/)
    .filter((line) => !/^\s*(#|$)/.test(line))
    .join('\n');
}
