import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Vector } from '../parameters.ts';
import { below, normal, prng } from '../prng.ts';
import { encodeInt8, int8Bytes } from './int8.ts';
import { decodeTopK, encodeTopK, topKBytes } from './topk.ts';

const through = (vector: Vector): Vector => decodeTopK(encodeTopK(vector), vector.length);
const outcome = (bytes: Uint8Array, size: number): unknown => {
  try {
    return decodeTopK(bytes, size);
  } catch (error) {
    return (error as { code?: string }).code;
  }
};

/** What the selection should be, by sorting. */
function expectedPositions(vector: Vector): number[] {
  const rank = (index: number): number => {
    const magnitude = Math.abs(vector[index] as number);
    return Number.isNaN(magnitude) ? Infinity : magnitude;
  };
  return [...vector.keys()]
    .sort((left, right) => rank(right) - rank(left) || left - right)
    .slice(0, Math.ceil(vector.length / 100))
    .sort((left, right) => left - right);
}

describe('top-k', () => {
  it('takes the same room for any values: a byte for each kept gap, one for every 255 positions, then int8', () => {
    expect([0, 1, 100, 101].map(topKBytes)).toEqual([0, 6, 1 + 5, 2 + 6]);
    expect(topKBytes(109_386)).toBe(1094 + Math.floor((109_386 - 1094) / 255) + int8Bytes(1094));
    expect((4 * 109_386) / topKBytes(109_386)).toBeCloseTo(165.24, 2);
  });

  it('is gaps, skips at the end where they are not needed, then the values', () => {
    const vector = new Float32Array(300);
    vector.set([3, -2], 7);
    vector[299] = 1;
    const values = encodeInt8(Float32Array.of(3, -2, 1));
    expect([...encodeTopK(vector)]).toEqual([7, 0, 255, 35, ...values]);
    vector.set([0, 0, 5], 297);
    vector[298] = 4;
    vector[297] = 6;
    expect([...encodeTopK(vector).subarray(0, 4)]).toEqual([255, 42, 0, 0]);
    vector.set([9, 9, 9]);
    expect([...encodeTopK(vector).subarray(0, 4)]).toEqual([0, 0, 0, 255]);
  });

  it('keeps the largest hundredth, of equals the first, and nothing else: as sorting finds them', () => {
    const chance = prng(1, 'topk');
    for (let draw = 0; draw < 200; draw++) {
      const levels = 1 + below(chance, 50); // few levels: many equals
      const vector = Float32Array.from({ length: 1 + below(chance, 2000) }, () =>
        draw % 2 === 0 ? below(chance, levels) - levels / 2 : normal(chance) * 10 ** (below(chance, 60) - 30),
      );
      const expected = expectedPositions(vector);
      const kept = encodeInt8(Float32Array.from(expected, (index) => vector[index] as number));
      const encoded = encodeTopK(vector);
      expect(encoded.subarray(encoded.length - kept.length)).toEqual(kept);
      const decoded = decodeTopK(encoded, vector.length);
      for (const [index, value] of decoded.entries()) if (value !== 0) expect(expected).toContain(index);
    }
  });

  it('errs by at most half a scale on what it keeps', () => {
    const chance = prng(2, 'topk');
    const vector = Float32Array.from({ length: 40_000 }, () => normal(chance) ** 3);
    const decoded = through(vector);
    const largest = Math.max(...vector.map(Math.abs));
    for (const index of expectedPositions(vector)) {
      expect(Math.abs((decoded[index] as number) - (vector[index] as number))).toBeLessThanOrEqual(largest / 254);
    }
  });

  it('reaches the last of many positions', () => {
    for (const size of [255, 256, 257, 510, 511, 65_536, 200_000]) {
      const vector = new Float32Array(size);
      for (let kept = 1; kept <= Math.ceil(size / 100); kept++) vector[size - kept] = kept;
      const decoded = through(vector);
      expect([decoded[size - 1] !== 0, decoded[0]]).toEqual([true, 0]);
      expect(decoded[size - Math.ceil(size / 100)]).toBeGreaterThan(0);
    }
  });

  it('refuses bytes that name too few values, too many, or one beyond the end', () => {
    const bytes = encodeTopK(new Float32Array(300).fill(1)); // 0 0 0 255
    const gaps = (...changed: number[]): Uint8Array => {
      const copy = bytes.slice();
      copy.set(changed);
      return copy;
    };
    expect(outcome(gaps(1, 2, 3, 255), 300)).toBeInstanceOf(Float32Array);
    for (const changed of [
      [0, 0, 255, 255],
      [255, 255, 255, 255],
      [0, 0, 0, 0],
      [254, 44, 0, 255],
      [255, 254, 0, 255],
      [254, 254, 254, 254],
      [255, 255, 0, 0],
    ]) {
      expect(outcome(gaps(...changed), 300)).toBe('CAD-PROTOCOL');
    }
  });

  it('makes of any bytes a vector of the right size, or CAD-PROTOCOL', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 700 }),
        fc.infiniteStream(fc.integer({ min: 0, max: 255 })),
        (size, stream) => {
          const bytes = Uint8Array.from({ length: topKBytes(size) }, () => stream.next().value as number);
          const decoded = outcome(bytes, size);
          if (decoded !== 'CAD-PROTOCOL') expect((decoded as Vector).length).toBe(size);
        },
      ),
    );
  });
});
