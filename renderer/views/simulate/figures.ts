/** How the figures of described devices are written. */
import { bytes, decimal } from '../../../main/core/display/format.ts';

/** `20 Mbit/s` */
export function bitRate(bitsPerSecond: number): string {
  return `${bytes(bitsPerSecond)
    .replace('kB', 'kbit')
    .replace(/B$/, 'bit')
    .replace(/\.0(?=\s)/, '')}/s`;
}

export function latency(ms: number): string {
  return `${decimal(ms, ms < 10 ? 1 : 0, 0)} ms`;
}
