/** Runs the system's programs for the test bed: bounded in time, with their own words in the error. */
import { execFile } from 'node:child_process';
import { CaduceusError } from '../../main/core/errors.ts';

/** Where system programs lie that an ordinary PATH leaves out. */
const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const COMMAND_MS = 20_000;
const MAX_OUTPUT_BYTES = 64 * 2 ** 20;
const QUOTED_CHARACTERS = 400;

export const SYSTEM_ENVIRONMENT = { PATH: SYSTEM_PATH, LC_ALL: 'C', HOME: '/' };

export interface CommandOptions {
  input?: string;
  timeoutMs?: number;
}

/**
 * Standard output of a program that must succeed.
 * @throws CAD-TESTBED-COMMAND with what the program said.
 */
export function command(program: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const settings = {
      encoding: 'utf8' as const,
      timeout: options.timeoutMs ?? COMMAND_MS,
      killSignal: 'SIGKILL' as const,
      maxBuffer: MAX_OUTPUT_BYTES,
      env: SYSTEM_ENVIRONMENT,
    };
    const child = execFile(program, args, settings, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(failure([program, ...args].join(' '), stderr.trim() || error.message, error));
    });
    child.stdin?.on('error', () => undefined); // it ended without reading: its exit code tells
    child.stdin?.end(options.input ?? '');
  });
}

/** As `command`, for what may already be done: undefined when the program fails. */
export async function attempt(program: string, args: readonly string[]): Promise<string | undefined> {
  try {
    return await command(program, args);
  } catch {
    return undefined;
  }
}

function failure(line: string, words: string, cause: Error): CaduceusError {
  return new CaduceusError(
    'CAD-TESTBED-COMMAND',
    `the test bed's command failed: ${line.slice(0, QUOTED_CHARACTERS)}: ${words.slice(0, QUOTED_CHARACTERS)}`,
    'Run `npm run testbed -- down` and try again; the message is the system’s own.',
    cause,
  );
}
