/** Halves against the language's own: Float16Array and Math.f16round are in Node 24. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFloat16, encodeFloat16, fromHalfBits, toHalfBits } from './f16.ts';

declare const Float16Array: new (
  values: ArrayBuffer | ArrayLike<number>,
) => ArrayLike<number> & { buffer: ArrayBuffer };
const f16round = (Math as unknown as { f16round(value: number): number }).f16round;

describe('binary16', () => {
  it('reads all 65,536 halves as the language does', () => {
    const halves = Uint16Array.from({ length: 65_536 }, (_, half) => half);
    const native = new Float16Array(halves.buffer);
    const decoded = decodeFloat16(new Uint8Array(halves.buffer), 65_536);
    const wrong = [...halves].filter(
      (half) => !Object.is(fromHalfBits(half), native[half]) || !Object.is(decoded[half], native[half]),
    );
    expect(wrong).toEqual([]);
  });

  it('gives every half back: 65,536 round trips, with every NaN one NaN', () => {
    const wrong: number[] = [];
    for (let half = 0; half < 65_536; half++) {
      const isNaN = (half & 0x7fff) > 0x7c00;
      const back = toHalfBits(fromHalfBits(half));
      if (isNaN ? (back & 0x7fff) !== 0x7e00 : back !== half) wrong.push(half);
    }
    expect(wrong).toEqual([]);
  });

  it('rounds to nearest, ties to even: as Math.f16round of every float32', () => {
    const bits = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    const cells = new Uint32Array(1);
    const value = new Float32Array(cells.buffer);
    fc.assert(
      fc.property(bits, (pattern) => {
        cells[0] = pattern;
        const float = value[0] as number;
        expect(Object.is(fromHalfBits(toHalfBits(float)), f16round(float))).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  it('rounds right beside and between all neighbouring halves', () => {
    for (let half = 0; half < 0x7c00; half++) {
      const low = fromHalfBits(half);
      const high = half === 0x7bff ? 65_536 : fromHalfBits(half + 1);
      const middle = (low + high) / 2; // exact in float32: halves have 11 bits, it has 24
      const inward = Math.fround(middle * (1 - 2 ** -23));
      const outward = Math.fround(middle * (1 + 2 ** -23));
      for (const value of [low, middle, inward, outward]) {
        if (f16round(value) !== fromHalfBits(toHalfBits(value))) expect.fail(`${value} near half ${half}`);
        if (f16round(-value) !== fromHalfBits(toHalfBits(-value))) expect.fail(`${-value} near half ${half}`);
      }
    }
  });

  it('goes to infinity beyond 65,504, from 65,520 on', () => {
    expect(fromHalfBits(toHalfBits(65_519.996))).toBe(65_504);
    expect(fromHalfBits(toHalfBits(65_520))).toBe(Infinity);
    expect(fromHalfBits(toHalfBits(-1e30))).toBe(-Infinity);
  });

  it('is little endian', () => {
    expect([...encodeFloat16(Float32Array.of(1, -2))]).toEqual([0x00, 0x3c, 0x00, 0xc0]);
  });
});
