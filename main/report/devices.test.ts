import { describe, expect, test } from 'vitest';
import { parseCluster } from '../core/cluster.ts';
import type { WorkerLink } from '../core/metrics.ts';
import { devicesOf, networkSummary } from './devices.ts';
import { FORMATS } from './formats.ts';
import { withoutHosts } from './privacy.ts';
import { repetitionOf } from './repeat.ts';
import type { RunStory } from './story.ts';
import { syntheticStory } from './synthetic-run.fixture.ts';

const context = { generatedAt: '2026-11-21T15:00:00.000Z', version: '0.1.0' };
const LINKS: readonly WorkerLink[] = [
  { path: 'tailnet', address: '100.64.0.12', tls: false },
  { path: 'lan', address: 'fd00:ab::12', tls: true },
];
const CLUSTER = parseCluster({
  name: 'two',
  source: 'described by hand',
  reference: { batch: 16 },
  link: { upBitsPerSecond: 5e6, downBitsPerSecond: 2e7, latencyMs: 12 },
  devices: [
    { name: 'jetson', samplesPerSecond: 300 },
    { name: 'nuc', samplesPerSecond: 100, link: { latencyMs: 80, lossProbability: 0.01 } },
  ],
});

function connected(): RunStory {
  const story = syntheticStory({ names: ['jetson', 'nuc'], speeds: [300, 100] });
  const config = { ...story.run.config, server: { host: '100.64.0.1', port: 7077, tls: 'auto' as const } };
  const workers = story.workers.map((record, index) => ({
    ...record,
    profile: { ...record.profile, architecture: 'arm64' },
    ...(LINKS[index] && { link: LINKS[index] }),
  }));
  return { ...story, run: { ...story.run, config }, workers };
}

function simulated(source = 'described by hand'): RunStory {
  const story = connected();
  const workers = story.workers.map(({ link: _link, ...record }) => record);
  return { ...story, workers, simulation: { cluster: { ...CLUSTER, source }, timingOnly: true } };
}

function written(story: RunStory, format: keyof typeof FORMATS): string {
  const files = FORMATS[format].render([story], 'r', context);
  return files
    .map(({ content }) => content)
    .join('\n')
    .replaceAll(/[\u00a0~]/g, ' ');
}

describe('the devices of a run', () => {
  test.each(Object.keys(FORMATS) as (keyof typeof FORMATS)[])(
    'are in %s: engine, cores, memory, architecture, platform, speed, throttle, network path, TLS',
    (format) => {
      const text = written(connected(), format);
      for (const fact of [
        /arm64/,
        /linux/,
        /wasm/,
        /CPU quota 20 ?\\?%/,
        /4\.00 GB|4000000000/,
        /300/,
        /tailnet/,
        /lan|local network/,
      ])
        expect(text).toMatch(fact);
      expect(text).toMatch(
        { html: /no TLS/, md: /no TLS/, tex: /no TLS/, csv: /tailnet,false/, json: /"tls": false/ }[format],
      );
    },
  );

  test.each(Object.keys(FORMATS) as (keyof typeof FORMATS)[])(
    'have their addresses in %s only where hosts were asked for',
    (format) => {
      expect(written(connected(), format)).toMatch(/100\.64\.0\.12/);
      expect(written(connected(), format)).toMatch(/fd00:ab::12/);
      expect(written(withoutHosts(connected()), format)).not.toMatch(/100\.64|fd00|jetson|nuc/);
    },
  );

  test('that joined again are there once, as they were last', () => {
    const story = connected();
    const [first] = story.workers;
    if (first === undefined) throw new RangeError('somebody joined');
    const again = { ...first, incarnation: 2, link: { path: 'internet', address: '203.0.113.9', tls: true } as const };
    const devices = devicesOf({ ...story, workers: [...story.workers, again] });
    expect(devices.map(({ name, link }) => [name, link?.path])).toEqual([
      ['jetson', 'internet'],
      ['nuc', 'lan'],
    ]);
  });

  test('that are simulated have the links of their cluster', () => {
    expect(written(simulated(), 'html')).toContain('simulated: 5 Mbit/s up, 20 Mbit/s down, 80 ms, 1 % lost');
  });
});

test('the network of a run is told in a line, with the door of the server only where hosts were asked for', () => {
  const ways = '1 device by tailnet without TLS, 1 device by local network with TLS'.replaceAll('1 ', '1\u00a0');
  expect(networkSummary(connected())).toBe(`${ways}, the server listened on 100.64.0.1, port 7077`);
  expect(networkSummary(withoutHosts(connected()))).toBe(ways);
  expect(networkSummary(simulated())).toBe('simulated links, as in the table of devices');
});

describe('privacy of how a run is repeated', () => {
  test('no format says where the server listened, unless hosts were asked for', () => {
    expect(repetitionOf(connected()).files[0]?.content).toMatchObject({ server: { host: '100.64.0.1' } });
    expect(repetitionOf(withoutHosts(connected())).files[0]?.content).not.toHaveProperty('server.host');
  });

  test('simulated devices keep their names; those that were measured on somebody’s machines do not', () => {
    expect(withoutHosts(simulated())).toEqual(simulated());
    const measured = withoutHosts(simulated('Measured in run r-1 (hermes)'));
    for (const format of Object.keys(FORMATS) as (keyof typeof FORMATS)[])
      expect(written(measured, format)).not.toMatch(/jetson|nuc/);
    expect(repetitionOf(simulated())).toMatchObject({ exact: true });
    expect(repetitionOf(measured)).toMatchObject({ exact: false });
    const renamed = repetitionOf(measured).files.find(({ holds }) => holds === 'cluster')?.content;
    expect(parseCluster(renamed).devices.map(({ name }) => name)).toEqual(['device-1', 'device-2']);
  });

  test('a device that is called as others are numbered stays another one', () => {
    const story = syntheticStory({ names: ['secret', 'device-1'], speeds: [300, 100] });
    expect(devicesOf(withoutHosts(story)).map(({ name }) => name)).toEqual(['device-1', 'device-2']);
  });
});

describe('how a run is repeated', () => {
  test('a simulation whose cluster was not kept says so', () => {
    const story = syntheticStory();
    const result = story.run.result && { ...story.run.result, virtual: true };
    const old = repetitionOf({ ...story, run: { ...story.run, result } });
    expect(old).toMatchObject({
      exact: false,
      command: expect.stringContaining('simulate --cluster CLUSTER.json') as string,
    });
    expect(old.notes.join(' ')).toContain('was not kept');
  });

  test('a cluster that is too long for a page is in the JSON report alone, and the page says so', () => {
    const devices = Array.from({ length: 2000 }, (_, index) => ({ name: `d${index}`, samplesPerSecond: 100 + index }));
    const cluster = parseCluster({ ...CLUSTER, devices });
    const story = { ...simulated(), simulation: { cluster, timingOnly: false } };
    for (const format of ['html', 'md', 'tex'] as const) {
      expect(written(story, format)).toContain('describes 2,000 devices');
      expect(written(story, format).length).toBeLessThan(400_000);
    }
    expect(written(story, 'json')).toContain('"d1999"');
  });
});
