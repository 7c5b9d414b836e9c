import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { noTraffic } from '../accounting.ts';
import type { RunRecord } from '../metrics.ts';
import { RunTotals } from '../totals.ts';
import { BASE_WIDTH_US } from './buckets.ts';
import { Coalescer, pictureOf } from './coalescer.ts';
import { MAX_DRAWN_WORKERS, MAX_EVENTS, MAX_RUN_POINTS, type Picture, type Tick } from './picture.ts';
import { PictureFold } from './picture-fold.ts';
import { MAX_TICK_BYTES, splitTick } from './split-tick.ts';
import { kept } from './thinned.ts';

const profile = { engine: 'wasm', cores: 1, architecture: 'x64', platform: 'linux', memoryBytes: 1 };
const assignment = { samples: 32, batch: 16, epochs: 1 };

function iteration(
  worker: string,
  atMs: number,
  change: Partial<{
    samples: number;
    loss: number;
    waitMs: number;
    computeMs: number;
    z: number;
    pushed: boolean;
    clock: number;
  }> = {},
): RunRecord {
  const { samples = 16, loss = 1.25, waitMs = 3.7, computeMs = 11.123, z, pushed = false, clock = 1 } = change;
  return {
    type: 'iteration',
    atMs,
    worker,
    pushed,
    iteration: {
      clock,
      steps: 1,
      samples,
      batch: 16,
      loss,
      computeMs,
      waitMs,
      ...(z !== undefined && { notes: { z, threshold: -0.9 } }),
    },
  };
}

/** Records of any kinds in a random order of growing times, workers known before they work. */
function recordsOf(maxWorkers: number, maxRecords: number): fc.Arbitrary<RunRecord[]> {
  const step = fc.record({
    worker: fc.nat(maxWorkers - 1),
    kind: fc.constantFrom(
      'iteration',
      'iteration',
      'push',
      'allocation',
      'evaluation',
      'traffic',
      'lost',
      'decision',
      'release',
    ),
    afterMs: fc.oneof(fc.nat(40), fc.nat(4000), fc.double({ min: 0, max: 500, noNaN: true })),
    figure: fc.double({ min: 0, max: 900, noNaN: true }),
    whole: fc.nat(5000),
    flag: fc.boolean(),
  });
  return fc.array(step, { maxLength: maxRecords }).map((steps) => {
    const seen = new Set<string>();
    let atMs = 0;
    return steps.flatMap(({ worker: index, kind, afterMs, figure, whole, flag }): RunRecord[] => {
      atMs += afterMs;
      const worker = `w${index}`;
      const before: RunRecord[] = seen.has(worker) ? [] : [{ type: 'worker', atMs, worker, incarnation: 1, profile }];
      seen.add(worker);
      return [...before, recordOf(kind, { atMs, worker, figure, whole, flag })];
    });
  });
}

function recordOf(
  kind: string,
  { atMs, worker, figure, whole, flag }: { atMs: number; worker: string; figure: number; whole: number; flag: boolean },
): RunRecord {
  switch (kind) {
    case 'push':
      return {
        type: 'push',
        atMs,
        worker,
        sequence: 1,
        baseVersion: 0,
        version: whole,
        staleness: whole % 7,
        weight: 1,
        outcome: flag ? 'applied' : 'dropped',
        bytes: 10,
      };
    case 'allocation':
      return {
        type: 'allocation',
        atMs,
        worker,
        assignment: { ...assignment, samples: whole },
        reason: `because ${whole}`,
      };
    case 'evaluation':
      return {
        type: 'evaluation',
        atMs,
        version: whole,
        split: 'validation',
        loss: flag ? figure : NaN,
        accuracy: 0.5,
        rows: 10,
        iterations: whole,
        samples: whole,
        bytes: whole,
      };
    case 'traffic':
      return {
        type: 'traffic',
        atMs,
        traffic: { ...noTraffic(), model: whole },
        iterations: whole,
        counterfactual: whole,
      };
    case 'lost':
      return {
        type: 'incident',
        atMs,
        level: 'warning',
        what: flag ? 'lost' : 'rejected',
        worker,
        text: 'x'.repeat(whole),
      };
    case 'decision':
      return {
        type: 'decision',
        atMs,
        event: {
          type: 'pushed',
          nowMs: atMs,
          worker,
          push: 1,
          staleness: 0,
          waits: true,
          iteration: { clock: 1, steps: 1, samples: 1, batch: 1, loss: 1, computeMs: 1, waitMs: 1 },
        },
        commands: [],
      };
    case 'release':
      return {
        type: 'decision',
        atMs,
        event: { type: 'woke', nowMs: atMs },
        commands: [{ type: 'release', worker, model: true }],
      };
    default:
      return iteration(worker, atMs, {
        samples: whole,
        loss: flag ? figure / 100 : Infinity,
        computeMs: figure,
        waitMs: figure / 3,
        pushed: flag,
        clock: whole,
        ...(flag && { z: -figure / 100 }),
      });
  }
}

