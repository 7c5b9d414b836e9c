import { describe, expect, it } from 'vitest';
import { parseCluster } from '../core/cluster.ts';
import { clusterPresets, loadCluster } from './cluster-file.ts';
import { idealCluster, soloCluster } from './cluster-variants.ts';
import { timingRequest } from './plain-learning.fixture.ts';
import { simulate } from './simulation.ts';

describe('yardstick clusters', () => {
  it('are valid clusters of one device, for every preset', () => {
    for (const preset of clusterPresets()) {
      for (const variant of [soloCluster, idealCluster]) {
        const cluster = variant(loadCluster(preset));
        expect(parseCluster(JSON.parse(JSON.stringify(cluster)))).toEqual(cluster);
        expect(cluster.devices).toHaveLength(1);
      }
    }
  });

  it('solo is the fastest device, ideal has the speed of all, neither waits', () => {
    const cluster = loadCluster('hermes-12');
    for (const [variant, speed] of [
      [soloCluster(cluster), 1200],
      [idealCluster(cluster), 6250],
    ] as const) {
      const { result } = simulate(timingRequest(variant, { policy: 'bsp', stop: { maxSeconds: 20 } }));
      expect(result.workers[0]?.samplesPerSecond).toBeGreaterThan(speed * 0.97);
      expect(result.workers[0]?.samplesPerSecond).toBeLessThan(speed * 1.03);
      expect(result.waitShare).toBeLessThan(0.01);
      expect(result.bytes.data).toBe(0);
    }
  });

  it('follow the schedule: equal totals make an ideal that never changes', () => {
    const { schedule } = idealCluster(loadCluster('omnilearn-dynamic'));
    for (const { speeds } of schedule) expect(speeds['ideal']).toBeCloseTo(1, 5);
  });
});
