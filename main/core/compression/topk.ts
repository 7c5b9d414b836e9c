/**
 * The largest hundredth of the values, by magnitude, and nothing of the others (Deep Gradient
 * Compression, Lin et al. 2018, without its warm-up; the rest stays in the residual). Of equals, those
 * that come first.
 *
 * Layout: gaps between kept positions, a byte each, then the kept values as int8 in blocks. A gap of
 * 255 skips 255 positions and keeps none; there is room for as many of these as can be needed, so the
 * size depends on the number of values alone, and unused ones stand at the end.
 */
import type { Vector } from '../parameters.ts';
import { protocolError } from '../protocol/shape.ts';
import { decodeInt8, encodeInt8, int8Bytes } from './int8.ts';

/** One value in this many is kept. */
const ONE_IN = 100;
const SKIP = 255;
/** The 31 bits of a magnitude in three digits, highest first: where each begins, and its bits. */
const DIGITS = [
  [20, 11],
  [10, 10],
  [0, 10],
] as const;

export function topKBytes(size: number): number {
  return gapBytes(size) + int8Bytes(keptOf(size));
}

function keptOf(size: number): number {
  return Math.ceil(size / ONE_IN);
}

function gapBytes(size: number): number {
  const kept = keptOf(size);
  return kept + Math.floor((size - kept) / SKIP);
}

export function encodeTopK(vector: Vector): Uint8Array {
  const positions = largest(vector, keptOf(vector.length));
  const gaps = new Uint8Array(gapBytes(vector.length)).fill(SKIP);
  let [slot, next] = [0, 0];
  for (const position of positions) {
    for (; position - next >= SKIP; next += SKIP) slot += 1;
    gaps[slot++] = position - next;
    next = position + 1;
  }
  const values = encodeInt8(Float32Array.from(positions, (position) => vector[position] as number));
  const bytes = new Uint8Array(gaps.length + values.length);
  bytes.set(gaps);
  bytes.set(values, gaps.length);
  return bytes;
}

/** @throws CAD-PROTOCOL when a position is beyond the end, or their number is wrong. */
export function decodeTopK(bytes: Uint8Array, size: number): Vector {
  const kept = keptOf(size);
  const slots = gapBytes(size);
  const values = decodeInt8(bytes.subarray(slots), kept);
  const vector = new Float32Array(size);
  let [count, position] = [0, 0];
  for (let slot = 0; slot < slots; slot++) {
    const gap = bytes[slot] as number;
    position += gap;
    if (gap === SKIP) continue;
    if (position >= size || count === kept) throw protocolError(`a kept value beyond the ${size} that there are`);
    vector[position] = values[count] as number;
    count += 1;
    position += 1;
  }
  if (count < kept) throw protocolError(`${count} kept values instead of ${kept}`);
  return vector;
}

/** Positions of the `count` values of largest magnitude, ascending. NaN and infinity are the largest. */
function largest(vector: Vector, count: number): Uint32Array {
  const positions = new Uint32Array(count);
  if (count === 0) return positions;
  // As integers, the bits of magnitudes are in the order of the magnitudes.
  const bits = new Uint32Array(vector.buffer, vector.byteOffset, vector.length);
  const { threshold, equals } = smallestKept(bits, count);
  let [found, taken] = [0, 0];
  for (let index = 0; found < count; index++) {
    const magnitude = (bits[index] as number) & 0x7fffffff;
    if (magnitude < threshold || (magnitude === threshold && taken++ >= equals)) continue;
    positions[found++] = index;
  }
  return positions;
}

/** The `count`-th largest magnitude, digit by digit, and how many that equal it are among the largest. */
function smallestKept(bits: Uint32Array, count: number): { threshold: number; equals: number } {
  let [threshold, equals] = [0, count];
  for (const [shift, width] of DIGITS) {
    const counts = new Uint32Array(2 ** width);
    for (let index = 0; index < bits.length; index++) {
      const magnitude = (bits[index] as number) & 0x7fffffff;
      if (magnitude >>> (shift + width) !== threshold) continue;
      const digit = (magnitude >>> shift) & (counts.length - 1);
      counts[digit] = (counts[digit] as number) + 1;
    }
    let digit = counts.length - 1;
    for (; (counts[digit] as number) < equals; digit--) equals -= counts[digit] as number;
    threshold = threshold * counts.length + digit;
  }
  return { threshold, equals };
}
