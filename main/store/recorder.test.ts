import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { parseRunConfig } from '../core/config.ts';
import type { CaduceusError } from '../core/errors.ts';
import type { RunRecord } from '../core/metrics.ts';
import { PUSH_REASONS } from '../core/policy/policy.ts';
import { connect, openDatabase } from './database.ts';
import { RECORD_KINDS, type RecordKind } from './record-tables.ts';
import { BatchRecorder, MAX_QUEUED_ROWS } from './recorder.ts';
import { openStore, type Store } from './runs.ts';

const count = fc.nat();
/** Any double but -0, which SQLite keeps as 0. */
const measure = fc.double().map((value) => value + 0);
const words = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('<script>', `'); DROP TABLE runs; --`, 'a\0b', ''),
);
const optional = <T>(name: string, value: fc.Arbitrary<T>): fc.Arbitrary<Record<string, T>> =>
  fc.option(
    value.map((held) => ({ [name]: held })),
    { nil: {} },
  );
const merged = (...parts: fc.Arbitrary<object>[]): fc.Arbitrary<object> =>
  fc.tuple(...parts).map((all) => Object.assign({}, ...all) as object);
const openShape = fc.dictionary(
  fc.string({ minLength: 1 }).filter((key) => !key.startsWith('_') && key !== '$number'),
  measure,
);

const anyRecord: { readonly [K in RecordKind]: fc.Arbitrary<object> } = {
  worker: fc.record({
    worker: words,
    incarnation: count,
    profile: merged(
      fc.record({ engine: words, cores: count, architecture: words, platform: words, memoryBytes: fc.maxSafeNat() }),
      optional('samplesPerSecond', measure),
      optional('throttle', words),
    ),
  }),
  iteration: fc.record({
    worker: words,
    pushed: fc.boolean(),
    iteration: merged(
      fc.record({
        clock: count,
        steps: count,
        samples: count,
        batch: count,
        loss: measure,
        computeMs: measure,
        waitMs: measure,
      }),
      optional('probeLoss', measure),
      optional('notes', openShape),
      optional('pushReason', fc.constantFrom(...PUSH_REASONS)),
    ),
  }),
  push: merged(
    fc.record({
      worker: words,
      sequence: count,
      baseVersion: count,
      staleness: count,
      weight: measure,
      outcome: fc.constantFrom('applied', 'dropped'),
      bytes: fc.maxSafeNat(),
    }),
    optional('version', count),
    optional('reason', words),
  ),
  allocation: fc.record({
    worker: words,
    assignment: fc.record({ samples: count, batch: count, epochs: count }),
    reason: words,
  }),
  evaluation: fc.record({
    version: count,
    split: fc.constantFrom('validation', 'test'),
    loss: measure,
    accuracy: measure,
    rows: count,
    iterations: count,
    samples: count,
    bytes: fc.maxSafeNat(),
  }),
  traffic: fc.record({
    traffic: fc.record({ model: count, update: count, data: count, control: fc.maxSafeNat() }),
    iterations: count,
    counterfactual: fc.maxSafeNat(),
  }),
  incident: merged(
    fc.record({ level: fc.constantFrom('info', 'error'), what: fc.constantFrom('lost', 'target'), text: words }),
    optional('worker', words),
  ),
  decision: fc.record({
    event: fc.record({ type: fc.constant('evaluated'), nowMs: measure, loss: measure, nested: openShape }),
    commands: fc.array(fc.record({ type: fc.constant('stop'), reason: words })),
  }),
};
const records = fc.array(
  fc.oneof(
    ...RECORD_KINDS.map((kind) => merged(fc.record({ type: fc.constant(kind), atMs: measure }), anyRecord[kind])),
  ),
  { maxLength: 40 },
) as unknown as fc.Arbitrary<RunRecord[]>;

let home: string;
let store: Store;
let run: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'caduceus-recorder-'));
  store = openStore(home);
  run = newRun();
});
afterEach(() => {
  vi.useRealTimers();
  store.close();
  rmSync(home, { recursive: true, force: true });
});

