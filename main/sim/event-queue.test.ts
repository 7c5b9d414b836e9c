import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventQueue } from './event-queue.ts';
import { Timeline } from './timeline.ts';

function drain<T>(queue: EventQueue<T>): T[] {
  const items: T[] = [];
  for (let next = queue.next(); next !== undefined; next = queue.next()) items.push(next.item);
  return items;
}

describe('event queue', () => {
  it('gives what comes first, and of two at one time the one scheduled first', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 200 }), (times) => {
        const queue = new EventQueue<number>();
        for (const [index, time] of times.entries()) queue.schedule(time, index);
        const expected = times
          .map((time, index) => ({ time, index }))
          .sort((a, b) => a.time - b.time || a.index - b.index);
        expect(drain(queue)).toEqual(expected.map(({ index }) => index));
      }),
    );
  });

  it('keeps its order while things are cancelled and added in between', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.boolean()), { maxLength: 300 }), (entries) => {
        const queue = new EventQueue<number>();
        const scheduled = entries.map(([time], index) => queue.schedule(time, index));
        for (const [index, [, isCancelled]] of entries.entries()) {
          const entry = scheduled[index];
          if (isCancelled && entry) queue.cancel(entry);
        }
        const kept = entries.flatMap(([time, isCancelled], index) => (isCancelled ? [] : [{ time, index }]));
        expect(queue.size).toBe(kept.length);
        expect(drain(queue)).toEqual(
          kept.sort((a, b) => a.time - b.time || a.index - b.index).map(({ index }) => index),
        );
      }),
    );
  });

  it('does not keep cancelled things for ever', () => {
    const queue = new EventQueue<number>();
    const last = queue.schedule(1e9, -1);
    for (let index = 0; index < 100_000; index++) queue.cancel(queue.schedule(1e6 + index, index));
    expect(queue.size).toBe(1);
    expect(queue.next()).toEqual({ atMs: 1e9, item: -1 });
    queue.cancel(last); // what has happened cannot be cancelled
    expect(queue.size).toBe(0);
  });
});

describe('virtual time', () => {
  it('jumps from one thing to the next, never backwards', () => {
    const timeline = new Timeline();
    const seen: number[] = [];
    timeline.at(5, () => seen.push(timeline.nowMs));
    timeline.at(2, () => {
      seen.push(timeline.nowMs);
      timeline.at(1, () => seen.push(timeline.nowMs)); // too late: at once
      timeline.after(1, () => seen.push(timeline.nowMs));
    });
    while (timeline.advance());
    expect(seen).toEqual([2, 2, 3, 5]);
  });

  it('lies on a grid that is never earlier than asked for', () => {
    const timeline = new Timeline();
    timeline.at(0.1, () => undefined);
    timeline.advance();
    expect(timeline.nowMs).toBeGreaterThanOrEqual(0.1);
    expect((timeline.nowMs * 1024) % 1).toBe(0);
    expect(timeline.nowMs).toBeLessThan(0.1 + 1 / 1024);
  });
});
