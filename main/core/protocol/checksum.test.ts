import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frameChecksum } from './checksum.ts';

const GAP = 8;

function flipped(frame: Uint8Array, bit: number): Uint8Array {
  const changed = frame.slice();
  changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
  return changed;
}

describe('the checksum of a frame', () => {
  it('sees every single flipped bit, but in its own place', () => {
    for (const length of [12, 13, 16, 27, 28, 29, 44, 75]) {
      const frame = Uint8Array.from({ length }, (_, index) => (index * 37) & 0xff);
      const expected = frameChecksum(frame, GAP);
      for (let bit = 0; bit < length * 8; bit++) {
        const isOwn = bit >> 3 >= GAP && bit >> 3 < GAP + 4;
        expect(frameChecksum(flipped(frame, bit), GAP) === expected, `bit ${bit} of ${length} bytes`).toBe(isOwn);
      }
    }
  });

  it('sees any two flipped bits of a hundred bytes, the sign bits of two numbers among them', () => {
    const frame = new Uint8Array(112);
    const expected = frameChecksum(frame, GAP);
    for (let left = 96; left < 112 * 8; left++) {
      for (let right = left + 1; right < 112 * 8; right++) {
        const sum = frameChecksum(flipped(flipped(frame, left), right), GAP);
        if (sum === expected) throw new Error(`bits ${left} and ${right}`);
      }
    }
  });

  it('sees a frame that is cut, lengthened, or whose parts changed places', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 300 }), fc.nat(), (bytes, chance) => {
        const expected = frameChecksum(bytes, GAP);
        const longer = new Uint8Array(bytes.length + 1);
        longer.set(bytes);
        expect(frameChecksum(longer, GAP)).not.toBe(expected);
        expect(frameChecksum(bytes.subarray(0, -1), GAP)).not.toBe(expected);
        const cut = 12 + (chance % (bytes.length - 12));
        const turned = Uint8Array.from([...bytes.subarray(0, 12), ...bytes.subarray(cut), ...bytes.subarray(12, cut)]);
        const isSame = turned.every((byte, index) => byte === bytes[index]);
        expect(frameChecksum(turned, GAP) === expected).toBe(isSame);
      }),
    );
  });

  it('does not depend on where the frame lies in memory', () => {
    const frame = Uint8Array.from({ length: 61 }, (_, index) => index);
    const shifted = new Uint8Array(64);
    shifted.set(frame, 3);
    expect(frameChecksum(shifted.subarray(3), GAP)).toBe(frameChecksum(frame, GAP));
  });
});
