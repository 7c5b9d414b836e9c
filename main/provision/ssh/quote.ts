/**
 * The one way by which a value becomes a word of a remote command. Single quotes take every byte as it is but
 * themselves and NUL; the reader is always the device's `/bin/sh`, whatever the login shell is (see `bootstrap.ts`).
 */
import { assert } from '../../core/assert.ts';

/** Text as UTF-8, or bytes as they are: file names need not be text. */
export type Argument = string | Uint8Array;

const SINGLE_QUOTE = 0x27;
/** Ends the quoted word, adds a quote, and quotes on. */
const ESCAPED = Buffer.from(`'\\''`);

export function quote(argument: Argument): Buffer {
  const bytes = typeof argument === 'string' ? Buffer.from(argument) : Buffer.from(argument);
  assert(!bytes.includes(0), 'no argument of a program holds NUL');
  const parts: Buffer[] = [Buffer.from(`'`)];
  let start = 0;
  for (let at = bytes.indexOf(SINGLE_QUOTE); at !== -1; at = bytes.indexOf(SINGLE_QUOTE, start)) {
    parts.push(bytes.subarray(start, at), ESCAPED);
    start = at + 1;
  }
  parts.push(bytes.subarray(start), Buffer.from(`'`));
  return Buffer.concat(parts);
}
