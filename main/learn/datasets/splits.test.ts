import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Rows, rowRange, takeRows } from './dataset.ts';
import { openDataset } from './registry.ts';
import { splitRows } from './splits.ts';

/** Row k has features k, k and label k. */
const numbered = (count: number): Rows => ({
  features: Uint8Array.from({ length: 2 * count }, (_, index) => index >> 1),
  labels: Uint8Array.from({ length: count }, (_, index) => index),
  count,
});

describe('a split', () => {
  it('puts every row into one part, whole, and cuts the same way for the same seed', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 200 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(),
        (count, share, seed) => {
          const validationRows = 1 + Math.floor(share * (count - 2));
          const { train, validation } = splitRows(numbered(count), { validationRows, seed });
          expect(validation.count).toBe(validationRows);
          expect([...train.labels, ...validation.labels].sort((a, b) => a - b)).toEqual([...Array(count).keys()]);
          for (const part of [train, validation]) {
            expect([...part.features]).toEqual([...part.labels].flatMap((label) => [label, label]));
          }
          expect(splitRows(numbered(count), { validationRows, seed })).toEqual({ train, validation });
        },
      ),
      { numRuns: 50 },
    );
  });

  it('leaves rows to train on', () => {
    for (const validationRows of [0, 10, 11]) {
      expect(() => splitRows(numbered(10), { validationRows, seed: 1 })).toThrow(
        expect.objectContaining({ code: 'CAD-CONFIG' }),
      );
    }
  });
});

describe('rows', () => {
  it('are taken in any order, more than once, as copies', () => {
    const rows = numbered(5);
    const taken = takeRows(rows, [4, 0, 4]);
    expect(taken).toEqual({ features: Uint8Array.of(4, 4, 0, 0, 4, 4), labels: Uint8Array.of(4, 0, 4), count: 3 });
    taken.features.fill(9);
    expect(rows).toEqual(numbered(5));
    expect(() => takeRows(rows, [5])).toThrow(/row 5 of 5/);
  });

  it('are ranged over without copying', () => {
    const rows = numbered(5);
    expect(rowRange(rows, 1, 3)).toEqual({
      features: Uint8Array.of(1, 1, 2, 2),
      labels: Uint8Array.of(1, 2),
      count: 2,
    });
    expect(rowRange(rows, 1, 3).features.buffer).toBe(rows.features.buffer);
  });
});

describe('a data set', () => {
  it('with an unknown name is an error that lists the names there are', async () => {
    for (const name of ['minst', 'constructor']) {
      await expect(openDataset(name, { seed: 1 })).rejects.toMatchObject({
        code: 'CAD-DATASET-UNKNOWN',
        remedy: 'Use one of: digits, mnist, cifar10.',
      });
    }
  });
});
