/** What a window is told of an experiment before it is started. */
import { afterAll, describe, expect, test } from 'vitest';
import { TestDesk } from './test-desk.fixture.ts';

const own = new TestDesk();
const { home, call, simulated } = own;
afterAll(() => own.close());

describe('an experiment that is being typed', () => {
  const validate = (config: Record<string, unknown>) => call('experiment.validate', { config: config as never });
  const paths = async (config: Record<string, unknown>): Promise<string[]> =>
    (await validate(config)).issues.filter(({ severity }) => severity === 'error').map(({ path }) => path);

  test('is completed when nothing is wrong with it, with what it would cost', async () => {
    const { config, issues, options, estimate } = await validate({ policy: 'hermes', workers: { local: 1 } });
    expect(issues).toEqual([]);
    expect(config).toMatchObject({ policy: 'hermes', model: 'mlp-109k', batch: 16 });
    expect(options).toHaveProperty('alpha');
    expect(estimate.parameters).toBe(109_386);
    expect(estimate.updateBytes).toBeGreaterThan(4 * 109_386);
  });

  test('names every field that is wrong, with what would do', async () => {
    const { issues } = await validate({
      policy: 'bsp',
      batch: 0,
      learningRate: -1,
      stop: { targetAccuracy: 3 },
      surplus: 1,
    });
    expect(issues.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['batch', 'learningRate', 'stop.targetAccuracy', '']),
    );
    expect(issues.find(({ path }) => path === 'batch')?.range).toBe('at least 1');
    expect(await paths({ policy: 'nonsense' })).toEqual(['policy']);
    expect(await paths({ policy: 'hermes', options: { alpha: 99, beta: 99, nonsense: 1 } })).toEqual([
      'options.alpha',
      'options.beta',
      'options.nonsense',
    ]);
    expect(await paths({ policy: 'bsp', model: 'nonsense', dataset: { name: 'nonsense' } })).toEqual([
      'model',
      'dataset.name',
    ]);
    expect(await paths({ policy: 'bsp', dataset: { name: 'mnist' } })).toEqual(['dataset.dataDir']);
    expect(await paths({ policy: 'bsp', dataset: { name: 'cifar10', dataDir: '/none' } })).toEqual(['model']);
    expect(await paths({ policy: 'bsp', validationRows: 900, dataset: { name: 'digits', trainRows: 900 } })).toEqual([
      'validationRows',
    ]);
    expect(await paths({ policy: 'bsp', workers: { devices: ['nowhere'] } })).toEqual(['workers.devices']);
    expect(await paths({ policy: 'bsp', seed: 1e99 })).toEqual(['seed']);
  });

  test('tells of the rest what it would be while a field is wrong', async () => {
    const typed = { policy: 'hermes', batch: 'a few', momentum: 2, workers: { local: 1 } };
    const { config, issues, options, estimate } = await validate(typed);
    expect(config).toBeNull();
    expect(issues.map(({ path }) => path)).toEqual(['batch', 'momentum']);
    expect(options).toHaveProperty('alpha');
    expect(estimate).toMatchObject({ parameters: 109_386, trainRows: expect.any(Number) as number });
    const other = await validate({ ...typed, model: '', encoding: 'none', validationRows: -1, policy: 'nonsense' });
    expect(other.issues.map(({ path }) => path).sort()).toEqual(
      ['batch', 'encoding', 'model', 'momentum', 'policy', 'validationRows'].sort(),
    );
    expect(other.estimate).toEqual({ parameters: null, updateBytes: null, modelBytes: null, trainRows: null });
  });

  test('may bring its own model, which is trained like a preset', async () => {
    const modelSpec = {
      name: 'mine',
      input: [28, 28, 1],
      classes: 10,
      layers: [{ type: 'flatten' }, { type: 'dense', units: 10, activation: 'linear' }],
    };
    const { config, estimate } = await validate({ policy: 'bsp', modelSpec });
    expect([config?.model, estimate.parameters]).toEqual(['mine', 7850]);
    expect(await paths({ policy: 'bsp', modelSpec: { ...modelSpec, name: 'mlp-109k' } })).toEqual(['modelSpec']);
    expect(await paths({ policy: 'bsp', modelSpec: { ...modelSpec, classes: 9 } })).toEqual(['modelSpec']);
    const run = await simulated({ policy: 'bsp', modelSpec });
    expect(await call('runs.find', { run })).toMatchObject({
      parameters: 7850,
      config: { model: 'mine' },
      status: 'completed',
    });
  });

  test('shows its rows: pictures, how classes are spread, who would get which', async () => {
    const preview = await call('experiment.previewDataset', {
      dataset: { name: 'digits', trainRows: 500, testRows: 20 },
      validationRows: 100,
      samples: 12,
      workers: [
        { name: 'fast', weight: 3 },
        { name: 'slow', weight: 1 },
      ],
    });
    expect(preview.rows).toEqual({ train: 400, validation: 100, test: 20 });
    expect(preview.samples).toHaveLength(12);
    for (const { image, label } of preview.samples) {
      const bytes = Buffer.from(image.replace('data:image/png;base64,', ''), 'base64');
      expect(bytes.subarray(1, 4).toString('latin1')).toBe('PNG');
      expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([28, 28]);
      expect(label).toBeLessThan(10);
    }
    const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
    expect(sum(preview.histogram)).toBe(400);
    expect(preview.partition.map(({ worker, rows }) => [worker, rows])).toEqual([
      ['fast', 300],
      ['slow', 100],
    ]);
    const together = preview.histogram.map((_, label) =>
      sum(preview.partition.map(({ histogram }) => histogram[label] ?? 0)),
    );
    expect(together).toEqual(preview.histogram);
  });

  test('says of a data set that is not there what is missing, and where it is looked for', async () => {
    const answer = await own.bridge.call('experiment.previewDataset', { dataset: { name: 'mnist', dataDir: home } });
    expect(answer).toMatchObject({ ok: false, error: { code: 'CAD-DATASET-MISSING' } });
    await call('settings.update', { change: { dataDirectory: home } });
    const { datasets } = await call('app.catalogue', {});
    await call('settings.update', { change: { dataDirectory: null } });
    const mnist = datasets.find(({ name }) => name === 'mnist');
    expect(mnist).toMatchObject({ available: false, problem: { code: 'CAD-DATASET-MISSING' } });
    expect(mnist?.problem?.message).toContain(home);
  });

  test('reads clusters with the fields that are wrong, and never a path', async () => {
    const whole = await call('experiment.readCluster', { cluster: 'hermes-6' });
    expect(whole.cluster?.devices).toHaveLength(6);
    const { cluster, issues } = await call('experiment.readCluster', {
      cluster: { ...(whole.cluster as object), devices: [{ name: 'a', samplesPerSecond: -1 }] },
    });
    expect(cluster).toBeNull();
    expect(issues.map(({ path }) => path)).toContain('devices.0.samplesPerSecond');
    for (const path of ['/etc/passwd', '../x.json', 'a/b']) {
      expect(await own.bridge.call('experiment.readCluster', { cluster: path })).toMatchObject({
        ok: false,
        error: { code: 'CAD-CALL' },
      });
    }
  });
});
