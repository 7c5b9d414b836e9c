/** How a flat vector becomes bytes. Each encoding is a file; this one chooses between them. */
import { assert } from '../assert.ts';
import type { Vector } from '../parameters.ts';
import { bfloat16Bytes, decodeBfloat16, encodeBfloat16 } from './bf16.ts';
import { decodeFloat16, encodeFloat16 } from './f16.ts';
import { decodeFloat32, encodeFloat32 } from './f32.ts';
import { decodeInt8, encodeInt8, int8Bytes } from './int8.ts';
import { decodeTopK, encodeTopK, topKBytes } from './topk.ts';

export const ENCODINGS = ['f32', 'f16', 'bf16', 'int8', 'topk'] as const;
export type Encoding = (typeof ENCODINGS)[number];

interface Codec {
  /** Depends on nothing but the number of values: limits and simulations know it beforehand. */
  bytes(size: number): number;
  encode(vector: Vector): Uint8Array;
  decode(bytes: Uint8Array, size: number): Vector;
  /** It carries differences to what the other end has, and what it loses is sent later: see uplink and downlink. */
  hasFeedback: boolean;
}

const CODECS: Record<Encoding, Codec> = {
  f32: { bytes: (size) => size * 4, encode: encodeFloat32, decode: decodeFloat32, hasFeedback: false },
  // The cheap control: values as they are, at half the bytes, and what it loses is lost.
  f16: { bytes: (size) => size * 2, encode: encodeFloat16, decode: decodeFloat16, hasFeedback: false },
  bf16: { bytes: bfloat16Bytes, encode: encodeBfloat16, decode: decodeBfloat16, hasFeedback: true },
  int8: { bytes: int8Bytes, encode: encodeInt8, decode: decodeInt8, hasFeedback: true },
  topk: { bytes: topKBytes, encode: encodeTopK, decode: decodeTopK, hasFeedback: true },
};

export function encodeVector(encoding: Encoding, vector: Vector): Uint8Array {
  return CODECS[encoding].encode(vector);
}

/**
 * The inverse of encodeVector. `bytes` has the right length, and neither it nor the vector may change
 * afterwards: one can be a view of the other.
 * @throws CAD-PROTOCOL on bytes that no vector is encoded to.
 */
export function decodeVector(encoding: Encoding, bytes: Uint8Array, size: number): Vector {
  assert(bytes.length === encodedBytes(encoding, size), 'the payload was measured when it was received');
  return CODECS[encoding].decode(bytes, size);
}

/** Bytes of `size` values, whatever they are. */
export function encodedBytes(encoding: Encoding, size: number): number {
  return CODECS[encoding].bytes(size);
}

/** True for encodings that carry differences, with error feedback. */
export function hasFeedback(encoding: Encoding): boolean {
  return CODECS[encoding].hasFeedback;
}
