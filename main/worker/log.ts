/** Few lines on standard error, written at once from whichever thread. */
import { writeSync } from 'node:fs';

export function log(text: string): void {
  try {
    writeSync(2, `caduceus agent: ${text.replaceAll('\n', ' ')}\n`);
  } catch {
    // Nobody reads any more, or too slowly: a line of log is not worth stopping for.
  }
}
