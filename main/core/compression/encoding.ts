/** How a flat vector becomes bytes. Each encoding is a file; this one chooses between them. */
import { assert } from '../assert.ts';
import type { Vector } from '../parameters.ts';
import { decodeFloat16, encodeFloat16 } from './f16.ts';
import { decodeFloat32, encodeFloat32 } from './f32.ts';

export const ENCODINGS = ['f32', 'f16'] as const;
export type Encoding = (typeof ENCODINGS)[number];

export function encodeVector(encoding: Encoding, vector: Vector): Uint8Array {
  return encoding === 'f32' ? encodeFloat32(vector) : encodeFloat16(vector);
}

/** The inverse of encodeVector, into a vector that nobody else holds. `bytes` has the right length. */
export function decodeVector(encoding: Encoding, bytes: Uint8Array, size: number): Vector {
  assert(bytes.length === encodedBytes(encoding, size), 'the payload was measured when it was received');
  return encoding === 'f32' ? decodeFloat32(bytes, size) : decodeFloat16(bytes, size);
}

/** Bytes of `size` values. */
export function encodedBytes(encoding: Encoding, size: number): number {
  return size * (encoding === 'f32' ? 4 : 2);
}
