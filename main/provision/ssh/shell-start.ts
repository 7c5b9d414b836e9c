/** The moment between a login shell and ours: how long it may take, how much may be said, and what it means if it fails. */
import { CaduceusError } from '../../core/errors.ts';
import { oneLine } from '../../core/plain-text.ts';
import type { MarkedOutput } from './marked-output.ts';

/** Start-up files may be slow; a shell that reads our program as its own input would wait for ever. */
export const SHELL_TIMEOUT_MS = 15_000;
const MAX_NOISE_BYTES = 64 * 1024 * 1024;

export class NoiseBudget {
  #left = MAX_NOISE_BYTES;

  isSpentBy(chunk: Buffer): boolean {
    this.#left -= chunk.length;
    return this.#left < 0;
  }
}

/** The login shell did not start ours. */
export function noShell(
  address: string,
  out: MarkedOutput,
  err: MarkedOutput,
  how: string,
  code?: number,
): CaduceusError {
  const words = oneLine(Buffer.concat([out.noise, Buffer.from(' '), err.noise]).toString());
  const ending = code === undefined ? how : `${how} with exit code ${code}`;
  return new CaduceusError(
    'CAD-DEVICE-SHELL',
    `the login shell of ${address} ${ending} instead of running a command${words === '' ? '' : `: ${words}`}`,
    'Give the account a normal shell (for example: chsh -s /bin/sh), and let its start-up files ' +
      'start other shells or restrictions only when they are used interactively.',
  );
}
