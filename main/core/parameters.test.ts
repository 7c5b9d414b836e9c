import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AssertionError } from './assert.ts';
import { checksum, isFinite, layoutOf, tensorView } from './parameters.ts';

describe('a layout', () => {
  it('puts tensors one behind the other without gaps, whatever their shapes', () => {
    const shapes = fc.array(fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 4 }), { maxLength: 8 });
    fc.assert(
      fc.property(shapes, (all) => {
        const layout = layoutOf(all.map((shape, index) => ({ name: `tensor ${index}`, shape })));
        let offset = 0;
        for (const slot of layout.tensors) {
          expect(slot.offset).toBe(offset);
          expect(slot.size).toBe(slot.shape.reduce((product, extent) => product * extent, 1));
          offset += slot.size;
        }
        expect(layout.size).toBe(offset);
      }),
    );
  });

  it('refuses a name used twice and an extent that is no whole number above 0', () => {
    expect(() =>
      layoutOf([
        { name: 'w', shape: [1] },
        { name: 'w', shape: [1] },
      ]),
    ).toThrow(AssertionError);
    for (const extent of [0, -1, 1.5, NaN, Infinity]) {
      expect(() => layoutOf([{ name: 'w', shape: [extent] }]), `${extent}`).toThrow(AssertionError);
    }
  });

  it('views share memory with the flat vector', () => {
    const flat = new Float32Array(6);
    const [, second] = layoutOf([
      { name: 'a', shape: [2] },
      { name: 'b', shape: [2, 2] },
    ]).tensors;
    tensorView(flat, second!).fill(1);
    expect([...flat]).toEqual([0, 0, 1, 1, 1, 1]);
  });
});

describe('isFinite', () => {
  it('finds one bad value anywhere, and passes the largest and smallest there are', () => {
    const finite = fc.float({ noNaN: true, noDefaultInfinity: true });
    const bad = fc.constantFrom(NaN, Infinity, -Infinity);
    fc.assert(
      fc.property(
        fc.float32Array({ minLength: 1, maxLength: 50, noNaN: true, noDefaultInfinity: true }),
        fc.nat(),
        bad,
        finite,
        (vector, place, value, other) => {
          const copy = Float32Array.from(vector);
          copy[0] = other;
          expect(isFinite(copy)).toBe(true);
          copy[place % copy.length] = value;
          expect(isFinite(copy)).toBe(false);
        },
      ),
    );
    const huge = new Float32Array(100_000).fill(3.4028234663852886e38);
    expect(isFinite(huge)).toBe(true);
    huge.set([Infinity, -Infinity]);
    expect(isFinite(huge)).toBe(false);
  });
});

describe('checksum', () => {
  it('tells vectors apart by a single bit, and knows −0 from 0', () => {
    const vector = Float32Array.from([1, 2, 3]);
    const bits = new Uint32Array(vector.buffer);
    const before = checksum(vector);
    for (let bit = 0; bit < 96; bit++) {
      bits[bit >>> 5]! ^= 1 << (bit & 31);
      expect(checksum(vector)).not.toBe(before);
      bits[bit >>> 5]! ^= 1 << (bit & 31);
    }
    expect(checksum(Float32Array.of(-0))).not.toBe(checksum(Float32Array.of(0)));
  });

  it('is FNV-1a', () => {
    expect(checksum(new Float32Array(0))).toBe('811c9dc5');
    // The four bytes "abcd" as one float.
    const abcd = new Float32Array(Uint8Array.from([97, 98, 99, 100]).buffer);
    expect(checksum(abcd)).toBe('ce3479bd');
  });
});
