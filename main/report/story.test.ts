import { describe, expect, test } from 'vitest';
import type { RunRecord } from '../core/metrics.ts';
import { figuresOf, sentBytes } from './figures.ts';
import {
  allocationSeries,
  absencesOf,
  byteSeries,
  evaluationSeries,
  gateSeries,
  runSeconds,
  throughputSeries,
} from './series.ts';
import { type RunStory, storyOf } from './story.ts';
import { syntheticStory } from './synthetic-run.fixture.ts';
import { timeLanes } from './time-lanes.ts';

const row = syntheticStory({ status: 'interrupted' }).run;
const iteration = (worker: string, atMs: number, computeMs: number, waitMs: number, samples = 100): RunRecord => ({
  type: 'iteration',
  atMs,
  worker,
  pushed: false,
  iteration: { clock: 1, steps: 1, samples, batch: 10, loss: 1, computeMs, waitMs },
});

describe('figures', () => {
  test('without a result they come from the records, and are the same as with it', () => {
    const finished = syntheticStory({ policy: 'hermes', lost: 'nuc' });
    const { result } = finished.run;
    const unfinished: RunStory = { ...finished, run: { ...finished.run, result: null } };
    const [from, to] = [figuresOf(unfinished), figuresOf(finished)];
    expect(from).toMatchObject({
      iterations: result?.iterations,
      pushes: result?.pushes,
      samples: result?.samples,
      seconds: result?.seconds,
      secondsToTarget: result?.secondsToTarget,
      bytes: result?.bytes,
      validation: result?.validation,
    });
    expect(from.waitShare).toBeCloseTo(to.waitShare ?? NaN, 12);
    from.workers.forEach((worker, index) => {
      expect(worker).toMatchObject({
        name: to.workers[index]?.name,
        samples: to.workers[index]?.samples,
        lost: worker.name === 'nuc',
      });
      expect(worker.waitShare).toBeCloseTo(to.workers[index]?.waitShare ?? NaN, 12);
    });
    // Only the result knows these.
    expect(from).toMatchObject({ accuracy: null, loss: null });
    expect(from.workers.every(({ bytes }) => bytes === null)).toBe(true);
  });

  test('a run of which nothing is known has no figures that look known', () => {
    expect(figuresOf(storyOf(row, []))).toMatchObject({
      samplesPerSecond: null,
      bytes: null,
      accuracy: null,
      validation: null,
      bestValidationAccuracy: null,
      waitShare: null,
      secondsToTarget: null,
      workers: [],
    });
  });
});

describe('series', () => {
  test('samples per second: rows over the time they took, waiting included, with gaps where nobody worked', () => {
    const records = [iteration('a', 1000, 1000, 0), iteration('a', 2000, 500, 500), iteration('a', 60_000, 1000, 0)];
    const points = throughputSeries(storyOf(row, records))[0]?.points ?? [];
    expect(points[0]?.[1]).toBeCloseTo(100, 6);
    expect(points[1]?.[1]).toBeCloseTo(100, 6);
    expect(points[30]?.[1]).toBeNull();
    const rows = throughputSeries(syntheticStory({ policy: 'asp' })).flatMap((one) => one.points);
    expect(rows.every(([, y]) => y === null || (y >= 0 && y < 2000))).toBe(true);
  });

  test('an allocation holds until the next, until its worker is lost, or to the end', () => {
    const allocation = (worker: string, atMs: number, samples: number): RunRecord => ({
      type: 'allocation',
      atMs,
      worker,
      assignment: { samples, batch: 1, epochs: 1 },
      reason: '',
    });
    const story = storyOf(row, [
      allocation('a', 0, 10),
      allocation('b', 0, 10),
      allocation('a', 5000, 20),
      { type: 'incident', atMs: 6000, level: 'warning', what: 'lost', worker: 'b', text: '' },
      iteration('a', 10_000, 1, 0),
    ]);
    expect(allocationSeries(story, 'samples')).toEqual([
      {
        worker: 'a',
        points: [
          [0, 10],
          [5, 20],
          [10, 20],
        ],
      },
      {
        worker: 'b',
        points: [
          [0, 10],
          [6, 10],
          [6, null],
        ],
      },
    ]);
    expect(absencesOf(story).get('b')).toEqual([{ from: 6, to: 10 }]);
  });

  test('bytes end at the result, so that chart and figure agree', () => {
    const story = syntheticStory();
    const { sent, counterfactual } = byteSeries(story);
    const { bytes } = figuresOf(story);
    expect(sent.at(-1)?.[1]).toBe(bytes === null ? null : sentBytes(bytes));
    expect(counterfactual.at(-1)?.[1]).toBe(bytes?.counterfactual);
  });

  test('a loss that is not a number is a gap', () => {
    const judged: RunRecord = {
      type: 'evaluation',
      atMs: 1000,
      version: 1,
      split: 'validation',
      loss: NaN,
      accuracy: 0.1,
      rows: 1,
      iterations: 1,
      samples: 1,
      bytes: 1,
    };
    expect(evaluationSeries(storyOf(row, [judged]), 'loss')).toEqual([[1, null]]);
  });

  test('the gate has lines where a policy noted them and none elsewhere', () => {
    expect(gateSeries(syntheticStory({ policy: 'bsp' }))).toEqual([]);
    const gates = gateSeries(syntheticStory({ policy: 'hermes' }));
    expect(gates.map(({ worker }) => worker)).toEqual(['jetson', 'nuc', 'thinkpad', 'vm-fra']);
    for (const { z, threshold, pushed } of gates) {
      expect(threshold.length).toBeGreaterThanOrEqual(z.length);
      for (const push of pushed) expect(push.z).toBeLessThanOrEqual(0);
    }
  });
});

describe('lanes', () => {
  test('hold all of the time that iterations report, as spans or as shares', () => {
    for (const story of [
      syntheticStory({ policy: 'bsp' }),
      syntheticStory({ policy: 'asp', speeds: Array<number>(40).fill(900), seconds: 200 }),
    ]) {
      const { workers } = figuresOf(story);
      const lanes = timeLanes(
        story,
        workers.map(({ name }) => name),
      );
      lanes.forEach(({ time }, index) => {
        const computed =
          time.kind === 'spans'
            ? time.compute.reduce((sum, { from, to }) => sum + to - from, 0)
            : time.cells.reduce((sum, { from, to, compute }) => sum + compute * (to - from), 0);
        expect(computed / ((workers[index]?.computeMs ?? NaN) / 1000)).toBeGreaterThan(0.97);
        expect(computed).toBeLessThanOrEqual(runSeconds(story) + 1e-6);
      });
    }
  });
});
