import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseCluster } from '../core/cluster.ts';
import { parseRunConfig } from '../core/config.ts';
import type { RunRecord } from '../core/metrics.ts';
import { prng, uniform } from '../core/prng.ts';
import { connect } from './database.ts';
import { MIGRATIONS } from './migrations.ts';
import { type NewRun, openStore, type Store } from './runs.ts';

const newRun: NewRun = {
  config: parseRunConfig({ policy: 'bsp', seed: 7 }),
  options: { tau: 2 },
  environment: { caduceus: '0.1.0', node: '24.0.0', system: 'linux x64', cpus: 2, engine: 'wasm' },
};
const incident = (index: number): RunRecord => ({
  type: 'incident',
  atMs: index,
  level: 'info',
  what: 'joined',
  text: `${index}`,
});

let home: string;
let open: Store[];

function openHere(): Store {
  const state = prng(1, home, open.length);
  const store = openStore(home, { now: () => new Date('2026-11-21T14:30:55.123Z'), random: () => uniform(state) });
  open.push(store);
  return store;
}

beforeEach(() => {
  home = join(mkdtempSync(join(tmpdir(), 'caduceus-store-')), 'home');
  open = [];
});
afterEach(() => {
  for (const store of open) store.close();
  rmSync(dirname(home), { recursive: true, force: true });
});

describe('a run in the store', () => {
  test('what it was made with and how it ended come back', () => {
    const store = openHere();
    const run = store.createRun({ ...newRun, name: 'first' });
    expect(run).toMatch(/^r-20261121-143055-[2-9b-z]{4}$/);
    store.markStarted(run);
    store.finish(run, { status: 'failed', error: { code: 'CAD-DIVERGED', message: 'm', remedy: 'r' } });
    expect(store.findRun(run)).toEqual({
      run,
      name: 'first',
      status: 'failed',
      createdAt: '2026-11-21T14:30:55.123Z',
      startedAt: '2026-11-21T14:30:55.123Z',
      finishedAt: '2026-11-21T14:30:55.123Z',
      config: newRun.config,
      options: newRun.options,
      environment: newRun.environment,
      result: null,
      error: { code: 'CAD-DIVERGED', message: 'm', remedy: 'r' },
      lostRecords: 0,
    });
  });

  test('what a run was simulated on comes back whole, and goes with it; a run on workers has none', () => {
    const store = openHere();
    const cluster = parseCluster({
      ...{ name: 'one', source: 'by hand', reference: { batch: 16 } },
      link: { upBitsPerSecond: 1e6, downBitsPerSecond: 1e6, latencyMs: 0.1 + 0.2 },
      devices: [{ name: 'd', count: 2, samplesPerSecond: 1 / 3 }],
    });
    const run = store.createRun({ ...newRun, simulation: { cluster, timingOnly: true } });
    const real = store.createRun(newRun);
    store.close();
    const again = openHere();
    expect(again.simulationOf(run)).toEqual({ cluster, timingOnly: true });
    expect(again.simulationOf(real)).toBeNull();
    again.discardRun(run);
    expect(again.createRun(newRun)).not.toBe(run);
    expect(again.listRuns().map((row) => again.simulationOf(row.run))).toEqual([null, null]);
  });

  test('a run of before clusters were kept is read as it was', () => {
    openHere().close();
    const path = join(home, 'caduceus.sqlite');
    const old = connect(path, 0);
    old.exec('DROP TABLE simulations');
    old.exec(`PRAGMA user_version = ${MIGRATIONS.findIndex((step) => step.includes('TABLE simulations'))}`);
    old.close();
    const store = openHere();
    const run = store.createRun(newRun);
    expect(store.simulationOf(run)).toBeNull();
  });

  test('runs are found by identifier, by a beginning, and as latest', () => {
    const store = openHere();
    const ids = Array.from({ length: 8 }, () => store.createRun(newRun));
    expect(store.listRuns().map(({ run }) => run)).toEqual([...ids].reverse());
    expect(store.listRuns({ limit: 2 })).toHaveLength(2);
    expect(store.findRun('latest').run).toBe(ids[7]);
    expect(store.findRun(ids[3] as string).run).toBe(ids[3]);
    expect(store.findRun((ids[3] as string).slice(0, -1)).run).toBe(ids[3]);
    for (const wanted of ['nothing', '', '%', 'r-2026']) {
      expect(() => store.findRun(wanted)).toThrow(
        expect.objectContaining({
          code: 'CAD-RUN-UNKNOWN',
          remedy: expect.stringContaining(ids[7] as string) as unknown,
        }),
      );
    }
  });

  test('an empty store says so when asked for the latest', () => {
    expect(() => openHere().findRun('latest')).toThrow(expect.objectContaining({ code: 'CAD-RUN-UNKNOWN' }));
  });

  test('each run has a directory of its own, inside the home', () => {
    const store = openHere();
    const run = store.createRun(newRun);
    expect(store.runDirectory(run)).toBe(join(home, 'runs', run));
    expect(() => store.runDirectory('../../etc')).toThrow(expect.objectContaining({ code: 'CAD-RUN-UNKNOWN' }));
  });

  test('a resumed run goes on behind its last record', () => {
    const store = openHere();
    const run = store.createRun(newRun);
    store.recorder(run).record(incident(1));
    store.finish(run, { status: 'interrupted' });
    store.reopenRun(run);
    expect(store.findRun(run).status).toBe('running');
    store.recorder(run).record(incident(2));
    expect([...store.records(run, 'incident')]).toEqual([incident(1), incident(2)]);
  });
});

