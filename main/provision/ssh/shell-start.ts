/** The moment between a login shell and ours: how long it may take, how much may be said, and what it means if it fails. */
import { CaduceusError } from '../../core/errors.ts';
import { oneLine } from '../../core/plain-text.ts';
import type { MarkedOutput } from './marked-output.ts';

/**
 * Start-up files may be slow; what they put in the shell's place (`exec fish`) would wait for ever. Less than any step of
 * a deployment has, so that this is what it ends with.
 */
export const SHELL_TIMEOUT_MS = 10_000;
const MAX_NOISE_BYTES = 64 * 1024 * 1024;

export class NoiseBudget {
  #left = MAX_NOISE_BYTES;

  isSpentBy(chunk: Buffer): boolean {
    this.#left -= chunk.length;
    return this.#left < 0;
  }
}

/** The login shell did not start ours. @param how It `ended`; or, in milliseconds, how long nothing came of it. */
export function noShell(
  address: string,
  out: MarkedOutput,
  err: MarkedOutput,
  how: string | number,
  code?: number,
): CaduceusError {
  const words = oneLine(Buffer.concat([out.noise, Buffer.from(' '), err.noise]).toString());
  if (typeof how === 'number') return noAnswer(address, how, words);
  const ending = code === undefined ? how : `${how} with exit code ${code}`;
  return new CaduceusError(
    'CAD-DEVICE-SHELL',
    `the login shell of ${address} ${ending} instead of running a command${words === '' ? '' : `: ${words}`}`,
    'Give the account a normal shell (for example: chsh -s /bin/sh), and let its start-up files ' +
      'start other shells or restrictions only when they are used interactively.',
  );
}

function noAnswer(address: string, waitedMs: number, words: string): CaduceusError {
  return new CaduceusError(
    'CAD-DEVICE-SHELL',
    `the login shell of ${address} has not run a command within ${Math.round(waitedMs / 1000)} s: something in its ` +
      `start-up files takes its place or waits${words === '' ? '' : `; it said: ${words}`}`,
    'Look for exec, read and tmux in ~/.bashrc, ~/.zshenv, ~/.tcshrc or config.fish there, and let them only run in ' +
      'interactive shells, in bash for example below this line: [[ $- == *i* ]] || return',
  );
}
