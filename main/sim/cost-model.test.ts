import { describe, expect, it } from 'vitest';
import { MODELS, modelNamed } from '../core/model.ts';
import { prng } from '../core/prng.ts';
import { CostModel, effortOf, nearlyNormal, profileOf } from './cost-model.ts';
import { clusterOf } from './plain-learning.fixture.ts';
import { Processor } from './processor.ts';
import { Timeline } from './timeline.ts';

const reference = { batch: 16, model: 'mlp-109k' };
const none = new Uint32Array(0);

function costOf(more: { jitter?: number; fixedShare?: number }, effort = 1): CostModel {
  const [device] = clusterOf({ a: 200 }, { devices: [{ name: 'a', samplesPerSecond: 200, ...more }] }).devices;
  if (device === undefined) throw new Error('no device');
  return new CostModel(device, reference, effort);
}

describe('the cost model', () => {
  it('gives the stated speed at the reference batch, whatever the fixed share', () => {
    for (const fixedShare of [0, 0.3, 0.7]) expect(costOf({ fixedShare }).stepMs(16)).toBeCloseTo(80, 9);
  });

  it('charges a fixed part a step and the rest by rows', () => {
    const cost = costOf({ fixedShare: 0.75 });
    expect(cost.stepMs(32)).toBeCloseTo(60 + 40, 9);
    const work = { order: new Uint32Array(40), batch: 16, probe: none };
    expect(cost.computeTime(work, prng(1)).trainMs).toBeCloseTo(3 * 60 + 40 * (20 / 16), 9);
  });

  it('takes a third of a training pass to judge probe rows, apart from training', () => {
    const work = { order: new Uint32Array(16), batch: 16, probe: new Uint32Array(16) };
    const { trainMs, probeMs } = costOf({ fixedShare: 0.5 }).computeTime(work, prng(1));
    expect(trainMs).toBeCloseTo(80, 9);
    expect(probeMs).toBeCloseTo(80 / 3, 9);
  });

  it('scales with the multiply-adds of the model trained', () => {
    const mlp = modelNamed('mlp-109k');
    expect(effortOf(mlp, reference)).toBe(1);
    const others = Object.values(MODELS).filter((model) => model !== mlp);
    for (const model of others) expect(effortOf(model, reference)).not.toBe(1);
    for (const model of others) expect(effortOf(model, { batch: 16 })).toBe(1);
  });

  it('jitters around the mean by the stated deviation, the same for the same seed', () => {
    const cost = costOf({ jitter: 0.05 });
    const work = { order: new Uint32Array(16), batch: 16, probe: none };
    const times = (seed: number): number[] => {
      const chance = prng(seed);
      return Array.from({ length: 4000 }, () => cost.computeTime(work, chance).trainMs);
    };
    const drawn = times(7);
    const mean = drawn.reduce((sum, ms) => sum + ms, 0) / drawn.length;
    const deviation = Math.sqrt(drawn.reduce((sum, ms) => sum + (ms - mean) ** 2, 0) / drawn.length);
    expect(mean).toBeGreaterThan(79.7);
    expect(mean).toBeLessThan(80.3);
    expect(deviation / mean).toBeGreaterThan(0.047);
    expect(deviation / mean).toBeLessThan(0.053);
    expect(times(7)).toEqual(drawn);
    const chance = prng(1);
    for (let draw = 0; draw < 4000; draw++) expect(Math.abs(nearlyNormal(chance))).toBeLessThan(3.47);
  });

  it('says its speed at the run’s batch when it joins', () => {
    const cluster = clusterOf({ a: 200 });
    const [device] = cluster.devices;
    if (device === undefined) throw new Error('no device');
    expect(profileOf(device, new CostModel(device, cluster.reference, 1), 16).samplesPerSecond).toBeCloseTo(200, 9);
  });
});

describe('a processor', () => {
  function run(plan: (processor: Processor, timeline: Timeline) => void): [number, number] | undefined {
    const timeline = new Timeline();
    const processor = new Processor(timeline);
    let end: [number, number] | undefined;
    timeline.at(10, () => processor.start(100, (elapsedMs) => (end = [timeline.nowMs, elapsedMs])));
    plan(processor, timeline);
    while (timeline.advance());
    return end;
  }

  it('takes the nominal time at nominal speed', () => {
    expect(run(() => undefined)).toEqual([110, 100]);
  });

  it('carries what is left of its work over changes of speed', () => {
    const end = run((processor, timeline) => {
      timeline.at(60, () => processor.setFactor('heat', 0.5)); // 50 of 100 done: 100 more
      timeline.at(110, () => processor.setFactor('load', 0.5)); // 75 done: 100 more
      timeline.at(150, () => processor.setFactor('heat', 1)); // 85 done: 30 more
    });
    expect(end).toEqual([180, 170]);
  });

  it('keeps its work while it stands still, and loses it when aborted', () => {
    const paused = run((processor, timeline) => {
      timeline.at(60, () => processor.setStopped(true));
      timeline.at(1060, () => processor.setStopped(false));
    });
    expect(paused).toEqual([1110, 1100]);
    expect(run((processor, timeline) => timeline.at(60, () => processor.abort()))).toBeUndefined();
  });
});
