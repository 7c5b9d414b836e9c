import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBfloat16, encodeBfloat16 } from './bf16.ts';

const through = (...values: number[]): number[] => [
  ...decodeBfloat16(encodeBfloat16(Float32Array.from(values)), values.length),
];

describe('bfloat16', () => {
  it('is the upper half of a float32, little endian', () => {
    expect([...encodeBfloat16(Float32Array.of(1, -2, 0.15625))]).toEqual([0x80, 0x3f, 0x00, 0xc0, 0x20, 0x3e]);
  });

  it('gives every one of its 65,536 patterns back, with NaN still NaN', () => {
    const bytes = new Uint8Array(Uint16Array.from({ length: 65_536 }, (_, pattern) => pattern).buffer);
    const again = encodeBfloat16(decodeBfloat16(bytes, 65_536));
    const wrong: number[] = [];
    for (let pattern = 0; pattern < 65_536; pattern++) {
      const back = (again[2 * pattern] as number) | ((again[2 * pattern + 1] as number) << 8);
      const isNaN = (pattern & 0x7fff) > 0x7f80;
      if (isNaN ? (back & 0x7fff) <= 0x7f80 : back !== pattern) wrong.push(pattern);
    }
    expect(wrong).toEqual([]);
  });

  it('errs by at most 2⁻⁸ of a value', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, min: Math.fround(2 ** -120), max: Math.fround(2 ** 127) }), (value) => {
        for (const signed of [value, -value]) {
          expect(Math.abs((through(signed)[0] as number) - signed)).toBeLessThanOrEqual(value * 2 ** -8);
        }
      }),
    );
  });

  it('rounds ties to even', () => {
    expect(through(1 + 2 ** -8, 1 + 3 * 2 ** -8, 1 + 2 ** -8 + 2 ** -20)).toEqual([1, 1 + 2 ** -6, 1 + 2 ** -7]);
  });

  it('has float32’s range, and goes to infinity where rounding leaves it', () => {
    expect(through(3e38, 1e-40, 3.4e38)).toEqual([expect.closeTo(3e38, -36), expect.closeTo(1e-40, 40), Infinity]);
  });
});
