import { describe, expect, it } from 'vitest';
import { framingBytes, noTraffic } from '../core/accounting.ts';
import type { RunRecord } from '../core/metrics.ts';
import { Sgd } from '../core/optimizer.ts';
import { checksum } from '../core/parameters.ts';
import { encodeMessage } from '../core/protocol/codec.ts';
import { type Category, categoryOf } from '../core/protocol/messages.ts';
import { Walk } from '../core/sampling.ts';
import { takeRows } from '../learn/datasets/dataset.ts';
import { directionOf } from './frame-size.ts';
import type { Learning } from './learning.ts';
import { clusterOf, plainRequest, plainTrainer, timingRequest } from './plain-learning.fixture.ts';
import { Simulation, simulate } from './simulation.ts';
import type { Watcher } from './watch.ts';

const slowLink = { upBitsPerSecond: 1e6, downBitsPerSecond: 1e6, latencyMs: 10 };
const four = { a: 100, b: 250, c: 400, d: 800 };

describe('a simulation', () => {
  it.each(['bsp', 'asp', 'hermes'])('%s: the same request gives the same bits, another seed gives others', (policy) => {
    const request = (seed: number) =>
      plainRequest(clusterOf(four, { link: slowLink, defaults: { jitter: 0.1 } }), {
        policy,
        seed,
        options: policy === 'hermes' ? { samples: 100, epochs: 2, 'probe-samples': 50 } : {},
        stop: { maxSeconds: 10 },
      });
    const [first, second, other] = [simulate(request(1)), simulate(request(1)), simulate(request(2))];
    expect(second).toEqual(first);
    expect(simulate({ ...request(1), run: 'another-name' }).fingerprint).toBe(first.fingerprint);
    expect(first.result.pushes).toBeGreaterThan(4);
    expect(other.fingerprint).not.toBe(first.fingerprint);
  });

  it('whose final model has no loss has diverged, though a limit came first', () => {
    const request = plainRequest(clusterOf(four, { link: slowLink }), { policy: 'asp', stop: { maxSeconds: 2 } });
    const learning: Learning = request.learning;
    const overflowing = { ...learning.judge, test: () => ({ loss: NaN, accuracy: 0.1, rows: 10 }) };
    const { result, end } = simulate({ ...request, learning: { ...learning, judge: overflowing } });
    expect(end).toMatchObject({ reason: 'diverged', text: expect.stringContaining('2 s are over') as string });
    expect(result).toMatchObject({ endReason: 'diverged', accuracy: NaN, loss: NaN });
    expect(simulate(request).result.endReason).toBe('time-limit');
  });

  it('may be let on a few events at a time, and comes out the same', () => {
    const request = plainRequest(clusterOf(four, { link: slowLink }), { policy: 'asp', stop: { maxSeconds: 5 } });
    const stepped = new Simulation(request);
    while (!stepped.advance(7));
    expect(stepped.result()).toEqual(simulate(request));
  });

  it('takes for a BSP round what the slowest device and its link take', () => {
    const link = { upBitsPerSecond: 8e6, downBitsPerSecond: 4e6, latencyMs: 10 };
    const cluster = clusterOf({ slow: 100, fast: 400 }, { link, rows: 'on-devices' });
    const sizes = { push: 0, model: 0 };
    const watcher: Watcher = {
      moved: (_, message, bytes) => {
        if (message.kind === 'push' || message.kind === 'model') sizes[message.kind] = bytes;
      },
    };
    const stops: number[] = [];
    const onRecord = (record: RunRecord): void => void (record.type === 'push' && stops.push(record.atMs));
    const request = timingRequest(cluster, { policy: 'bsp', stop: { maxSeconds: 60, maxIterations: 40 } });
    simulate({ ...request, watchers: [watcher], onRecord });
    const round = 160 + sizes.push / 1000 + sizes.model / 500 + 2 * 10;
    const starts = stops.filter((_, index) => index % 2 === 0);
    for (let index = 2; index < starts.length; index++) {
      expect((starts[index] ?? 0) - (starts[index - 1] ?? 0)).toBeCloseTo(round, 0);
    }
  });

  it('A4: one worker under ASP is sequential SGD, bit for bit', () => {
    const request = plainRequest(clusterOf({ only: 100 }, { link: slowLink }), {
      policy: 'asp',
      stop: { maxSeconds: 60, maxIterations: 100 },
    });
    const { parameters, version } = simulate(request);
    const { plan, learning } = request;
    const expected = learning.initial.slice();
    const walk = new Walk(plan.seed, 'only', plan);
    walk.assign({ start: 0, length: plan.trainRows });
    const sgd = new Sgd(plan);
    const gradient = new Float32Array(expected.length);
    for (let step = 0; step < version; step++) {
      plainTrainer.gradient(expected, takeRows(learning.rows, walk.next(16)), gradient);
      sgd.step(expected, gradient);
    }
    expect(version).toBe(100);
    expect(checksum(parameters)).toBe(checksum(expected));
  });

  it('BSP learns the same however slow the network is, as long as rows arrive in the same order', () => {
    const run = (latencyMs: number, speed: number): string => {
      const cluster = clusterOf({ a: 100 * speed, b: 250, c: 400 }, { link: { ...slowLink, latencyMs } });
      const request = plainRequest(cluster, { policy: 'bsp', stop: { maxSeconds: 600, maxIterations: 90 } });
      return checksum(simulate(request).parameters);
    };
    expect(run(20, 1)).toBe(run(10, 1));
    expect(run(500, 3)).toBe(run(10, 1));
  });

  it('C6: counts the bytes of every message as the codec makes it, framing included', () => {
    const recount: Record<string, ReturnType<typeof noTraffic>> = {};
    const watcher: Watcher = {
      moved(worker, message) {
        const { length } = encodeMessage(message);
        const own = (recount[worker] ??= noTraffic());
        own[categoryOf(message.kind)] += length + framingBytes(length, directionOf(message));
      },
    };
    const request = plainRequest(clusterOf(four, { link: slowLink }), { policy: 'asp', stop: { maxSeconds: 5 } });
    const { result } = simulate({ ...request, watchers: [watcher] });
    for (const { name, bytes } of result.workers) expect(bytes).toEqual(recount[name]);
    const total = (category: Category): number => Object.values(recount).reduce((sum, own) => sum + own[category], 0);
    expect(result.bytes).toMatchObject({ up: total('update'), down: total('model'), data: total('data') });
  });

  it('without tensors moves the bytes and takes the time that the stated model would', () => {
    const cluster = clusterOf(four, {
      link: { ...slowLink, upBitsPerSecond: 20e6 },
      reference: { batch: 16, model: 'mlp-109k' },
    });
    const stated = timingRequest(cluster, { policy: 'asp', stop: { maxSeconds: 20 } });
    const bytesOf: number[] = [];
    const pushed: number[] = [];
    const { result } = simulate({
      ...stated,
      watchers: [{ moved: (_, message, bytes) => void (message.kind === 'model' && bytesOf.push(bytes)) }],
      onRecord: (record) => void (record.type === 'push' && pushed.push(record.bytes)),
    });
    expect(Math.min(...bytesOf)).toBeGreaterThan(4 * 109_386);
    expect(Math.max(...bytesOf)).toBeLessThan(4 * 109_386 + 400);
    expect(new Set(pushed)).toEqual(new Set([4 * 109_386]));
    expect(result.model).toBe('mlp-109k');
    expect(result.bytes.counterfactual).toBe(result.iterations * (2 * (4 * 109_386 + 12 + 10) + 4));
    // One model takes 3.5 s down a 1 Mbit/s link, so that five rounds are not to be had in 20 s.
    expect(Math.max(...result.workers.map(({ pushes }) => pushes))).toBeLessThanOrEqual(5);
  });

  it('waits longer on slower links and says so', () => {
    const share = (downBitsPerSecond: number): number => {
      const cluster = clusterOf(four, { link: { ...slowLink, downBitsPerSecond }, rows: 'on-devices' });
      return simulate(timingRequest(cluster, { policy: 'asp' })).result.waitShare ?? NaN;
    };
    expect(share(1e6)).toBeGreaterThan(share(10e6));
    expect(share(10e6)).toBeGreaterThan(share(1e9));
  });

  it('ships rows once over the links, or not at all when they lie on the devices', () => {
    const data = (rows: 'shipped' | 'on-devices'): number => {
      const dataset = { name: 'made', trainRows: 4200 };
      const request = timingRequest(clusterOf(four, { rows }), { policy: 'bsp', dataset, stop: { maxSeconds: 30 } });
      return simulate(request).result.bytes.data;
    };
    expect(data('on-devices')).toBe(0);
    // All of the training set, and up to one block more for each of the three cuts between shards.
    expect(data('shipped')).toBeGreaterThan(4000 * 785);
    expect(data('shipped')).toBeLessThan((4000 + 3 * 256) * 785 * 1.001);
  });

  it('ends at the limits of the run, once', () => {
    const cluster = clusterOf(four);
    const ends = [{ maxSeconds: 3 }, { maxSeconds: 600, maxIterations: 50 }, { maxSeconds: 600, targetAccuracy: 0.8 }];
    const results = ends.map((stop) => simulate(timingRequest(cluster, { policy: 'bsp', stop })));
    expect(results.map(({ end }) => end.reason)).toEqual(['time-limit', 'iteration-limit', 'target']);
    expect(results[0]?.result.seconds).toBe(3);
    expect(results[2]?.result.secondsToTarget).toBe(results[2]?.result.seconds);
  });

  it('takes virtual time for judging when told so', () => {
    const request = timingRequest(clusterOf({ a: 100 }), {
      policy: 'bsp',
      evaluateEveryMs: 100,
      stop: { maxSeconds: 10 },
    });
    const judged = (judgeMs: number): number => {
      let count = 0;
      const cluster = { ...request.cluster, server: { judgeMs } };
      simulate({ ...request, cluster, onRecord: (record) => void (record.type === 'evaluation' && (count += 1)) });
      return count;
    };
    expect(judged(0)).toBeGreaterThan(60);
    expect(judged(1000)).toBeLessThan(11);
  });

  it('can be finished by its user', () => {
    const simulation = new Simulation(timingRequest(clusterOf(four), { policy: 'asp' }));
    simulation.advance(500);
    simulation.finish();
    expect(simulation.advance()).toBe(true);
    expect(simulation.result().end.reason).toBe('user');
  });
});
