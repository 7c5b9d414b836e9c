import { describe, expect, it } from 'vitest';
import { type ClusterInput, parseCluster } from './cluster.ts';
import { CaduceusError } from './errors.ts';

const valid: ClusterInput = {
  name: 'two',
  source: 'a test',
  reference: { batch: 16 },
  link: { upBitsPerSecond: 1e6, downBitsPerSecond: 2e6, latencyMs: 5 },
  defaults: { jitter: 0.05 },
  devices: [
    { name: 'a', samplesPerSecond: 100 },
    { name: 'b', samplesPerSecond: 200, jitter: 0, link: { latencyMs: 50 }, count: 2 },
  ],
};

function complaintOf(change: object): string {
  try {
    parseCluster({ ...valid, ...change });
  } catch (error) {
    expect(error).toBeInstanceOf(CaduceusError);
    expect((error as CaduceusError).code).toBe('CAD-CLUSTER');
    return (error as CaduceusError).message;
  }
  return 'accepted';
}

describe('a cluster description', () => {
  it('is completed from its defaults, and copies get names of their own', () => {
    const cluster = parseCluster(valid);
    expect(cluster.devices.map(({ name, jitter, link }) => [name, jitter, link.latencyMs])).toEqual([
      ['a', 0.05, 5],
      ['b-1', 0, 50],
      ['b-2', 0, 50],
    ]);
    expect(cluster.devices[0]).toMatchObject({ fixedShare: 0.7, memoryBytes: 4 * 2 ** 30, cores: 1 });
    expect(cluster.devices[1]?.link).toEqual({
      upBitsPerSecond: 1e6,
      downBitsPerSecond: 2e6,
      latencyMs: 50,
      lossProbability: 0,
    });
  });

  it('says the same when its complete form is read again', () => {
    const [first] = valid.devices;
    const devices = [...valid.devices, { ...first, name: 'late', delays: { model: [1, 20] } }];
    const once = parseCluster({
      ...valid,
      devices,
      server: { judgeMs: 5 },
      schedule: [{ atSeconds: 5, speeds: { a: 0.5 } }],
      repeatEverySeconds: 10,
    });
    expect(parseCluster(JSON.parse(JSON.stringify(once)))).toEqual(once);
  });

  it.each([
    [
      'the field and its range',
      { devices: [{ name: 'a', samplesPerSecond: 100, jitter: 0.3 }] },
      /devices\.0\.jitter.*0\.25/,
    ],
    ['a speed of nothing', { devices: [{ name: 'a', samplesPerSecond: 0 }] }, /devices\.0\.samplesPerSecond/],
    ['a field that is not known', { devices: [{ name: 'a', samplesPerSecond: 1, speed: 2 }] }, /speed/],
    [
      'a loss that TCP would not survive',
      { link: { ...valid.link, lossProbability: 0.5 } },
      /link\.lossProbability.*0\.3/,
    ],
    ['a judgement in no time at all', { server: { judgeMs: -1 } }, /server\.judgeMs.*0/],
    [
      'a delay of less than nothing',
      { devices: [{ name: 'a', samplesPerSecond: 1, delays: { model: [5, -1] } }] },
      /devices\.0\.delays\.model\.1.*0/,
    ],
    ['no devices', { devices: [] }, /devices/],
    [
      'too many devices',
      {
        devices: [
          { name: 'a', samplesPerSecond: 1, count: 100_000 },
          { name: 'b', samplesPerSecond: 1 },
        ],
      },
      /100001, more than 100000/,
    ],
    [
      'two of a name',
      {
        devices: [
          { name: 'a', samplesPerSecond: 1 },
          { name: 'a', samplesPerSecond: 2 },
        ],
      },
      /two are named a/,
    ],
    ['a model that does not exist', { reference: { batch: 16, model: 'gpt' } }, /reference\.model.*gpt.*mlp-109k/],
    ['a schedule for a stranger', { schedule: [{ atSeconds: 1, speeds: { z: 2 } }] }, /schedule\.0\.speeds.*z/],
    [
      'a schedule that never comes',
      { schedule: [{ atSeconds: 9, speeds: { a: 2 } }], repeatEverySeconds: 5 },
      /schedule\.0\.atSeconds/,
    ],
    ['a fault of a stranger', { faults: [{ kind: 'crash', device: 'z', atSeconds: 1 }] }, /faults\.0\.device.*z/],
    ['a fault of no known kind', { faults: [{ kind: 'flood', device: 'a', atSeconds: 1 }] }, /faults\.0\.kind/],
    ['a pause without an end', { faults: [{ kind: 'pause', device: 'a', atSeconds: 1 }] }, /faults\.0\.forSeconds/],
    [
      'joining twice',
      { faults: [1, 2].map((atSeconds) => ({ kind: 'late-join', device: 'a', atSeconds })) },
      /joins twice/,
    ],
    [
      'nobody at the start',
      { devices: [{ name: 'a', samplesPerSecond: 1 }], faults: [{ kind: 'late-join', device: 'a', atSeconds: 1 }] },
      /every device joins late/,
    ],
    ['no source', { source: '' }, /source/],
  ])('is refused for %s', (_, change, complaint) => {
    expect(complaintOf(change)).toMatch(complaint);
  });
});
