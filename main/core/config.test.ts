import { describe, expect, it } from 'vitest';
import { parseRunConfig } from './config.ts';
import { CaduceusError } from './errors.ts';

function refusal(input: unknown): CaduceusError {
  try {
    parseRunConfig(input);
  } catch (error) {
    if (error instanceof CaduceusError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

const changed = (path: string, value: unknown): unknown => {
  const config: Record<string, unknown> = { policy: 'bsp' };
  const keys = path.split('.');
  let place = config;
  for (const key of keys.slice(0, -1)) place = place[key] = (place[key] ?? {}) as Record<string, unknown>;
  place[keys.at(-1)!] = value;
  return config;
};

describe('run settings', () => {
  it('need no more than a policy', () => {
    expect(parseRunConfig({ policy: 'hermes' })).toMatchObject({
      policy: 'hermes',
      options: {},
      model: 'mlp-109k',
      dataset: { name: 'digits' },
      seed: 1,
      batch: 16,
      learningRate: 0.1,
      momentum: 0,
      encoding: 'f32',
      stop: { maxSeconds: 600 },
      workers: { local: 4, devices: [] },
      server: { port: 0, tls: 'auto' },
    });
  });

  it('given in part have their other defaults', () => {
    const config = parseRunConfig({
      policy: 'bsp',
      stop: { targetAccuracy: 0.9 },
      workers: {},
      dataset: {},
      server: {},
    });
    expect(config.stop).toEqual({ targetAccuracy: 0.9, maxSeconds: 600 });
    expect([config.workers.local, config.dataset.name, config.server.tls]).toEqual([4, 'digits', 'auto']);
  });

  it('that name devices have no local workers unless they say so', () => {
    const workersOf = (workers: object): unknown => parseRunConfig({ policy: 'bsp', workers }).workers;
    expect(workersOf({ devices: ['pi', 'tag:attic'] })).toEqual({ local: 0, devices: ['pi', 'tag:attic'] });
    expect(workersOf({ local: 2, devices: ['all'] })).toEqual({ local: 2, devices: ['all'] });
  });

  it('never make the server listen on every interface', () => {
    for (const host of ['0.0.0.0', '::', '[::]', '::0', '*', '0']) {
      expect(refusal({ policy: 'bsp', server: { host } }).message).toContain('server.host');
    }
  });

  it('come back from JSON as they were', () => {
    const config = parseRunConfig({ policy: 'bsp', options: { alpha: -1, search: 'dual', restore: true } });
    expect(parseRunConfig(JSON.parse(JSON.stringify(config)))).toEqual(config);
  });

  it.each([
    ['policy', undefined],
    ['policy', ''],
    ['seed', -1],
    ['seed', 1.5],
    ['seed', 2 ** 53],
    ['batch', 0],
    ['batch', '16'],
    ['learningRate', 0],
    ['learningRate', NaN],
    ['learningRate', Infinity],
    ['momentum', 1],
    ['momentum', -0.1],
    ['encoding', 'f64'],
    ['validationRows', -5],
    ['evaluateEveryMs', -1],
    ['stop.targetAccuracy', 0],
    ['stop.targetAccuracy', 1.01],
    ['stop.targetAccuracy', 95],
    ['stop.maxSeconds', 0],
    ['stop.maxIterations', 0],
    ['workers.local', 0],
    ['workers.local', 257],
    ['workers.speeds', []],
    ['workers.speeds', [1, 0]],
    ['workers.engine', 'gpu'],
    ['workers.devices', ['']],
    ['server.tls', 'never'],
    ['server.port', 65_536],
    ['server.port', -1],
    ['dataset.trainRows', 0],
    ['options', { alpha: null }],
    ['joinGraceMs', 0],
    ['checkpointEveryMs', 0.5],
    ['colour', 'blue'],
    ['stop.maxHours', 1],
  ])('with %s = %o are CAD-CONFIG, which names the setting', (path, value) => {
    const { code, message } = refusal(changed(path, value));
    expect(code).toBe('CAD-CONFIG');
    expect(message).toContain(path.split('.').at(-1)!);
  });

  it('with several mistakes name them all', () => {
    const { message } = refusal({ policy: 'bsp', seed: -1, batch: 0, stop: { maxSeconds: -1 } });
    for (const name of ['seed', 'batch', 'stop.maxSeconds']) expect(message).toContain(name);
  });

  it('that are no settings at all are refused as such', () => {
    for (const input of [undefined, null, 'bsp', 1, []]) expect(refusal(input).code).toBe('CAD-CONFIG');
  });
});
