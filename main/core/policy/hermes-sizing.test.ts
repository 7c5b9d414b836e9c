/** Hermes' sizes: who is an outlier, and what it gets. */
import { describe, expect, it } from 'vitest';
import { iterationTime } from '../allocation/dual-binary-search.ts';
import {
  addWorker,
  HERMES_SIZING_OPTIONS,
  removeWorker,
  resize,
  type SizingState,
  startSizing,
} from './hermes-sizing.ts';
import { type OptionValues, resolveOptions } from './options.ts';
import type { Assignment, PolicyCommand } from './policy.ts';

const RELEASED: OptionValues = { median: 'frozen', outliers: 'inclusive', search: 'released' };
/** Iterations of 320 rows in batches of 16, one pass: 20 steps. */
const OPTIONS: OptionValues = { samples: 320, 'min-samples': 16, epochs: 1 };

class Sizing {
  readonly state: SizingState;

  constructor(options: OptionValues = {}, workers: readonly string[] = ['a', 'b', 'c', 'd', 'e'], memoryBytes = 1e9) {
    const resolved = resolveOptions('hermes', HERMES_SIZING_OPTIONS, { ...OPTIONS, ...options });
    this.state = startSizing(resolved, { batch: 16, trainRows: 10_000, rowBytes: 100 });
    for (const worker of workers) addWorker(this.state, worker, memoryBytes);
  }

  /** One iteration of the worker's present sizes, at `stepMs` a step. */
  time(worker: string, stepMs: number, changes: { batch?: number; steps?: number } = {}): Assignment | undefined {
    const { samples, batch, epochs } = this.of(worker);
    const steps = changes.steps ?? (samples * epochs) / batch;
    const [command] = resize(this.state, worker, {
      clock: 1,
      steps,
      samples: samples * epochs,
      batch: changes.batch ?? batch,
      loss: 1,
      computeMs: steps * stepMs,
      waitMs: 0,
    }) as (PolicyCommand & { type: 'assign' })[];
    return command?.assignment;
  }

  of(worker: string): Assignment {
    return this.state.workers[worker]!.assignment;
  }

  /** What each worker is given when all have been timed once, in order. */
  round(stepMs: Record<string, number>): Record<string, Assignment> {
    const given: Record<string, Assignment> = {};
    for (const [worker, time] of Object.entries(stepMs)) {
      const assignment = this.time(worker, time);
      if (assignment) given[worker] = assignment;
    }
    return given;
  }
}

describe('who gets other sizes', () => {
  it('nobody, while some active worker has not been timed', () => {
    expect(new Sizing().round({ a: 10, b: 10, c: 10, d: 1000 })).toEqual({});
  });

  it('nobody, when all take the same time, however often', () => {
    const sizing = new Sizing();
    for (let turn = 0; turn < 5; turn++) expect(sizing.round({ a: 10, b: 10, c: 10, d: 10, e: 10 })).toEqual({});
  });

  it('one slow worker gets fewer rows, and its predicted time meets the median', () => {
    const sizing = new Sizing();
    const given = sizing.round({ a: 10, b: 10, c: 11, d: 9, e: 80 });
    expect(Object.keys(given)).toEqual(['e']);
    expect(given['e']!.samples).toBeLessThan(320);
    // The median of 180, 200, 200, 220 and 1600 ms; no further off than one row in 80 ms steps of 16 rows.
    expect(Math.abs(iterationTime(80, given['e']!) - 200)).toBeLessThanOrEqual(80 / given['e']!.batch);
  });

  it('one fast worker gets more rows', () => {
    const sizing = new Sizing();
    sizing.round({ a: 10, b: 10, c: 11, d: 9, e: 10 });
    const given = sizing.time('e', 1);
    expect(given).toMatchObject({ samples: 3200, batch: 16 });
  });

  it('with its new sizes it is no outlier any more', () => {
    const sizing = new Sizing();
    sizing.round({ a: 10, b: 10, c: 11, d: 9, e: 80 });
    for (let turn = 0; turn < 3; turn++) expect(sizing.round({ a: 10, b: 10, c: 11, d: 9, e: 80 })).toEqual({});
  });

  it('nobody, who is within a tenth of the median, however close the others are together', () => {
    expect(new Sizing().round({ a: 10, b: 10, c: 10, d: 10, e: 10.9 })).toEqual({});
    expect(new Sizing().round({ a: 10, b: 10, c: 10, d: 10, e: 11.2 })).toHaveProperty('e');
  });

  it('nobody, on the fence: 1.5 interquartile ranges beyond the quartiles of the others', () => {
    // The others take 8, 10, 10 and 12 a step: quartiles 9.5 and 10.5, fences at 8 and 12.
    const times = { a: 8, b: 10, c: 10, d: 12 };
    expect(new Sizing().round({ ...times, e: 12 })).toEqual({});
    expect(new Sizing().round({ ...times, e: 12.1 })).toHaveProperty('e');
    expect(new Sizing().round({ ...times, e: 8 })).toEqual({});
    expect(new Sizing().round({ ...times, e: 7.9 })).toHaveProperty('e');
  });

  it('a worker alone is compared with nobody', () => {
    expect(new Sizing({}, ['a']).round({ a: 1000 })).toEqual({});
  });

  it('a lost worker’s time no longer counts, and one that is back is timed anew', () => {
    const sizing = new Sizing();
    sizing.round({ a: 10, b: 10, c: 10, d: 80 });
    removeWorker(sizing.state, 'e');
    expect(sizing.time('d', 80)).toBeDefined();
    addWorker(sizing.state, 'e', 1e9);
    expect(sizing.time('a', 500)).toBeUndefined();
    expect(sizing.time('e', 10)).toBeUndefined();
    expect(sizing.time('a', 500)).toBeDefined();
  });
});

