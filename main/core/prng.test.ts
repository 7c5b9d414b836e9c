/** Chance is a function of seed and labels: the same everywhere, and unrelated between purposes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { below, nextUint32, normal, permutation, prng, shuffle, uniform } from './prng.ts';

const draws = (count: number, seed: number, ...labels: (string | number)[]): number[] => {
  const state = prng(seed, ...labels);
  return Array.from({ length: count }, () => nextUint32(state));
};

/** Pearson's statistic of counts that should all be equal. */
function chiSquared(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

describe('a generator', () => {
  it('gives these draws, on every host and for ever', () => {
    expect(draws(3, 1)).toEqual([2308299391, 1950625580, 354034397]);
    expect(draws(3, 1, 'walk', 'a', 2)).toEqual([3023115410, 412861771, 1439281032]);
    expect(draws(3, Number.MAX_SAFE_INTEGER)).toEqual([4087913446, 125566104, 1993914836]);
  });

  it('goes on from its state alone, read back from JSON', () => {
    const state = prng(5, 'policy');
    nextUint32(state);
    const copy = JSON.parse(JSON.stringify(state)) as typeof state;
    expect(Array.from({ length: 20 }, () => nextUint32(copy))).toEqual(
      Array.from({ length: 20 }, () => nextUint32(state)),
    );
  });

  it('uses all 53 bits of a seed', () => {
    expect(draws(4, 1)).not.toEqual(draws(4, 1 + 2 ** 32));
    expect(draws(4, 2 ** 32)).not.toEqual(draws(4, 2 ** 33));
  });
});

describe('labels', () => {
  it('give unrelated streams: no draw of one predicts that of another', () => {
    // Neighbours in every sense in which the core labels its streams.
    const pairs: [(string | number)[], (string | number)[]][] = [
      [
        ['walk', 'a', 1],
        ['walk', 'a', 2],
      ],
      [
        ['walk', 'a', 1],
        ['walk', 'b', 1],
      ],
      [
        ['walk', 'worker-1', 1],
        ['walk', 'worker-2', 1],
      ],
      [
        ['epoch', 'a', 1, 2],
        ['epoch', 'a', 2, 1],
      ],
      [
        ['walk', 'a'],
        ['probe', 'a'],
      ],
      [[], ['']],
    ];
    for (const [left, right] of pairs) {
      const [one, other] = [draws(4000, 1, ...left), draws(4000, 1, ...right)];
      const agreements = one.map((value, index) => 32 - popcount(value ^ (other[index] as number)));
      const mean = agreements.reduce((sum, bits) => sum + bits, 0) / one.length;
      // 16 bits of 32 agree by chance; the mean of 4000 such counts has a deviation of 0.045.
      expect(Math.abs(mean - 16)).toBeLessThan(0.2);
      expect(new Set([...one, ...other]).size).toBeGreaterThan(7990);
    }
  });

  it('are kept apart: "ab" + "c" is not "a" + "bc"', () => {
    expect(draws(4, 1, 'ab', 'c')).not.toEqual(draws(4, 1, 'a', 'bc'));
    expect(draws(4, 1, 'a')).not.toEqual(draws(4, 1, 'a', ''));
  });
});

function popcount(value: number): number {
  let bits = 0;
  for (let rest = value >>> 0; rest !== 0; rest &= rest - 1) bits += 1;
  return bits;
}

describe('below', () => {
  it('stays below its bound, the largest included', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 2 ** 32 }), (seed, bound) => {
        const state = prng(seed);
        for (let draw = 0; draw < 20; draw++) {
          const value = below(state, bound);
          expect(Number.isInteger(value) && value >= 0 && value < bound).toBe(true);
        }
      }),
    );
  });

  it('is unbiased, also where 2^32 is no multiple of the bound', () => {
    // With bound 3 · 2^30, taking the remainder would draw the first third twice as often.
    const state = prng(1);
    const thirds = [0, 0, 0];
    for (let draw = 0; draw < 30_000; draw++) thirds[Math.floor(below(state, 3 * 2 ** 30) / 2 ** 30)]! += 1;
    expect(chiSquared(thirds)).toBeLessThan(13.8); // p = 0.001 at 2 degrees of freedom
    const sevenths = Array.from({ length: 7 }, () => 0);
    for (let draw = 0; draw < 30_000; draw++) sevenths[below(state, 7)]! += 1;
    expect(chiSquared(sevenths)).toBeLessThan(22.5); // p = 0.001 at 6
  });
});

describe('uniform and normal', () => {
  it('uniform fills [0, 1) evenly', () => {
    const state = prng(2);
    const bins = Array.from({ length: 20 }, () => 0);
    for (let draw = 0; draw < 40_000; draw++) bins[Math.floor(uniform(state) * 20)]! += 1;
    expect(chiSquared(bins)).toBeLessThan(43.8); // p = 0.001 at 19
  });

  it('normal has mean 0, deviation 1, and the tails of a bell', () => {
    const state = prng(3);
    const values = Array.from({ length: 40_000 }, () => normal(state));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.02);
    expect(Math.abs(variance - 1)).toBeLessThan(0.03);
    expect(values.filter((value) => Math.abs(value) > 1.96).length / values.length).toBeCloseTo(0.05, 2);
    expect(values.every(Number.isFinite)).toBe(true);
  });
});

describe('permutation', () => {
  it('holds every index once', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat({ max: 300 }), (seed, length) => {
        expect([...permutation(prng(seed), length)].sort((a, b) => a - b)).toEqual([...Array(length).keys()]);
      }),
    );
  });

  it('gives all orders equally often', () => {
    const state = prng(4);
    const seen = new Map<string, number>();
    for (let draw = 0; draw < 12_000; draw++) {
      const order = permutation(state, 4).join('');
      seen.set(order, (seen.get(order) ?? 0) + 1);
    }
    expect(seen.size).toBe(24);
    expect(chiSquared([...seen.values()])).toBeLessThan(49.7); // p = 0.001 at 23
  });

  it('shuffle keeps what it shuffles', () => {
    const items = Float64Array.from([5, 5, 7, -1]);
    expect([...shuffle(prng(6), items)].sort((a, b) => a - b)).toEqual([-1, 5, 5, 7]);
  });
});
