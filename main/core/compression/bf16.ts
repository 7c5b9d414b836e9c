/**
 * bfloat16, little endian: the upper half of a float32, rounded to nearest even. Float32's range with
 * 8 significant bits: the relative error is at most 2⁻⁸.
 */
import type { Vector } from '../parameters.ts';

export function bfloat16Bytes(size: number): number {
  return size * 2;
}

export function encodeBfloat16(vector: Vector): Uint8Array {
  const bits = new Uint32Array(vector.buffer, vector.byteOffset, vector.length);
  const bytes = new Uint8Array(bfloat16Bytes(vector.length));
  for (let index = 0; index < bits.length; index++) {
    const half = upperHalf(bits[index] as number);
    bytes[index * 2] = half & 0xff;
    bytes[index * 2 + 1] = half >>> 8;
  }
  return bytes;
}

function upperHalf(bits: number): number {
  // Rounding would carry a NaN's fraction into infinity, or into a number.
  if ((bits & 0x7fffffff) > 0x7f800000) return (bits >>> 16) | 0x40;
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

export function decodeBfloat16(bytes: Uint8Array, size: number): Vector {
  const vector = new Float32Array(size);
  const bits = new Uint32Array(vector.buffer);
  for (let index = 0; index < size; index++) {
    bits[index] = ((bytes[index * 2] as number) | ((bytes[index * 2 + 1] as number) << 8)) << 16;
  }
  return vector;
}
