import { describe, expect, test } from 'vitest';
import { pictureOf } from '../../../main/core/live/coalescer.ts';
import { absences, cellSums, rateCells } from './cells.ts';
import { gateTable, gateTraces } from './gate-dots.ts';
import { laneRows } from './lane-rows.ts';
import { marksOf } from './model-chart.tsx';
import { eventsOf, noEvents, runEvents } from './run-events.ts';
import { headFigures } from './run-figures.ts';
import { allocationChanges, allocationLines, evaluationLine, trafficRows, valueAt } from './run-lines.ts';
import { shortRecords, shortRun } from './run-picture.fixture.ts';
import { gateSummary, lanesSummary, modelSummary, rateSummary, trafficSummary } from './run-summaries.ts';
import { workerRows } from './worker-rows.ts';

const picture = shortRun();
const [fast, slow] = picture.workers;
if (fast === undefined || slow === undefined) throw new Error('the fixture has two workers');

describe('cells of the time axis', () => {
  test('lose nothing: their sum is the sum of the buckets', () => {
    for (const count of [7, 100]) {
      const cells = cellSums(picture.time, 'samples', { min: 0, max: 12 }, count);
      expect(cells.reduce((sum, value) => sum + value, 0)).toBeCloseTo(picture.sums.samples, 6);
    }
  });

  test('hold the rate of a worker while it is there, and nothing while it is not', () => {
    const rates = rateCells(slow, 10, { min: 0, max: 10 }, 10);
    expect([...rates.slice(0, 4)].every((rate) => Math.abs(rate - 50) < 5)).toBe(true);
    expect([...rates.slice(5)].every(Number.isNaN)).toBe(true);
    expect(absences(slow, 10)).toEqual([5, 10]);
    expect(absences(fast, 10)).toEqual([]);
  });
});

test('an iteration that ended on a clock that stood still was not done in no time', () => {
  const { time } = fast;
  const columns = { ...time.columns, samples: [100, 100, 100], computeUs: [5e5, 5e5, 5e5] };
  for (const name of ['heldUs', 'transferUs'] as const) columns[name] = [0, 0, 0];
  // The last ended in the moment in which the clock was stopped, 0.01 s after the stretch before it.
  const worker = { ...fast, time: { ...time, widthUs: 500_000, first: 1, columns } };
  const rates = rateCells(worker, 1.51, { min: 0, max: 1.51 }, 3);
  expect(Math.max(...rates)).toBeLessThan(250);
});

describe('lanes', () => {
  const lanes = laneRows(picture, { min: 0, max: 10 }, true);

  test('show computing and waiting as shares that never exceed the whole', () => {
    const [lane] = lanes;
    lane?.compute.forEach((share, cell) => {
      expect(share + (lane.wait[cell] ?? 0) + (lane.transfer[cell] ?? 0)).toBeLessThanOrEqual(1.0001);
    });
    expect(lane?.compute[100]).toBeGreaterThan(0.5);
  });

  test('show who is lost, since when, and nothing under way of it', () => {
    expect(lanes.map(({ name, lost }) => [name, lost])).toEqual([
      ['fast', []],
      ['slow', [5, 10]],
    ]);
    expect(lanes[1]?.underWay).toBeUndefined();
  });
});

test('the table of the gate has what is drawn, each score beside its threshold, in order of time', () => {
  const { columns, rows } = gateTable(picture);
  const traces = gateTraces(picture);
  expect(columns).toEqual(['worker', 'seconds', 'z', 'threshold', 'pushed']);
  expect(rows).toHaveLength(traces.reduce((sum, { x, pushX }) => sum + x.length + pushX.length, 0));
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.filter(([, , z, threshold, pushed]) => pushed === 'yes' && Number(z) > Number(threshold))).toEqual([]);
  expect(rows.map(([, seconds]) => seconds)).toEqual(
    rows.map(([, seconds]) => seconds).sort((a, b) => Number(a) - Number(b)),
  );
});

describe('the five figures', () => {
  test('say against what they are measured', () => {
    const figures = headFigures({ picture, target: 0.95, isOpen: true, hasGate: true });
    const said = Object.fromEntries(figures.map(({ label, value, against }) => [label, `${value} ${against}`]));
    expect(said['Validation accuracy']).toContain('target 95');
    expect(said['Throughput, samples']).toContain('the fastest alone when it joined (fast)');
    expect(said['Communication']).toContain('saved 90.0');
    expect(said['Communication']).toContain('BSP, float32');
    expect(said['Pushes']).toMatch(/^5 of 14.iterations passed the gate/);
  });

  test('are unknown before anything was measured, never 0', () => {
    const bare = { ...picture, evaluations: { count: 0, stride: 1, items: [], last: null }, workers: [] };
    const nothing = {
      ...bare,
      atUs: 0,
      traffic: { ...bare.evaluations },
      sums: { ...picture.sums, iterations: 0, samples: 0, computeUs: 0, heldUs: 0, transferUs: 0 },
    };
    const figures = headFigures({ picture: nothing, target: null, isOpen: true, hasGate: false });
    expect(figures.map(({ value }) => value)).toEqual([null, null, null, null, null]);
  });
});

