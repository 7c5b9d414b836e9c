/** Which rows a worker trains on: all of its shard once a pass, and the same ones every time the run is repeated. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AssertionError } from './assert.ts';
import { PLAIN_SAMPLING, type Sampling } from './policy/policy.ts';
import { probePositions, trainingOrder, Walk } from './sampling.ts';
import type { Shard, WorkerPlan } from './protocol/messages.ts';

const ROWS = 1000;
const planWith = (draw: Sampling['draw'], trainRows = ROWS) => ({ trainRows, sampling: { ...PLAIN_SAMPLING, draw } });
const sorted = (positions: Iterable<number>): number[] => [...positions].sort((a, b) => a - b);
const range = ({ start, length }: Shard): number[] => Array.from({ length }, (_, index) => start + index);

function walkOver(shard: Shard, seed = 1, worker = 'a'): Walk {
  const walk = new Walk(seed, worker, planWith('shard'));
  walk.assign(shard);
  return walk;
}

const shards = fc
  .tuple(fc.nat({ max: ROWS - 1 }), fc.integer({ min: 1, max: 120 }))
  .map(([start, length]) => ({ start, length: Math.min(length, ROWS - start) }));

describe('a walk through a shard', () => {
  it('takes every row exactly once a pass, however it is cut into iterations (D3)', () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(shards, cuts, (shard, samples) => {
        const walk = walkOver(shard);
        const taken: number[] = [];
        for (let turn = 0; taken.length < 4 * shard.length; turn++)
          taken.push(...walk.next(samples[turn % samples.length]!));
        for (let pass = 0; pass < 4; pass++) {
          const rows = taken.slice(pass * shard.length, (pass + 1) * shard.length);
          expect(sorted(rows)).toEqual(range(shard));
        }
      }),
    );
  });

  it('is in order on the first pass, shuffled and each time otherwise after', () => {
    const walk = walkOver({ start: 100, length: 50 });
    const passes = Array.from({ length: 4 }, () => [...walk.next(50)]);
    expect(passes[0]).toEqual(range({ start: 100, length: 50 }));
    expect(new Set(passes.map(String)).size).toBe(4);
  });

  it('is the same for the same seed and worker, and another for any other', () => {
    const second = (walk: Walk): number[] => [...walk.next(60)].slice(30);
    const shard = { start: 0, length: 30 };
    expect(second(walkOver(shard, 1, 'a'))).toEqual(second(walkOver(shard, 1, 'a')));
    expect(second(walkOver(shard, 1, 'a'))).not.toEqual(second(walkOver(shard, 2, 'a')));
    expect(second(walkOver(shard, 1, 'a'))).not.toEqual(second(walkOver(shard, 1, 'b')));
  });

  it('is not disturbed by orders that change nothing, and begins anew on another shard', () => {
    const walk = walkOver({ start: 0, length: 30 });
    walk.next(10);
    walk.assign({ start: 0, length: 30 });
    expect(walk.next(1)[0]).toBe(10);
    walk.assign({ start: 500, length: 30 });
    expect([...walk.next(3)]).toEqual([500, 501, 502]);
  });

  it('says beforehand what comes next, without taking it', () => {
    fc.assert(
      fc.property(
        shards,
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 12 }),
        (shard, samples) => {
          const [walk, twin] = [walkOver(shard), walkOver(shard)];
          for (const count of samples) {
            const upcoming = walk.upcoming(count);
            expect([...upcoming]).toEqual([...twin.next(count)].slice(0, shard.length));
            walk.next(count);
          }
        },
      ),
    );
  });

  it('cannot start before it has a shard', () => {
    expect(() => new Walk(1, 'a', planWith('shard')).next(1)).toThrow(AssertionError);
  });
});

describe('a walk through the whole set', () => {
  const wholeFrom = (start: number): Walk => {
    const walk = new Walk(1, 'a', planWith('whole', 100));
    walk.assign({ start, length: 10 });
    return walk;
  };

  it('starts at its shard, goes round, and takes every row of the set once a pass (D2)', () => {
    const walk = wholeFrom(90);
    expect([...walk.next(20)]).toEqual([...range({ start: 90, length: 10 }), ...range({ start: 0, length: 10 })]);
    walk.next(80);
    for (let pass = 0; pass < 3; pass++) expect(sorted(walk.next(100))).toEqual(range({ start: 0, length: 100 }));
  });

  it('is not disturbed by any later shard', () => {
    const [walk, twin] = [wholeFrom(40), wholeFrom(40)];
    walk.next(30);
    twin.next(30);
    walk.assign({ start: 0, length: 50 });
    expect([...walk.next(90)]).toEqual([...twin.next(90)]);
  });
});

describe('fresh draws', () => {
  const fresh = (seed: number): Walk => {
    const walk = new Walk(seed, 'a', planWith('fresh', 100));
    walk.assign({ start: 0, length: 1 });
    return walk;
  };

  it('are consecutive positions of the whole set, from another place each time', () => {
    const walk = fresh(1);
    const starts = new Set<number>();
    for (let draw = 0; draw < 50; draw++) {
      const positions = walk.next(30);
      starts.add(positions[0]!);
      for (const [index, position] of positions.entries()) expect(position).toBe((positions[0]! + index) % 100);
    }
    expect(starts.size).toBeGreaterThan(30);
  });

  it('repeat with the seed, and are not known before they are drawn', () => {
    const draws = (walk: Walk): string[] => Array.from({ length: 5 }, () => String(walk.next(10)));
    expect(draws(fresh(1))).toEqual(draws(fresh(1)));
    expect(draws(fresh(1))).not.toEqual(draws(fresh(2)));
    expect(fresh(1).upcoming(10).length).toBe(0);
  });
});

describe('probe rows', () => {
  const plan = (probeSize: number): WorkerPlan =>
    ({ trainRows: 500, probeRows: 80, sampling: { draw: 'shard', probe: 'fixed', probeSize } }) as WorkerPlan;

  it('are held-out rows: never one that anybody trains on', () => {
    fc.assert(
      fc.property(fc.nat(), fc.string(), fc.nat({ max: 200 }), (seed, worker, size) => {
        const positions = probePositions(seed, worker, plan(size));
        expect(positions.length).toBe(Math.min(80, size));
        expect(new Set(positions).size).toBe(positions.length);
        for (const position of positions) expect(position >= 500 && position < 580).toBe(true);
      }),
    );
  });

  it('stay the same for a worker and differ between workers', () => {
    expect([...probePositions(1, 'a', plan(40))]).toEqual([...probePositions(1, 'a', plan(40))]);
    expect([...probePositions(1, 'a', plan(40))]).not.toEqual([...probePositions(1, 'b', plan(40))]);
  });
});

describe('the training order of one iteration', () => {
  const positions = Uint32Array.from(range({ start: 7, length: 40 }));

  it('has every row once in each epoch, each epoch in an order of its own', () => {
    const order = trainingOrder(positions, 4, 1, 'a', 9);
    const epochs = Array.from({ length: 4 }, (_, epoch) => [...order.subarray(epoch * 40, (epoch + 1) * 40)]);
    for (const rows of epochs) expect(sorted(rows)).toEqual([...positions]);
    expect(new Set(epochs.map(String)).size).toBe(4);
  });

  it('is another at every iteration, and leaves what it was made from alone', () => {
    const before = [...positions];
    expect([...trainingOrder(positions, 2, 1, 'a', 1)]).not.toEqual([...trainingOrder(positions, 2, 1, 'a', 2)]);
    expect([...positions]).toEqual(before);
  });

  it('of one epoch is the walk’s own', () => {
    expect([...trainingOrder(positions, 1, 1, 'a', 3)]).toEqual([...positions]);
  });
});
