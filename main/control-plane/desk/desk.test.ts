import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CallInput } from '../../core/api.ts';
import { SMALL, TestDesk } from './test-desk.fixture.ts';

const own = new TestDesk();
const { home, call, ended, simulated } = own;
afterAll(() => own.close());

describe('runs', () => {
  let first: string;
  let second: string;

  beforeAll(async () => {
    first = await simulated({ policy: 'hermes', name: 'Tuesday' });
    second = await simulated({ policy: 'bsp', seed: 2 });
  }, 60_000);

  test('are listed newest first, page by page', async () => {
    const page = await call('runs.list', { limit: 1 });
    expect(page).toMatchObject({
      runs: [{ run: second, policy: 'bsp', virtual: true, live: false, status: 'completed' }],
      more: true,
    });
    const next = await call('runs.list', { limit: 1, before: second });
    expect(next.runs[0]).toMatchObject({ run: first, name: 'Tuesday' });
    expect(next.runs[0]?.bytes).toBeGreaterThan(0);
  });

  test('look the same from their records as they did when they were watched', async () => {
    const watched = await call('runs.open', { run: first });
    const kept = join(home, 'runs', first, 'picture.json');
    expect(existsSync(kept)).toBe(true);
    rmSync(kept);
    const folded = await call('runs.open', { run: first });
    expect(folded.picture).toEqual(watched.picture);
    expect(existsSync(kept)).toBe(true);
    writeFileSync(kept, '{"format":1');
    expect((await call('runs.open', { run: first })).picture).toEqual(watched.picture);
    const { result } = folded.detail;
    expect(folded.picture.sums).toMatchObject({ samples: result?.samples, iterations: result?.iterations });
    expect(folded.picture.workers.map(({ name }) => name).sort()).toEqual(result?.workers.map(({ name }) => name));
  });

  test('give their records as pages for tables', async () => {
    const all = await call('runs.records', { run: first, table: 'iteration', limit: 5 });
    expect(all.records).toHaveLength(5);
    const { result } = await call('runs.find', { run: first });
    expect(all.total).toBeGreaterThanOrEqual(result?.iterations ?? Infinity);
    const [worker] = result?.workers ?? [];
    const own = await call('runs.records', { run: first, table: 'iteration', worker: worker?.name ?? '', limit: 2 });
    expect(own.records.every((record) => 'worker' in record && record.worker === worker?.name)).toBe(true);
  });

  test('are renamed; removed, and restored; for good only when the program ends', async () => {
    expect((await call('runs.rename', { run: second, name: 'Wednesday' })).name).toBe('Wednesday');
    await call('runs.remove', { runs: [first, second] });
    const listed = (await call('runs.list', {})).runs.map(({ run }) => run);
    expect(listed).not.toContain(first);
    await call('runs.restore', { runs: [first, second] });
    const third = await simulated({ policy: 'asp' });
    await call('runs.remove', { runs: [third] });
    await own.desk.close();
    own.open();
    const after = (await call('runs.list', {})).runs.map(({ run }) => run);
    expect(after).toEqual(expect.arrayContaining([first, second]));
    expect(after).not.toContain(third);
    expect(existsSync(join(home, 'runs', third))).toBe(false);
  });

  test('are compared, with the settings in which they differ', async () => {
    const { rows, differences, reference } = await call('comparisons.ofRuns', { runs: [first, second] });
    expect(rows.map(({ run, policy, label }) => [run, policy, label])).toEqual([
      [first, 'hermes', 'Tuesday'],
      [second, 'bsp', 'Wednesday'],
    ]);
    expect(differences.find(({ path }) => path === 'seed')?.values).toEqual(['1', '2']);
    expect(differences.map(({ path }) => path)).not.toContain('batch');
    expect(differences.map(({ path }) => path)).not.toContain('cluster');
    expect(rows.map(({ virtual, speedup }) => [virtual, speedup])).toEqual([
      [true, null],
      [true, null],
    ]);
    expect((await call('runs.find', { run: first })).timingOnly).toBe(true);
    const elsewhere = await simulated({ policy: 'bsp', stop: { targetAccuracy: 0.05, maxSeconds: 60 } }, 'adsp-3');
    const apart = await call('comparisons.ofRuns', { runs: [first, elsewhere] });
    expect(apart.differences.find(({ path }) => path === 'cluster')?.values).toEqual(['hermes-6', 'adsp-3']);
    // Another target, so no ratio of times to it.
    expect(apart.rows[0]?.speedup).toBeNull();
    expect(reference).toBeNull();
    const { text } = await call('comparisons.table', { of: { runs: [first, second] }, format: 'md' });
    expect(text).toContain('Tuesday');
  });

  const report = async (run: string, formats: CallInput<'runs.report'>['formats']) => {
    const { job } = await call('runs.report', { runs: [run], formats });
    const { outcome, error } = await ended(job);
    if (outcome?.kind !== 'file') throw new Error(error?.message);
    return outcome;
  };

  test('are reported on in one format as a file to fetch, in several as one ZIP of them', async () => {
    const formats = ['html', 'csv', 'json', 'md', 'tex'] as const;
    const { file, contents } = await report(first, [...formats]);
    expect(file).toMatchObject({ name: `report-${first}.zip`, mediaType: 'application/zip' });
    expect(new Set(contents.map((name) => name.split('.').at(-1)))).toEqual(new Set(formats));
    expect(own.desk.files.find(file.id).path).toBe(file.path);
    expect(statSync(file.path).size).toBe(file.bytes);
    const alone = await report(first, ['md']);
    expect(alone).toMatchObject({ file: { name: `report-${first}.md` }, contents: [`report-${first}.md`] });
    expect(() => own.desk.files.find('../../etc/passwd')).toThrow('no such file');
  });

  test('replay their decisions', async () => {
    const { job } = await call('runs.replay', { run: first });
    expect((await ended(job)).outcome).toMatchObject({ kind: 'replay', firstDifference: null });
  });

  test('that are not trained here cannot be steered', async () => {
    for (const name of ['runs.stop', 'runs.pause', 'runs.continue'] as const) {
      expect(await own.bridge.call(name, { run: first })).toMatchObject({
        ok: false,
        error: { code: 'CAD-RUN-NOT-LIVE' },
      });
    }
  });
});