describe('lines', () => {
  test('hold an allocation from when it was told, and end it where its worker was lost', () => {
    const [ofFast, ofSlow] = allocationLines(picture, 'batch');
    expect(ofFast?.points).toEqual([
      [0, 10],
      [5, 20],
      [10, 20],
    ]);
    expect(ofSlow?.points.at(-1)).toEqual([5, null]);
  });

  test('give every change with its reason; what a worker started with is none', () => {
    expect(allocationChanges(picture)).toEqual([
      {
        worker: 'fast',
        seconds: 5,
        samples: [100, 200],
        batch: [10, 20],
        reason: 'an iteration takes 2.0× less than the median',
      },
    ]);
  });

  test('read the value that holds at a moment', () => {
    const line = evaluationLine(picture, 'accuracy', 'time');
    expect(valueAt(line, 3.5)).toBeCloseTo(3 / 11);
    expect(valueAt(line, 0.5)).toBeNull();
    expect(valueAt(line, null)).toBeCloseTo(10 / 11);
  });

  test('keep the bytes by category', () => {
    expect(trafficRows(picture).at(-1)).toMatchObject({ x: 10, update: 800, model: 1000, counterfactual: 20_000 });
  });
});

test('the gate keeps what it held back and what it let pass apart', () => {
  const [trace] = gateTraces(picture);
  expect(trace?.pushZ.every((z) => z <= -1.3)).toBe(true);
  expect(trace?.z.every((z) => z > -1.3)).toBe(true);
});

test('events are in order, newest first, and name their worker', () => {
  const events = runEvents(picture);
  expect(events.map(({ seconds }) => seconds)).toEqual(events.map(({ seconds }) => seconds).toSorted((a, b) => b - a));
  expect(events.find(({ word }) => word === 'Lost')?.text).toBe('slow was lost: no word for 5 s');
  expect(events.find(({ kind }) => kind === 'allocation')?.text).toContain('batch 10 → 20, data set 100 → 200');
  expect(new Set(events.map(({ key }) => key)).size).toBe(events.length);
});

test('neither changes of allocation nor pushes, however many, drive out that a worker was lost', () => {
  const restless = shortRecords();
  for (let at = 6000; at < 9990; at += 5) {
    const assignment = { samples: at, batch: 10, epochs: 1 };
    restless.push({ type: 'allocation', atMs: at, worker: 'fast', assignment, reason: 'restless' });
    const iteration = {
      clock: at,
      steps: 1,
      samples: 10,
      batch: 10,
      loss: 1,
      computeMs: 5,
      waitMs: 0,
      notes: { z: -2 },
    };
    restless.push({ type: 'iteration', atMs: at, worker: 'fast', pushed: true, iteration });
  }
  const crowded = pictureOf(restless);
  const events = runEvents(crowded);
  const wordsOf = (kind: 'all' | 'incident'): string[] => eventsOf(events, kind, null).map(({ word }) => word);
  expect(wordsOf('incident')).toEqual(
    wordsOf('incident').filter((word) => word !== 'Pushed' && !word.startsWith('Given')),
  );
  expect(wordsOf('incident')).toContain('Lost');
  expect(wordsOf('all')).toContain('Lost');
  expect(wordsOf('all')).not.toContain('Pushed');
  // Whoever asks for pushes gets the newest, not a claim that there were none.
  const pushed = eventsOf(events, 'push', 'fast');
  expect(pushed.length).toBeGreaterThan(50);
  expect(pushed[1]?.text).toMatch(/^fast pushed with its iteration 9,[89]/);
  const marks = marksOf(crowded);
  expect(marks.some(({ isSmall }) => isSmall)).toBe(false);
  expect(marks.some(({ label }) => label === 'slow lost')).toBe(true);
  expect(noEvents('push', { ...picture, sums: { ...picture.sums, pushes: 7 } })).toMatch(/^7.pushes/);
  expect(noEvents('incident', picture)).toBe('Nothing of this kind has happened.');
});

test('a push says why it came: its score, or what else made it', () => {
  const textOf = (iteration: object): string | undefined =>
    runEvents(
      pictureOf(
        shortRecords().map((record) =>
          record.type === 'iteration' && record.pushed
            ? { ...record, iteration: { ...record.iteration, ...iteration } }
            : record,
        ),
      ),
    ).find(({ kind }) => kind === 'push')?.text;
  expect(textOf({ pushReason: 'significant' })).toContain('fast pushed with its iteration 10: z −1.50 ≤ −1.30');
  expect(textOf({ notes: { z: -0.17, threshold: -1.17 }, pushReason: 'silence' })).toContain(
    'iteration 10, having been as long without a push as is allowed',
  );
  // Records of before reasons were kept.
  expect(textOf({ notes: { z: -0.17, threshold: -1.17 } })).toContain('z −0.17, threshold −1.17');
});

test('sentences say what the charts show', () => {
  expect(modelSummary(picture, 0.95)).toMatch(/^Accuracy went from 9\.1.% to 90\.9.% in 10\.0.s.*is not reached\.$/);
  expect(lanesSummary(picture)).toContain('1\u00a0worker was lost');
  expect(rateSummary(picture)).toContain('fast was fastest');
  expect(gateSummary(picture)).toMatch(/^5 of 14/);
  expect(trafficSummary(picture)).toContain('Training rows took 5.00');
});

test('the table has the newest rate, the change with its reason, and knows nothing of a lost worker’s now', () => {
  const [first, second] = workerRows(picture, [{ worker: 'fast', path: { kind: 'relay', latencyMs: 41 } }], true);
  expect(first).toMatchObject({ name: 'fast', batch: 20, path: { text: 'relay 41\u00a0ms', tone: 'warn' } });
  expect(first?.change?.reason).toContain('less than the median');
  expect(second).toMatchObject({ rate: null, samples: null, path: null, state: { tone: 'bad' } });
});

test('while a run is paused its workers are held, and who is lost is lost', () => {
  const rows = workerRows(picture, [], true, true);
  expect(rows.map(({ state, rate }) => [state.word.replace(/ .*/, ''), rate])).toEqual([
    ['held', null],
    ['lost', null],
  ]);
});
