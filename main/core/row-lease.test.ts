import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ROWS_PER_BLOCK } from './protocol/messages.ts';
import { RowLease } from './row-lease.ts';

describe('the rows a connection may ask for', () => {
  it('are the blocks that any shard it was given reaches into, and no others', () => {
    const shard = fc.record({ start: fc.nat({ max: 6000 }), length: fc.integer({ min: 1, max: 2000 }) });
    fc.assert(
      fc.property(fc.array(shard, { maxLength: 12 }), (shards) => {
        const lease = new RowLease();
        const rows = new Set<number>();
        for (const { start, length } of shards) {
          lease.add({ start, length });
          for (let row = start; row < start + length; row++) rows.add(row);
        }
        for (let block = 0; block < 40; block++) {
          const positions = Array.from({ length: ROWS_PER_BLOCK }, (_, index) => block * ROWS_PER_BLOCK + index);
          expect(lease.reaches(block)).toBe(positions.some((position) => rows.has(position)));
        }
      }),
    );
  });

  it('are none once the connection has ended', () => {
    const lease = new RowLease();
    lease.add({ start: 0, length: 10_000 });
    lease.clear();
    expect(lease.reaches(0)).toBe(false);
  });
});
