import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseRunConfig } from '../core/config.ts';
import type { RunRecord } from '../core/metrics.ts';
import { openStore, type Store } from './runs.ts';

const environment = { caduceus: '0', node: '24', system: 'test', cpus: 1, engine: 'wasm' };
const profile = { engine: 'wasm', cores: 1, architecture: 'x64', platform: 'linux', memoryBytes: 1 };
const RECORDS: RunRecord[] = [
  { type: 'worker', atMs: 0, worker: 'a', incarnation: 1, profile },
  { type: 'incident', atMs: 0, level: 'info', what: 'started', text: 'Training began' },
  { type: 'decision', atMs: 1, event: { type: 'woke', nowMs: 1 }, commands: [] },
  ...Array.from({ length: 40 }, (_, index): RunRecord => {
    const iteration = { clock: index, steps: 1, samples: 1, batch: 1, loss: 1, computeMs: 1, waitMs: 0 };
    return { type: 'iteration', atMs: index, worker: index % 4 === 0 ? 'a' : 'b', pushed: false, iteration };
  }),
  { type: 'worker', atMs: 90, worker: 'b', incarnation: 2, profile },
];

describe('the reader of records', () => {
  let home: string;
  let store: Store;
  let run: string;

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'caduceus-reader-'));
    store = openStore(home);
    run = store.createRun({ config: parseRunConfig({ policy: 'bsp' }), options: {}, environment });
    for (const record of RECORDS) store.recorder(run).record(record);
  });
  afterEach(() => {
    store.close();
    rmSync(home, { recursive: true, force: true });
  });

  test('gives all kinds in the order of their making, what is still queued included', () => {
    expect([...store.reader(run).inOrder()]).toEqual(RECORDS);
  });

  test('gives pages, of all workers or of one, and says how many there are', () => {
    const reader = store.reader(run);
    const page = reader.page({ kind: 'iteration', offset: 38, limit: 10 });
    expect(page.records.map(({ atMs }) => atMs)).toEqual([38, 39]);
    expect(page.total).toBe(40);
    const own = reader.page({ kind: 'iteration', worker: 'a', offset: 1, limit: 2 });
    expect(own.records.map(({ atMs }) => atMs)).toEqual([4, 8]);
    expect(own.total).toBe(10);
    expect(reader.page({ kind: 'evaluation', worker: 'a', offset: 0, limit: 2 })).toEqual({ records: [], total: 0 });
  });

  test('lists runs before one, and renames them', () => {
    const second = store.createRun({ config: parseRunConfig({ policy: 'asp' }), options: {}, environment });
    expect(store.listRuns({ before: second }).map((row) => row.run)).toEqual([run]);
    store.rename(run, 'first try');
    expect(store.findRun(run).name).toBe('first try');
  });
});