describe('a run that trains', () => {
  test('is paused, goes on, and is stopped; its channel says so', async () => {
    const { job } = await call('runs.simulate', {
      cluster: 'hermes-6',
      timingOnly: true,
      config: { ...SMALL, policy: 'asp', stop: { maxSeconds: 1e6 } },
    });
    const { outcome } = await ended(job);
    if (outcome?.kind !== 'run') throw new Error('not started');
    const { run } = outcome;
    const states: string[] = [];
    let ticks = 0;
    own.bridge.subscribe(
      'run',
      { run },
      {
        next: (message) => {
          const said = message as { kind: string; detail?: { status: string; live: boolean } };
          if (said.kind === 'tick') ticks += 1;
          else states.push(`${said.detail?.status} ${said.detail?.live}`);
        },
        end: () => undefined,
      },
    );
    expect(own.desk.liveRuns).toEqual([run]);
    expect(await own.bridge.call('runs.remove', { runs: [run] })).toMatchObject({
      ok: false,
      error: { code: 'CAD-RUN-UNFINISHED' },
    });
    await call('runs.pause', { run });
    await new Promise((resolve) => setTimeout(resolve, 300));
    const before = ticks;
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(ticks).toBe(before);
    await call('runs.continue', { run });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(ticks).toBeGreaterThan(before);
    await call('runs.stop', { run });
    while ((await call('runs.find', { run })).live) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(states.at(-1)).toBe('interrupted false');
  });
});

describe('a comparison by simulation', () => {
  test('tells runs as they end, and gives the table in the end', async () => {
    const variants = [{ policy: 'bsp' }, { policy: 'asp', label: 'free' }];
    const { job } = await call('comparisons.simulate', {
      cluster: 'hermes-6',
      config: SMALL,
      variants,
      seeds: 2,
      timingOnly: true,
    });
    const told: string[] = [];
    own.bridge.subscribe(
      'comparison',
      { job },
      {
        next: (message) =>
          told.push(
            ...(message as { runs: { policy: string; seed: number }[] }).runs.map(
              ({ policy, seed }) => `${policy} ${seed}`,
            ),
          ),
        end: () => undefined,
      },
    );
    const { outcome, error } = await ended(job);
    if (outcome?.kind !== 'comparison') throw new Error(error?.message);
    expect(outcome.comparison.rows.map(({ policy }) => policy)).toEqual(['solo', 'ideal', 'bsp', 'free']);
    expect(told.sort()).toEqual(['bsp 1', 'bsp 2', 'free 1', 'free 2', 'ideal 1', 'ideal 2', 'solo 1', 'solo 2']);
    expect((await call('comparisons.table', { of: { job }, format: 'csv' })).text).toContain('free');
  }, 60_000);

  test('is cancelled, and everything that it started ends', async () => {
    const { job } = await call('comparisons.simulate', {
      cluster: 'hermes-12',
      config: { ...SMALL, stop: { maxSeconds: 1e6 } },
      seeds: 3,
      timingOnly: true,
    });
    await new Promise((resolve) => setTimeout(resolve, 500));
    await call('jobs.cancel', { job });
    expect(await ended(job)).toMatchObject({ state: 'cancelled', error: null, outcome: null });
  }, 60_000);
});

describe('devices', () => {
  test('are added, told of, looked at as a job, removed and taken back', async () => {
    const told: string[][] = [];
    own.bridge.subscribe(
      'devices',
      {},
      {
        next: (list) => told.push((list as { name: string }[]).map(({ name }) => name)),
        end: () => undefined,
      },
    );
    // Nobody listens at port 1 of the loopback.
    const [device] = await call('devices.add', { devices: [{ name: 'shelf', address: '127.0.0.1', port: 1 }] });
    expect(device).toMatchObject({ name: 'shelf', state: 'new', facts: null });
    const id = device?.id ?? '';
    const wrong = await own.bridge.call('devices.add', { devices: [{ address: 'no host name' }] });
    expect(wrong).toMatchObject({ ok: false, error: { code: 'CAD-DEVICE-INVALID' } });
    const { job } = await call('devices.probe', { devices: [id] });
    const { outcome, state } = await ended(job);
    expect(state).toBe('done');
    expect(outcome).toMatchObject({
      kind: 'devices',
      summary: { devices: [{ id, ok: false, error: { code: 'CAD-SSH-REACH' } }] },
    });
    await call('devices.remove', { devices: [id] });
    expect(await call('devices.list', {})).toEqual([]);
    await call('devices.restore', { devices: [id] });
    expect((await call('devices.list', {})).map(({ name }) => name)).toEqual(['shelf']);
    await call('devices.remove', { devices: [id] });
    expect(told[0]).toEqual(['shelf']);
  }, 60_000);
});
