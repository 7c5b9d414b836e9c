/**
 * The programs that run on devices: POSIX sh in `resources/device`, one task a file, put together from the
 * parts that the task needs. They are fixed texts; whatever varies reaches them as arguments or on standard input.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const PARTS = {
  probe: ['probe'],
  install: ['fail', 'identity', 'lock', 'digest', 'install'],
  check: ['fail', 'digest', 'check'],
  native: ['fail', 'identity', 'lock', 'native'],
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

/** From the source tree, and from a bundle that is fewer folders deep. */
const MAX_LEVELS = 5;
const loaded = new Map<DeviceProgram, string>();

export function deviceProgram(name: DeviceProgram): string {
  let text = loaded.get(name);
  if (text === undefined) {
    text = PARTS[name].map((part) => withoutComments(readFileSync(join(directory(), `${part}.sh`), 'utf8'))).join('\n');
    loaded.set(name, text);
  }
  return text;
}

/** A program for the device's Node. */
export function deviceScript(name: 'reach'): string {
  return readFileSync(join(directory(), `${name}.cjs`), 'utf8');
}

function directory(): string {
  let level = import.meta.dirname;
  for (let count = 0; count < MAX_LEVELS; count++) {
    level = dirname(level);
    const found = join(level, 'resources', 'device');
    if (existsSync(found)) return found;
  }
  throw new Error('the programs for devices (resources/device) are missing');
}

/** Whole lines of comment stay at home: a program crosses the line at every step. */
function withoutComments(text: string): string {
  return text
    .split(/\r?\n/)
    .filter((line) => !/^\s*(#|$)/.test(line))
    .join('\n');
}