describe('several processes', () => {
  test('a run that a living owner trains stays running and cannot be taken', () => {
    const run = openHere().createRun(newRun);
    const second = openHere();
    expect(second.findRun(run).status).toBe('running');
    expect(() => second.reopenRun(run)).toThrow(expect.objectContaining({ code: 'CAD-RUN-UNFINISHED' }));
  });

  test('a run that its owner closed without finishing is interrupted', () => {
    const first = openHere();
    const run = first.createRun(newRun);
    first.close();
    expect(openHere().findRun(run)).toMatchObject({
      status: 'interrupted',
      finishedAt: null,
      error: { code: 'CAD-INTERRUPTED' },
    });
  });

  test('a process killed while it records leaves a readable store without gaps', async () => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'recording-process.fixture.ts'), home], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const run = await new Promise<string>((resolve, reject) => {
      let said = '';
      child.stdout.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        // Killed somewhere in the middle of writing, after at least some batches.
        if (said.split('\n').length > 30) resolve(said.split('\n')[0] as string);
      });
      child.on('error', reject);
      child.on('exit', () => reject(new Error(`ended too early: ${said}`)));
    });
    const exited = new Promise((resolve) => child.once('exit', resolve));
    expect(openHere().findRun(run).status).toBe('running');
    child.kill('SIGKILL');
    await exited;

    const store = openHere();
    expect(store.findRun(run).status).toBe('interrupted');
    const seen = [...store.records(run, 'incident')].map(({ atMs }) => atMs);
    expect(seen.length).toBeGreaterThanOrEqual(1000);
    expect(seen).toEqual(seen.map((_, index) => index));
    store.createRun(newRun);
  });
});

describe('a database that cannot be used', () => {
  const path = (): string => join(home, 'caduceus.sqlite');

  test('garbage, a foreign database and a newer schema are refused and left as they are', () => {
    openHere().close();
    const refused = (why: string): void => {
      const before = readFileSync(path());
      expect(() => openStore(home)).toThrow(
        expect.objectContaining({
          code: 'CAD-STORE-CORRUPT',
          message: expect.stringContaining(why) as unknown,
          remedy: expect.stringContaining('away') as unknown,
        }),
      );
      expect(readFileSync(path()).equals(before)).toBe(true);
    };
    const database = connect(path(), 0);
    database.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
    database.close();
    refused('newer Caduceus');

    writeFileSync(path(), 'This is a text file and no database, however long it may go on. '.repeat(20));
    refused('damaged');

    writeFileSync(path(), '');
    const foreign = connect(path(), 0);
    foreign.exec('CREATE TABLE songs (title TEXT)');
    foreign.close();
    refused('another program');
  });

  test('a torn page found later is the same refusal, not a crash', () => {
    const store = openHere();
    const run = store.createRun(newRun);
    const recorder = store.recorder(run);
    for (let index = 0; index < 5000; index++) recorder.record(incident(index));
    store.close();
    const bytes = readFileSync(path());
    bytes.fill(0xa5, 3 * 4096, Math.min(bytes.length, 40 * 4096));
    writeFileSync(path(), bytes);
    expect(() => {
      const damaged = openHere();
      for (const { run: id } of damaged.listRuns()) Array.from(damaged.records(id, 'incident'));
    }).toThrow(expect.objectContaining({ code: 'CAD-STORE-CORRUPT' }));
  });

  test('the database is readable by its user alone', () => {
    openHere();
    if (process.platform !== 'win32') expect(statSync(path()).mode & 0o777).toBe(0o600);
  });
});
