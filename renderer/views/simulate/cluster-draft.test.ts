import { describe, expect, test } from 'vitest';
import { parseCluster } from '../../../main/core/cluster.ts';
import { clusterOf, deviceNames, draftOf, edited, withDevice, withNewDevice, withoutDevice } from './cluster-draft.ts';

const link = { upBitsPerSecond: 1e6, downBitsPerSecond: 2e6, latencyMs: 5 };
const cluster = parseCluster({
  name: 'mixed',
  source: 'made for this test',
  reference: { batch: 16 },
  link,
  devices: [
    { name: 'pi', count: 3, samplesPerSecond: 100 },
    { name: 'jetson', samplesPerSecond: 900, link: { latencyMs: 1 } },
  ],
  faults: [{ kind: 'crash', device: 'pi-2', atSeconds: 10 }],
});

describe('a cluster while it is edited', () => {
  test('has devices that are alike as one row, and is the same cluster again when nothing was changed', () => {
    const draft = draftOf(cluster);
    expect(draft.devices.map(({ name, count }) => [name, count])).toEqual([
      ['pi', 3],
      ['jetson', 1],
    ]);
    expect(parseCluster(clusterOf(draft)).devices).toEqual(cluster.devices);
    expect(parseCluster(clusterOf(draft)).faults).toEqual(cluster.faults);
  });

  test('keeps its devices apart where their figures differ', () => {
    const devices = cluster.devices.map((device, index) =>
      index === 1 ? { ...device, samplesPerSecond: 101 } : device,
    );
    expect(draftOf({ ...cluster, devices }).devices.map(({ name }) => name)).toEqual([
      'pi-1',
      'pi-2',
      'pi-3',
      'jetson',
    ]);
  });

  test('that was changed is not told under the name and source of what it was', () => {
    const once = edited(draftOf(cluster));
    expect(once.name).toBe('mixed-edited');
    expect(once.source).toMatch(/ Figures were changed by hand since\.$/);
    expect(edited(once)).toBe(once);
    const long = edited({ ...once, name: 'n'.repeat(64), source: 's'.repeat(4000) });
    expect(parseCluster(clusterOf(long)).name).toMatch(/n-edited$/);
  });

  test('forgets the faults of devices that are gone', () => {
    const draft = draftOf(cluster);
    const [pi] = draft.devices;
    expect(withDevice(draft, pi?.key ?? '', { count: 1 }).faults).toEqual([]);
    expect(withoutDevice(draft, pi?.key ?? '').faults).toEqual([]);
    expect(withDevice(draft, pi?.key ?? '', { count: 2 }).faults).toHaveLength(1);
  });

  test('gives a new device a name that no other has', () => {
    const draft = withNewDevice(withNewDevice(draftOf(cluster)));
    expect(new Set(deviceNames(draft)).size).toBe(deviceNames(draft).length);
    expect(parseCluster(clusterOf(draft)).devices).toHaveLength(6);
  });
});
