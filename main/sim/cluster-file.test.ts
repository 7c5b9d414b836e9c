import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CaduceusError } from '../core/errors.ts';
import { clusterPresets, loadCluster } from './cluster-file.ts';

describe('cluster presets', () => {
  it('are all there, valid, named as their files and say where they come from', () => {
    const presets = clusterPresets();
    const omnilearn = ['', '-asp'].flatMap((kind) => [1, 2, 4, 8].map((level) => `omnilearn${kind}-hl${level}`));
    const taming = [2, 4, 6, 8, 10].map((level) => `taming-h${level}`);
    const expected = [
      'hermes-12',
      'slow-net-12',
      'hermes-6',
      'adsp-3',
      'adsp-18',
      ...omnilearn,
      'omnilearn-dynamic',
      ...taming,
    ];
    expect(presets).toEqual(expected.sort());
    for (const preset of presets) {
      const cluster = loadCluster(preset);
      expect(cluster.name).toBe(preset);
      expect(cluster.source.length).toBeGreaterThan(80);
    }
  });

  it('hermes-12 is the table of the task', () => {
    const { devices, link, reference } = loadCluster('hermes-12');
    expect(devices.map(({ samplesPerSecond }) => samplesPerSecond)).toEqual([
      200, 200, 250, 400, 400, 400, 500, 500, 600, 800, 800, 1200,
    ]);
    expect(devices.every(({ jitter }) => jitter === 0.05)).toBe(true);
    expect(link).toEqual({ upBitsPerSecond: 20e6, downBitsPerSecond: 20e6, latencyMs: 20, lossProbability: 0 });
    expect(reference).toEqual({ batch: 16, model: 'mlp-109k' });
    const slow = loadCluster('slow-net-12');
    expect(slow.devices.map(({ samplesPerSecond }) => samplesPerSecond)).toEqual(
      devices.map((one) => one.samplesPerSecond),
    );
    expect(slow.link).toMatchObject({ upBitsPerSecond: 2e6, downBitsPerSecond: 2e6, latencyMs: 50 });
  });

  it('omnilearn levels are the ratio of most to fewest cores, at equal totals', () => {
    for (const level of [1, 2, 4, 8]) {
      const cores = loadCluster(`omnilearn-hl${level}`).devices.map((device) => device.cores);
      expect(Math.max(...cores) / Math.min(...cores)).toBe(level);
      expect(cores.reduce((sum, each) => sum + each, 0)).toBe(48);
    }
    const { schedule, devices } = loadCluster('omnilearn-dynamic');
    const levels = schedule.map(({ speeds }) => {
      const now = devices.map(({ name, samplesPerSecond }) => samplesPerSecond * (speeds[name] ?? 1));
      return Math.round(Math.max(...now) / Math.min(...now));
    });
    expect(levels).toEqual([1, 2, 4, 8, 8, 4, 2, 1]);
  });

  it('adsp clusters have the heterogeneity of their source', () => {
    for (const [preset, count, h] of [
      ['adsp-3', 3, 2.6],
      ['adsp-18', 18, 2.3],
    ] as const) {
      const speeds = loadCluster(preset).devices.map(({ samplesPerSecond }) => samplesPerSecond);
      expect(speeds.length).toBe(count);
      expect(speeds.reduce((sum, speed) => sum + speed, 0) / count / Math.min(...speeds)).toBeCloseTo(h, 1);
    }
  });
});

describe('a cluster file', () => {
  it('is found by its path', () => {
    const directory = mkdtempSync(join(tmpdir(), 'caduceus-cluster-'));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    const file = join(directory, 'mine.json');
    writeFileSync(file, JSON.stringify({ ...loadCluster('hermes-6'), name: 'mine' }));
    expect(loadCluster(file).name).toBe('mine');
    writeFileSync(file, '{ "name": ');
    expect(() => loadCluster(file)).toThrow(/cannot be read/);
  });

  it('that does not exist is CAD-CLUSTER, and a wrong name lists the right ones', () => {
    expect(() => loadCluster('/nowhere/cluster.json')).toThrow(CaduceusError);
    try {
      loadCluster('hermes-13');
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: 'CAD-CLUSTER' });
      expect((error as CaduceusError).remedy).toContain('hermes-12');
    }
  });
});
