import { describe, expect, it } from 'vitest';
import { ROWS_PER_BLOCK } from '../core/protocol/messages.ts';
import { RowCache } from './row-cache.ts';

/** Two features a row; row p is (p, p + 1) with label p % 7. */
function block(number: number, count: number): Uint8Array {
  const positions = Array.from({ length: count }, (_, index) => number * ROWS_PER_BLOCK + index);
  return Uint8Array.from([
    ...positions.flatMap((position) => [position, position + 1]),
    ...positions.map((p) => p % 7),
  ]);
}

describe('the row cache', () => {
  it('gives rows from any blocks in the order asked, as often as asked', () => {
    const cache = new RowCache(2);
    cache.store(0, ROWS_PER_BLOCK, block(0, ROWS_PER_BLOCK));
    cache.store(3, 5, block(3, 5));
    const wanted = [ROWS_PER_BLOCK * 3 + 4, 2, 2];
    expect(cache.at(Uint32Array.from(wanted))).toEqual({
      features: Uint8Array.from(wanted.flatMap((position) => [position, position + 1])),
      labels: Uint8Array.from(wanted.map((position) => position % 7)),
      count: 3,
    });
  });

  it('does not make up rows that it has not, or has no longer', () => {
    const cache = new RowCache(2);
    cache.store(0, 5, block(0, 5));
    expect(() => cache.at(Uint32Array.of(5))).toThrow('was fetched');
    cache.forget([0]);
    expect(() => cache.at(Uint32Array.of(0))).toThrow('was fetched');
  });
});
