import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Vector } from '../parameters.ts';
import { isFinite } from '../parameters.ts';
import { normal, prng } from '../prng.ts';
import { decodeInt8, encodeInt8, INT8_BLOCK, int8Bytes } from './int8.ts';

const through = (vector: Vector): Vector => decodeInt8(encodeInt8(vector), vector.length);
const scales = (vector: Vector): number[] => {
  const bytes = encodeInt8(vector);
  return Array.from({ length: Math.ceil(vector.length / INT8_BLOCK) }, (_, block) =>
    new DataView(bytes.buffer).getFloat32(block * 4, true),
  );
};
const finite = fc.float32Array({ noNaN: true, noDefaultInfinity: true, maxLength: 300 });

describe('int8 in blocks', () => {
  it('takes a byte a value and four a block: 3.88 times less than float32', () => {
    expect([0, 1, 128, 129, 109_386].map(int8Bytes)).toEqual([0, 5, 132, 137, 109_386 + 4 * 855]);
    expect((4 * 109_386) / int8Bytes(109_386)).toBeCloseTo(3.879, 3);
  });

  it('is the scales, then the integers', () => {
    const vector = Float32Array.of(1.984375, -1, 1.5 / 64, 0.5 / 64); // 127 · 2⁻⁶; the last two lie between integers
    expect([...encodeInt8(vector)]).toEqual([0, 0, 0x80, 0x3c, 127, 0x100 - 64, 2, 0]);
  });

  it('errs by at most half a scale, for any finite values', () => {
    fc.assert(
      fc.property(finite, (values) => {
        const vector = Float32Array.from(values);
        const decoded = through(vector);
        const scaleOf = scales(vector);
        for (const [index, value] of vector.entries()) {
          const scale = scaleOf[Math.floor(index / INT8_BLOCK)] as number;
          expect(Math.abs((decoded[index] as number) - value)).toBeLessThanOrEqual(scale * (0.5 + 2 ** -40));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('has a scale no larger than needed: a 127th of the largest value, to 17 bits', () => {
    const chance = prng(1, 'int8');
    for (let draw = 0; draw < 200; draw++) {
      const vector = Float32Array.from({ length: 128 }, () => normal(chance) * 10 ** (draw / 10 - 10));
      const largest = Math.max(...vector.map(Math.abs));
      const [scale] = scales(vector) as [number];
      expect(scale).toBeGreaterThanOrEqual((largest / 127) * (1 - 2 ** -23));
      expect(scale).toBeLessThanOrEqual((largest / 127) * (1 + 2 ** -16));
    }
  });

  it('keeps blocks apart: a large value coarsens its own 128 and no others', () => {
    const vector = new Float32Array(256).fill(0.01);
    vector[5] = 1000;
    const decoded = through(vector);
    expect(decoded[6]).toBe(0);
    expect(decoded[128]).toBeCloseTo(0.01, 4);
  });

  it('gives the same bytes for what it has decoded, in every block', () => {
    fc.assert(
      fc.property(finite, (values) => {
        const once = through(Float32Array.from(values));
        expect(encodeInt8(through(once))).toEqual(encodeInt8(once));
      }),
    );
  });

  it('has room from the smallest float32 to the largest', () => {
    const largest = (2 - 2 ** -23) * 2 ** 127;
    expect(through(Float32Array.of(largest, -largest)).every((value) => Math.abs(value) > 3.4e38)).toBe(true);
    expect(isFinite(through(Float32Array.of(largest)))).toBe(true);
    expect(through(Float32Array.of(2 ** -149, 2 ** -126))).toEqual(Float32Array.of(0, 2 ** -126));
  });
});
