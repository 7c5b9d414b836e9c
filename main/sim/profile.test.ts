import { describe, expect, it } from 'vitest';
import type { RunRecord } from '../core/metrics.ts';
import { loadCluster } from './cluster-file.ts';
import { clusterOf, timingRequest } from './plain-learning.fixture.ts';
import { clusterFromRun } from './profile.ts';
import { simulate } from './simulation.ts';

describe('a cluster measured in a run', () => {
  it('has the speeds, jitter and fixed shares of the devices that ran, when their batches differed', () => {
    const cluster = loadCluster('hermes-6');
    const records: RunRecord[] = [];
    const options = { samples: 256, 'min-samples': 32, epochs: 1, 'probe-samples': 16 };
    const settings = {
      policy: 'hermes',
      options,
      stop: { maxSeconds: 400 },
      dataset: { name: 'none', trainRows: 6000 },
    };
    const request = timingRequest({ ...cluster, rows: 'on-devices' }, settings);
    const { result } = simulate({ ...request, onRecord: (record) => void records.push(record) });
    const measured = clusterFromRun({ result, batch: 16, link: cluster.link, records });
    expect(measured.devices.map(({ name }) => name)).toEqual(cluster.devices.map(({ name }) => name));
    for (const [index, device] of cluster.devices.entries()) {
      const found = measured.devices[index];
      expect(found?.jitter).toBeGreaterThan(0.03);
      expect(found?.jitter).toBeLessThan(0.07);
      const hasMoved = new Set(result.workers[index]?.batchHistory.map(({ batch }) => batch)).size > 1;
      const hadBothBatches =
        records.filter((one) => one.type === 'iteration' && one.worker === device.name && one.iteration.batch === 16)
          .length > 15;
      if (!hasMoved || !hadBothBatches) continue;
      expect((found?.samplesPerSecond ?? 0) / device.samplesPerSecond).toBeCloseTo(1, 1);
      expect(found?.fixedShare).toBeCloseTo(0.7, 0.5);
    }
    expect(measured.reference).toEqual({ batch: 16, model: 'mlp-109k' });
    expect(measured.source).toContain('Measured in run');
  });

  it('predicts the run it was measured in', () => {
    const cluster = clusterOf(
      { a: 100, b: 300, c: 800 },
      { defaults: { jitter: 0.05 }, rows: 'on-devices', reference: { batch: 16, model: 'mlp-109k' } },
    );
    const stop = { maxSeconds: 600, targetAccuracy: 0.9 };
    const request = timingRequest(cluster, { policy: 'bsp', stop });
    const { result } = simulate(request);
    const measured = { ...clusterFromRun({ result, batch: 16, link: cluster.link }), rows: cluster.rows };
    const predicted = simulate({ ...request, cluster: measured }).result;
    expect(Math.abs((predicted.secondsToTarget ?? 0) / (result.secondsToTarget ?? NaN) - 1)).toBeLessThan(0.1);
  });

  it('leaves waiting out of a speed', () => {
    const cluster = clusterOf({ slow: 50, fast: 800 }, { rows: 'on-devices' });
    const { result } = simulate(timingRequest(cluster, { policy: 'bsp' }));
    const speeds = clusterFromRun({ result, batch: 16 }).devices.map(({ samplesPerSecond }) =>
      Math.round(samplesPerSecond),
    );
    expect(speeds).toEqual([800, 50]);
  });

  it('is refused for a run in which nobody finished anything', () => {
    const { result } = simulate(timingRequest(clusterOf({ a: 100 }), { policy: 'bsp', stop: { maxSeconds: 1 } }));
    const workers = result.workers.map((worker) => ({
      ...worker,
      samples: 0,
      waitShare: null,
      profile: { ...worker.profile },
    }));
    for (const { profile } of workers) delete (profile as { samplesPerSecond?: number }).samplesPerSecond;
    expect(() => clusterFromRun({ result: { ...result, workers }, batch: 16 })).toThrow(/finished an iteration/);
  });
});