describe('an iteration says nothing about sizes', () => {
  it('that it was begun before: its batch is not the one given', () => {
    const sizing = new Sizing({}, ['a', 'b', 'c', 'd', 'e'], 50_000); // 125 rows at most
    const given = sizing.round({ a: 10, b: 10, c: 11, d: 9, e: 0.5 })['e']!;
    expect(given.batch).toBeLessThan(16);
    const before = structuredClone(sizing.state);
    expect(sizing.time('e', 500, { batch: 16 })).toBeUndefined();
    expect(sizing.state).toEqual(before);
  });

  it('when it took no step', () => {
    const sizing = new Sizing();
    sizing.round({ a: 10, b: 10, c: 10, d: 10, e: 10 });
    const before = structuredClone(sizing.state);
    expect(sizing.time('e', 500, { steps: 0 })).toBeUndefined();
    expect(sizing.state).toEqual(before);
  });
});

describe('the target', () => {
  /** How long e's iterations are meant to take once all have slowly come to take twice as long, and e suddenly more. */
  const afterDrift = (options: OptionValues): number => {
    const sizing = new Sizing(options);
    for (let slower = 0; slower <= 10; slower += 0.25) {
      const times = { a: 8 + slower, b: 8 + slower, c: 12 + slower, d: 12 + slower, e: 10 + slower };
      expect(sizing.round(times)).toEqual({});
    }
    return iterationTime(80, sizing.time('e', 80)!);
  };

  it('is the median of now: 20 steps of 22 ms', () => {
    expect(Math.abs(afterDrift({}) - 440)).toBeLessThan(20);
  });

  it('as released is the median of the first complete round, for ever: 20 steps of 10 ms (B1.6)', () => {
    expect(Math.abs(afterDrift({ median: 'frozen' }) - 200)).toBeLessThan(20);
  });

  it('does not follow when all become slower at a stroke: one by one they stand out against the others', () => {
    // A limit of the rule: whoever is timed first is cut back to the old median, and so holds it in place.
    const sizing = new Sizing();
    sizing.round({ a: 10, b: 10, c: 11, d: 9, e: 10 });
    const given = sizing.round({ a: 40, b: 40, c: 44, d: 36, e: 40 });
    expect(Object.keys(given)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(sizing.state.targetMs).toBeLessThan(250);
  });
});

describe('as released', () => {
  it('times on the fence are outliers: identical workers all are (B1.6)', () => {
    // Each is asked to meet the median that it meets already; only the dual search then finds the same sizes.
    const sizing = new Sizing({ outliers: 'inclusive' });
    expect(sizing.round({ a: 100, b: 100, c: 100, d: 100, e: 100 })).toEqual({});
    const released = new Sizing(RELEASED);
    expect(Object.keys(released.round({ a: 100, b: 100, c: 100, d: 100, e: 100 }))).toEqual(['e']);
  });

  it('the search changes nothing where it would answer no rows at all, or nothing', () => {
    const short = new Sizing(RELEASED);
    expect(short.round({ a: 10, b: 10, c: 10, d: 10, e: 80 })).toEqual({}); // a target of 200 ms: 0 rows
    const far = new Sizing(RELEASED, ['a', 'b', 'c', 'd', 'e'], 50_000); // 125 rows at most
    expect(far.round({ a: 1000, b: 1000, c: 1000, d: 1000, e: 1 })).toEqual({});
  });
});

describe('memory', () => {
  it('bounds the rows that a device is given, at the start and later', () => {
    const sizing = new Sizing({}, [], 0);
    for (const worker of ['a', 'b', 'c', 'd']) addWorker(sizing.state, worker, 1e9);
    const join = addWorker(sizing.state, 'small', 100_000); // a quarter of it holds 250 rows of 100 bytes
    expect(join).toMatchObject({ assignment: { samples: 250 } });
    const given = sizing.round({ a: 10, b: 10, c: 11, d: 9, small: 0.01 })['small']!;
    expect(given.samples).toBeLessThanOrEqual(250);
    expect(given.batch).toBeLessThan(16); // it takes longer by smaller steps instead
  });

  it('never gives less than the smallest size', () => {
    const sizing = new Sizing({ 'min-samples': 64 }, []);
    expect(addWorker(sizing.state, 'tiny', 100)).toMatchObject({ assignment: { samples: 64 } });
  });

  it('and nobody is given more rows than there are', () => {
    const resolved = resolveOptions('hermes', HERMES_SIZING_OPTIONS, { samples: 5000 });
    const state = startSizing(resolved, { batch: 16, trainRows: 100, rowBytes: 100 });
    expect(addWorker(state, 'a', 1e9)).toMatchObject({ assignment: { samples: 100 } });
  });
});

it('the state is plain JSON', () => {
  const sizing = new Sizing();
  sizing.round({ a: 10, b: 10, c: 11, d: 9, e: 80 });
  expect(JSON.parse(JSON.stringify(sizing.state))).toEqual(sizing.state);
});