/** What a client that gets every tick as JSON, in parts, ends up with. */
function throughTicks(records: readonly RunRecord[], cuts: readonly number[], limit = MAX_TICK_BYTES): Picture {
  const coalescer = new Coalescer();
  const client = new PictureFold();
  const send = (): void => {
    const tick = coalescer.take();
    if (tick === undefined) return;
    for (const { json } of splitTick(tick, limit)) client.merge(JSON.parse(json) as Tick);
  };
  records.forEach((record, index) => {
    coalescer.add(record);
    if (cuts.includes(index)) send();
  });
  send();
  expect(client.picture).toEqual(coalescer.picture);
  return client.picture;
}

describe('a picture', () => {
  test('is the same whether records are folded or ticks of them are merged, wherever the ticks were cut', () => {
    const cuts = fc.array(fc.nat(160), { maxLength: 30 });
    fc.assert(
      fc.property(recordsOf(5, 160), cuts, fc.boolean(), (records, where, tiny) => {
        expect(throughTicks(records, where, tiny ? 3000 : MAX_TICK_BYTES)).toEqual(pictureOf(records));
      }),
      { numRuns: 150 },
    );
  });

  test('can be opened in the middle and go on by ticks', () => {
    fc.assert(
      fc.property(recordsOf(3, 80), fc.nat(80), (records, middle) => {
        const coalescer = new Coalescer();
        for (const record of records.slice(0, middle)) coalescer.add(record);
        coalescer.take();
        const client = new PictureFold({ picture: JSON.parse(JSON.stringify(coalescer.picture)) as Picture });
        for (const record of records.slice(middle)) coalescer.add(record);
        const tick = coalescer.take();
        if (tick !== undefined) client.merge(JSON.parse(JSON.stringify(tick)) as Tick);
        expect(client.picture).toEqual(coalescer.picture);
      }),
    );
  });

  test('counts what the totals of the run count, in sums and in the buckets of time', () => {
    fc.assert(
      fc.property(recordsOf(4, 120), (records) => {
        const totals = new RunTotals({
          run: 'r',
          policy: 'p',
          model: 'm',
          dataset: 'd',
          seed: 1,
          virtual: false,
          parameters: 10,
          targetAccuracy: undefined,
        });
        for (const record of records) totals.add(record);
        const { sums, workers, time, versions } = pictureOf(records);
        const { samples, iterations, pushes } = totals;
        expect(sums).toMatchObject({ samples, iterations, pushes });
        expect(versions).toBe(totals.versions);
        for (const key of ['samples', 'iterations', 'pushes'] as const) {
          expect(sum(time.columns[key])).toBe(sums[key]);
          expect(sum(workers.map((worker) => worker.sums[key]))).toBe(sums[key]);
          for (const worker of workers) expect(sum(worker.time.columns[key])).toBe(worker.sums[key]);
        }
        for (const worker of workers) {
          expect(sum(worker.time.columns.applied)).toBe(worker.sums.applied);
          // Time before the start of training has no bucket.
          expect(sum(worker.time.columns.computeUs)).toBeLessThanOrEqual(worker.sums.computeUs);
        }
      }),
    );
  });

  test('stays within its bounds in a long run of many workers, and its ticks within theirs', () => {
    const coalescer = new Coalescer();
    const workers = Array.from({ length: MAX_DRAWN_WORKERS + 40 }, (_, index) => `w${index}`);
    for (const worker of workers) coalescer.add({ type: 'worker', atMs: 0, worker, incarnation: 1, profile });
    for (let round = 0; round < 120; round++) {
      for (const [index, worker] of workers.entries()) {
        const atMs = round * 100_000 + index;
        coalescer.add(iteration(worker, atMs, { z: -1, pushed: index % 2 === 0 }));
        coalescer.add({ type: 'allocation', atMs, worker, assignment, reason: 'r'.repeat(500) });
      }
      for (let index = 0; index < 10; index++) {
        const atMs = round * 100_000 + 1000 + index;
        coalescer.add({
          type: 'evaluation',
          atMs,
          version: 1,
          split: 'validation',
          loss: 1,
          accuracy: 0.1,
          rows: 1,
          iterations: 1,
          samples: 1,
          bytes: 1,
        });
        coalescer.add({ type: 'incident', atMs, level: 'info', what: 'checkpoint', text: 'é'.repeat(2000) });
      }
    }
    const { picture } = coalescer;
    expect(picture.workers).toHaveLength(MAX_DRAWN_WORKERS);
    expect(picture.undrawnWorkers).toBe(40);
    expect(picture.sums.samples).toBe(120 * workers.length * 16);
    expect(picture.time.columns.samples.length).toBeLessThanOrEqual(MAX_RUN_POINTS);
    expect(picture.events.items).toHaveLength(MAX_EVENTS);
    expect(kept(picture.evaluations).length).toBeLessThanOrEqual(MAX_RUN_POINTS + 1);
    expect(JSON.stringify(picture).length).toBeLessThan(8_000_000);
    const tick = coalescer.take() as Tick;
    const parts = splitTick(tick);
    expect(parts.length).toBeGreaterThan(1);
    for (const { json } of parts) expect(Buffer.byteLength(json)).toBeLessThanOrEqual(MAX_TICK_BYTES);
    const client = new PictureFold();
    for (const { json } of parts) client.merge(JSON.parse(json) as Tick);
    expect(client.picture).toEqual(picture);
  });

  test('tells waiting for others from messages on their way', () => {
    const pushed = {
      type: 'pushed',
      nowMs: 0,
      worker: 'a',
      push: 1,
      staleness: 0,
      waits: true,
      iteration: { clock: 1, steps: 1, samples: 1, batch: 1, loss: 1, computeMs: 1, waitMs: 1 },
    } as const;
    const { workers } = pictureOf([
      { type: 'worker', atMs: 0, worker: 'a', incarnation: 1, profile },
      { type: 'decision', atMs: 100, event: pushed, commands: [] },
      {
        type: 'decision',
        atMs: 160,
        event: { type: 'woke', nowMs: 160 },
        commands: [{ type: 'release', worker: 'a', model: true }],
      },
      iteration('a', 260, { waitMs: 80, computeMs: 50 }),
    ]);
    const [worker] = workers;
    expect(worker?.sums).toMatchObject({ computeUs: 50_000, heldUs: 60_000, transferUs: 20_000 });
    expect(worker?.now.state).toBe('training');
    // 260 − 50 computing, before that 20 on the way, before that 60 held: in buckets of 50 ms.
    expect(worker?.time).toMatchObject({ widthUs: BASE_WIDTH_US, first: 2 });
    expect(worker?.time.columns.heldUs).toEqual([20_000, 40_000, 0, 0]);
    expect(worker?.time.columns.transferUs).toEqual([0, 10_000, 10_000, 0]);
  });
});

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
