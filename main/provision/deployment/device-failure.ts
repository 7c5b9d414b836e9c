/** What a program on the device could not do, as its last line of output: `fail KIND WORD…`. */
import { CaduceusError } from '../../core/errors.ts';
import type { RunResult } from '../ssh/remote.ts';

const QUOTED_CHARACTERS = 300;

/**
 * Passes on the lines that a program said.
 * @param what For the message: `unpack the agent`.
 * @throws what its `fail` line stands for; CAD-DEVICE-COMMAND for any other bad end.
 */
export function linesOf(result: RunResult, what: string): string[] {
  const lines = printable(result.stdout.toString('utf8')).split('\n');
  refuseFailure(lines, result, what);
  return lines.filter((line) => line !== '');
}

/** The same check for output that was read as it came. */
export function refuseFailure(
  lines: readonly string[],
  { code, stderr }: { code: number; stderr: string },
  what: string,
): void {
  const failure = lines.findLast((line) => line.startsWith('fail '));
  if (failure !== undefined) {
    const [, kind = '', ...words] = failure.split(' ').map((word) => word.replaceAll('\\040', ' '));
    throw failureOf(kind, words, stderr, what);
  }
  if (code !== 0) throw commandFailed(what, `exit code ${code}${quoted(stderr)}`);
}

function failureOf(kind: string, words: readonly string[], stderr: string, what: string): CaduceusError {
  const [first = '', second = '', third = ''] = words;
  switch (kind) {
    case 'tampered':
      return new CaduceusError(
        'CAD-DEVICE-TAMPERED',
        `the file ${first} on the device has SHA-256 ${third || 'unknown'}, but ${second} was sent`,
        'Find out who changed it. Deploying again replaces it; nothing of it was started.',
      );
    case 'missing':
      return new CaduceusError(
        'CAD-DEVICE-COMMAND',
        `the agent is not installed on the device any more: there is no ${first}`,
        'Deploy to it again: caduceus deploy NAME',
      );
    case 'busy':
      return new CaduceusError(
        'CAD-DEVICE-BUSY',
        `another deployment is going on on the device: ${first}`,
        'Wait until it has ended, then deploy again.',
      );
    case 'full':
      return new CaduceusError(
        'CAD-DEVICE-DISK',
        `the device has no room: ${first}`,
        'Free some space on the device, or give it another work directory, then deploy again.',
      );
    case 'unwritable':
      return new CaduceusError(
        'CAD-DEVICE-DISK',
        `${first} on the device cannot be written`,
        'Give the device a work directory that its user can write to, then deploy again.',
      );
    case 'no-digest':
      return new CaduceusError(
        'CAD-DEVICE-SYSTEM',
        `the device has nothing to compute SHA-256 with (${first})`,
        'Install one of them on the device, for example: apt install coreutils',
      );
    case 'no-accept':
      return new CaduceusError(
        'CAD-WORKER-START',
        `the agent did not accept its ticket: ${first}${quoted(stderr)}`,
        'Look at its log: caduceus logs NAME',
      );
    case 'no-npm':
      return new CaduceusError(
        'CAD-DEVICE-COMMAND',
        'the device has no npm to install it with',
        'Install Node with npm on the device, then: caduceus deploy NAME --native',
      );
    case 'native':
      return new CaduceusError(
        'CAD-DEVICE-COMMAND',
        `its npm could not install it: ${first}`.slice(0, 2 * QUOTED_CHARACTERS),
        'Look at the way from the device to its npm registry, then: caduceus deploy NAME --native',
      );
    case 'unpack':
      return commandFailed(what, first);
    default:
      return commandFailed(what, [kind, ...words].join(' '));
  }
}

/**
 * What a shell says of a program that it cannot start (exit codes 126 and 127), or its loader of a library that
 * is missing; undefined when it did start.
 */
export function startFailure({ code, stderr }: { code: number; stderr: string }): CaduceusError | undefined {
  const complaint = printable(stderr).trim().split('\n').at(-1)?.slice(0, QUOTED_CHARACTERS) ?? '';
  if (code === 126 && /Permission denied/.test(complaint)) {
    return new CaduceusError(
      'CAD-DEVICE-NOEXEC',
      `the device does not let the runtime run from its work directory: ${complaint}`,
      'Give the device a work directory on a file system that is not mounted noexec.',
    );
  }
  if (code !== 126 && code !== 127 && !/GLIBC|shared librar|Exec format/.test(complaint)) return undefined;
  return new CaduceusError(
    'CAD-DEVICE-SYSTEM',
    `the runtime does not run on the device: ${complaint}`,
    'Use a device with Linux, glibc 2.28 or newer and libstdc++, or install Node 20 or newer on it.',
  );
}

function commandFailed(what: string, complaint: string): CaduceusError {
  return new CaduceusError(
    'CAD-DEVICE-COMMAND',
    `could not ${what}: ${complaint}`.slice(0, 2 * QUOTED_CHARACTERS),
    'Look at the log of this step, then deploy again: what is there already is not sent again.',
  );
}

/** Of a stack trace the line that names the error, else the end of what was said. */
function quoted(stderr: string): string {
  const text = printable(stderr).trim();
  const complaint = text.split('\n').findLast((line) => /^\w*Error\b/.test(line));
  const words = complaint ?? text.replaceAll('\n', ' | ').slice(-QUOTED_CHARACTERS);
  return words === '' ? '' : ` (${words})`;
}

/** Text from a device without anything that could steer a terminal; line ends and tabs stay. */
export function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- the rule is about accidents; this is the point
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, '');
}
