/** What a worker asks for: every block once, few at a time, the next iteration's before any other's. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ROWS_PER_BLOCK } from './protocol/messages.ts';
import { RowFeed } from './row-feed.ts';

const rowsOf = (...blocks: number[]): Uint32Array => Uint32Array.from(blocks, (block) => block * ROWS_PER_BLOCK + 3);
const NONE = new Uint32Array(0);

describe('a feed', () => {
  it('is complete exactly when all that was needed has arrived, and has asked for each block once', () => {
    const blocks = fc.uniqueArray(fc.nat({ max: 40 }), { maxLength: 12 });
    fc.assert(
      fc.property(blocks, blocks, fc.nat(), (needed, upcoming, order) => {
        const feed = new RowFeed();
        feed.need(rowsOf(...needed), rowsOf(...upcoming));
        const asked = new Set<number>();
        const onTheWay: number[] = [];
        const missing = new Set(needed);
        for (let turn = 0; ; turn++) {
          for (const block of feed.requests()) {
            expect(asked.has(block)).toBe(false);
            asked.add(block);
            onTheWay.push(block);
          }
          expect(onTheWay.length).toBeLessThanOrEqual(2);
          expect(feed.complete).toBe(missing.size === 0);
          if (onTheWay.length === 0) break;
          const [block] = onTheWay.splice((order + turn) % onTheWay.length, 1) as [number];
          expect(feed.arrived(block)).toBe(true);
          missing.delete(block);
        }
        expect([...asked].sort()).toEqual([...new Set([...needed, ...upcoming])].sort());
      }),
    );
  });

  it('asks for what is needed now before what is needed later', () => {
    const feed = new RowFeed();
    feed.need(rowsOf(5, 3), rowsOf(1, 5, 7));
    expect(feed.requests()).toEqual([5, 3]);
    expect(feed.requests()).toEqual([]);
    feed.arrived(5);
    expect(feed.requests()).toEqual([1]);
    feed.arrived(3);
    expect(feed.complete).toBe(true);
    expect(feed.requests()).toEqual([7]);
  });

  it('waits for a block that it asked for ahead of need', () => {
    const feed = new RowFeed();
    feed.need(NONE, rowsOf(4));
    expect(feed.requests()).toEqual([4]);
    feed.need(rowsOf(4), NONE);
    expect([feed.complete, feed.requests()]).toEqual([false, []]);
    feed.arrived(4);
    expect(feed.complete).toBe(true);
  });

  it('asks once for many rows of one block, at both of its ends', () => {
    const feed = new RowFeed();
    feed.need(Uint32Array.of(0, 1, ROWS_PER_BLOCK - 1), NONE);
    expect(feed.requests()).toEqual([0]);
    feed.need(Uint32Array.of(ROWS_PER_BLOCK), NONE);
    expect(feed.requests()).toEqual([1]);
  });

  it('knows rows that nobody asked for, and rows that came twice', () => {
    const feed = new RowFeed();
    feed.need(rowsOf(2), NONE);
    expect(feed.arrived(2)).toBe(false);
    feed.requests();
    expect([feed.arrived(2), feed.arrived(2)]).toEqual([true, false]);
  });

  it('asks again for what was on its way when the connection broke, and keeps what it has', () => {
    const feed = new RowFeed();
    feed.need(rowsOf(1, 2, 3), NONE);
    feed.requests();
    feed.arrived(1);
    feed.disconnected();
    expect(feed.arrived(2)).toBe(false);
    expect(feed.requests()).toEqual([2, 3]);
  });

  it('asks again for what it has dropped, but for what it was to keep', () => {
    const feed = new RowFeed();
    feed.need(rowsOf(1, 2, 3), NONE);
    for (let turn = 0; turn < 2; turn++) for (const block of feed.requests()) feed.arrived(block);
    expect(feed.forgetAllBut(rowsOf(2)).sort()).toEqual([1, 3]);
    feed.need(rowsOf(1, 2), NONE);
    expect(feed.requests()).toEqual([1]);
  });
});