function newRun(): string {
  return store.createRun({
    config: parseRunConfig({ policy: 'bsp' }),
    options: {},
    environment: { caduceus: '0', node: '0', system: 'test', cpus: 1, engine: 'none' },
  });
}
const incident = (index: number): RunRecord => ({
  type: 'incident',
  atMs: index,
  level: 'info',
  what: 'joined',
  text: '',
});
const storedIncidents = (): number => {
  const reader = connect(join(home, 'caduceus.sqlite'), 0);
  const { n } = reader.prepare('SELECT count(*) AS n FROM incidents').get() as { n: number };
  reader.close();
  return n;
};

describe('records', () => {
  test('any record of any kind comes back as it went in, in order, whatever numbers and text it holds', () => {
    fc.assert(
      fc.property(records, (written) => {
        run = newRun();
        const recorder = store.recorder(run);
        for (const record of written) recorder.record(record);
        recorder.close();
        for (const kind of RECORD_KINDS) {
          expect([...store.records(run, kind)]).toEqual(written.filter(({ type }) => type === kind));
        }
      }),
      { numRuns: 60 },
    );
  });

  test('N records in, N rows out, across batches', () => {
    const recorder = store.recorder(run);
    for (let index = 0; index < 12_345; index++) recorder.record(incident(index));
    recorder.close();
    expect(storedIncidents()).toBe(12_345);
  });

  test('a recorder that is opened again goes on behind the last record', () => {
    for (const from of [0, 2]) {
      const recorder = store.recorder(run);
      for (const index of [from, from + 1]) recorder.record(incident(index));
      recorder.close();
    }
    expect([...store.records(run, 'incident')].map(({ atMs }) => atMs)).toEqual([0, 1, 2, 3]);
  });

  test('two runs that record at once do not mix', () => {
    const other = newRun();
    for (let index = 0; index < 3000; index++) store.recorder(index % 3 === 0 ? other : run).record(incident(index));
    expect([...store.records(other, 'incident')]).toHaveLength(1000);
    expect([...store.records(run, 'incident')].every(({ atMs }) => atMs % 3 !== 0)).toBe(true);
  });
});

describe('batches', () => {
  test('a slow run is written a quarter of a second later, a fast one every 1000 rows', () => {
    vi.useFakeTimers();
    const recorder = store.recorder(run);
    recorder.record(incident(0));
    expect(storedIncidents()).toBe(0);
    vi.advanceTimersByTime(250);
    expect(storedIncidents()).toBe(1);
    for (let index = 0; index < 1000; index++) recorder.record(incident(index));
    expect(storedIncidents()).toBe(1001);
  });

  test('records of a finished run are all there, and more are a mistake', () => {
    const recorder = store.recorder(run);
    recorder.record(incident(0));
    store.finish(run, { status: 'completed' });
    expect(storedIncidents()).toBe(1);
    expect(() => recorder.record(incident(1))).toThrow('closed');
  });
});

describe('a disk that is full', () => {
  test('records wait, the trouble is told once, overflow is counted, and all that waited is written when there is space', () => {
    vi.useFakeTimers();
    const path = join(home, 'caduceus.sqlite');
    const database = openDatabase(path);
    const troubles: CaduceusError[] = [];
    const recorder = new BatchRecorder(
      database,
      path,
      1,
      { onTrouble: (error) => troubles.push(error) },
      () => undefined,
    );
    database.exec('PRAGMA max_page_count = 1'); // SQLite clamps this to the pages there are: no room for more
    for (let index = 0; index < 5000; index++) recorder.record(incident(index));
    vi.advanceTimersByTime(10_000);
    expect(troubles.map(({ code }) => code)).toEqual(['CAD-OUTPUT']);
    expect(() => recorder.flush()).toThrow(expect.objectContaining({ code: 'CAD-OUTPUT' }));
    expect(storedIncidents()).toBeLessThan(1000);

    for (let index = 5000; index < MAX_QUEUED_ROWS + 1003; index++) recorder.record(incident(index));
    expect(recorder.lostRecords).toBe(MAX_QUEUED_ROWS + 1003 - MAX_QUEUED_ROWS - storedIncidents());

    database.exec('PRAGMA max_page_count = 1000000');
    vi.advanceTimersByTime(1000);
    expect(storedIncidents()).toBe(MAX_QUEUED_ROWS + 1003 - recorder.lostRecords);
    expect(store.findRun(run).lostRecords).toBe(recorder.lostRecords);
    recorder.record(incident(0));
    recorder.flush();
    expect(store.findRun(run).lostRecords).toBe(recorder.lostRecords); // counted once, not with every batch
    recorder.close();
    database.close();
  });
});
