/**
 * IEEE binary16, little endian, round to nearest even; beyond ±65504 becomes infinity, which the
 * server refuses as a non-finite update. Written out because devices with Node 20 lack Float16Array.
 */
import type { Vector } from '../parameters.ts';

const scratch = new Float32Array(1);
const scratchBits = new Uint32Array(scratch.buffer);

/** The 16 bits of the half nearest to `value`. */
export function toHalfBits(value: number): number {
  scratch[0] = value;
  const bits = scratchBits[0] as number;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude >= 0x7f800000) return sign | (magnitude > 0x7f800000 ? 0x7e00 : 0x7c00);
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude < 0x38800000) {
    // Subnormal halves: adding one half lets the float unit do the shifting and the rounding.
    scratch[0] = 0.5;
    const half = scratchBits[0] as number;
    scratchBits[0] = magnitude;
    scratch[0] = scratch[0] + 0.5;
    return sign | (scratchBits[0] - half);
  }
  const odd = (magnitude >>> 13) & 1;
  return sign | ((magnitude - 0x38000000 + 0xfff + odd) >>> 13);
}

export function fromHalfBits(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** All 65,536 halves as floats, built at first use: decoding is then one look-up a value. */
let table: Float32Array | undefined;

function halfTable(): Float32Array {
  if (table === undefined) {
    table = new Float32Array(65536);
    for (let half = 0; half < 65536; half++) table[half] = fromHalfBits(half);
  }
  return table;
}

export function encodeFloat16(vector: Vector): Uint8Array {
  const bytes = new Uint8Array(vector.length * 2);
  for (let index = 0; index < vector.length; index++) {
    const half = toHalfBits(vector[index] as number);
    bytes[index * 2] = half & 0xff;
    bytes[index * 2 + 1] = half >>> 8;
  }
  return bytes;
}

export function decodeFloat16(bytes: Uint8Array, size: number): Vector {
  const values = halfTable();
  const vector = new Float32Array(size);
  for (let index = 0; index < size; index++) {
    vector[index] = values[(bytes[index * 2] as number) | ((bytes[index * 2 + 1] as number) << 8)] as number;
  }
  return vector;
}
