import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AssertionError } from '../assert.ts';
import { isFinite } from '../parameters.ts';
import { decodeVector, encodedBytes, ENCODINGS, encodeVector } from './encoding.ts';

const vectors = fc.float32Array({ maxLength: 40 }).map((values) => Float32Array.from(values));

describe.each(ENCODINGS)('encoding %s', (encoding) => {
  it('takes as many bytes as it says', () => {
    fc.assert(
      fc.property(vectors, (vector) => {
        expect(encodeVector(encoding, vector).length).toBe(encodedBytes(encoding, vector.length));
      }),
    );
  });

  it('is idempotent: what has been through it once comes back bit for bit', () => {
    fc.assert(
      fc.property(vectors, (vector) => {
        const once = decodeVector(encoding, encodeVector(encoding, vector), vector.length);
        const twice = decodeVector(encoding, encodeVector(encoding, once), vector.length);
        for (const [index, value] of once.entries()) expect(Object.is(twice[index], value)).toBe(true);
      }),
    );
  });

  it('decodes into memory of its own, from bytes that start anywhere', () => {
    const bytes = encodeVector(encoding, Float32Array.of(1, -2, 0.5)).slice();
    const expected = [...decodeVector(encoding, bytes, 3)];
    const frame = new Uint8Array(bytes.length + 3);
    frame.set(bytes, 3);
    const decoded = decodeVector(encoding, frame.subarray(3), 3);
    frame.fill(0xff);
    expect([...decoded]).toEqual(expected);
    expect(decoded[1]).toBeCloseTo(-2, 3);
  });

  it.each([NaN, Infinity, -Infinity])('keeps it visible that a value is %s', (value) => {
    for (const size of [1, 2, 130, 300]) {
      const vector = new Float32Array(size).fill(0.5);
      vector[size - 1] = value;
      expect(isFinite(decodeVector(encoding, encodeVector(encoding, vector), size))).toBe(false);
    }
  });

  it('encodes nothing to nothing, and zeros to zeros', () => {
    expect(encodeVector(encoding, new Float32Array(0)).length).toBe(0);
    for (const size of [1, 128, 129]) {
      const decoded = decodeVector(encoding, encodeVector(encoding, new Float32Array(size)), size);
      expect(decoded.every((value) => value === 0)).toBe(true);
    }
  });

  it('is not asked to decode a payload of the wrong length', () => {
    expect(() => decodeVector(encoding, new Uint8Array(7), 2)).toThrow(AssertionError);
  });
});

describe('f32', () => {
  it('keeps every bit, NaN payloads and −0 included', () => {
    const bits = Uint32Array.of(0x7fc00001, 0x80000000, 0x00000001, 0x7f800000, 0xff7fffff);
    const vector = new Float32Array(bits.buffer);
    const back = decodeVector('f32', encodeVector('f32', vector), bits.length);
    expect([...new Uint32Array(back.buffer)]).toEqual([...bits]);
  });

  it('is little endian', () => {
    expect([...encodeVector('f32', Float32Array.of(1))]).toEqual([0, 0, 0x80, 0x3f]);
  });
});
