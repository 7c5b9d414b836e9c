/**
 * Integers of 8 bits with one float32 scale for each block of 128 values: `x ≈ q · scale`,
 * `scale = max|x| / 127`, `q = round(x / scale)`, so `|x − q · scale| ≤ scale / 2` (block quantisation,
 * as QSGD and its kin do). Little endian: the scales of all blocks, then all values.
 *
 * A block with a value that is not a finite number gets a scale that is none, and decodes to NaN: a
 * diverged vector stays recognizable.
 */
import type { Vector } from '../parameters.ts';

export const INT8_BLOCK = 128;
const LIMIT = 127;
/** Added and taken away again, it leaves the nearest integer (of two, the even one): several times faster than Math.round. */
const ROUNDING = 1.5 * 2 ** 52;

const cell = new Float32Array(1);
const cellBits = new Uint32Array(cell.buffer);

/**
 * Scales have 17 significant bits: a product with 7 bits more is then exact in float32, on any machine,
 * and what has been decoded encodes to the same bytes again. The lower 7 of a float32's 24 are these.
 */
const DROPPED_BITS = 0x7f;
const SMALLEST_SCALE = 2 ** -126;
/** 127 of it are still finite. */
const LARGEST_SCALE = ((): number => {
  cell[0] = ((2 - 2 ** -23) * 2 ** 127) / LIMIT;
  cellBits[0] = (cellBits[0] as number) & ~DROPPED_BITS;
  return cell[0];
})();

export function int8Bytes(size: number): number {
  return 4 * Math.ceil(size / INT8_BLOCK) + size;
}

export function encodeInt8(vector: Vector): Uint8Array {
  const { length } = vector;
  const bytes = new Uint8Array(int8Bytes(length));
  const view = new DataView(bytes.buffer);
  const integers = new Int8Array(bytes.buffer, bytes.length - length);
  for (let start = 0, block = 0; start < length; start += INT8_BLOCK, block++) {
    const end = Math.min(start + INT8_BLOCK, length);
    const scale = scaleFor(largestMagnitude(vector, start, end));
    view.setFloat32(block * 4, scale, true);
    for (let index = start; index < end; index++) {
      // Without a scale the quotient is NaN, which is stored as 0.
      const integer = (vector[index] as number) / scale + ROUNDING - ROUNDING;
      integers[index] = integer > LIMIT ? LIMIT : integer < -LIMIT ? -LIMIT : integer;
    }
  }
  return bytes;
}

export function decodeInt8(bytes: Uint8Array, size: number): Vector {
  const vector = new Float32Array(size);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const integers = new Int8Array(bytes.buffer, bytes.byteOffset + bytes.length - size, size);
  for (let start = 0, block = 0; start < size; start += INT8_BLOCK, block++) {
    const end = Math.min(start + INT8_BLOCK, size);
    const scale = view.getFloat32(block * 4, true);
    for (let index = start; index < end; index++) vector[index] = (integers[index] as number) * scale;
  }
  return vector;
}

/** NaN when one of the values is. */
function largestMagnitude(vector: Vector, start: number, end: number): number {
  let largest = 0;
  for (let index = start; index < end; index++) {
    const magnitude = Math.abs(vector[index] as number);
    if (magnitude > largest || magnitude !== magnitude) largest = magnitude;
  }
  return largest;
}

function scaleFor(largest: number): number {
  if (largest === 0) return 0;
  if (!(largest < Infinity)) return NaN;
  cell[0] = Math.max(largest / LIMIT, SMALLEST_SCALE);
  // Up, so that the largest value is at most 127 of the scale.
  cellBits[0] = ((cellBits[0] as number) + DROPPED_BITS) & ~DROPPED_BITS;
  return Math.min(cell[0], LARGEST_SCALE);
}
