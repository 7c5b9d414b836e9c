/** Reports are made in a process of their own: in order, with progress, cancelled with their job, and told of when it dies. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createControlPlane } from '../control-plane.ts';
import type { ControlPlaneApi } from '../core/control-plane-api.ts';
import { syntheticStory } from '../report/synthetic-run.fixture.ts';
import { keepStory } from './kept-story.fixture.ts';
import { sourcePrograms } from './programs.ts';
import { makeElsewhere } from './reporter.ts';

/** A busy host takes its time. */
vi.setConfig({ testTimeout: 60_000 });

let home: string;
let run: string;
let controlPlane: ControlPlaneApi;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'caduceus-reporter-'));
  run = keepStory(home, syntheticStory());
  controlPlane = createControlPlane({ ...process.env, CADUCEUS_HOME: home });
});
afterAll(() => {
  controlPlane.close();
  rmSync(home, { recursive: true, force: true });
});

test('formats come in the order that was asked for, with what is done and what is next', async () => {
  const told: unknown[] = [];
  const written = await controlPlane.writeReports(
    { runs: [run], formats: ['md', 'html'] },
    { onProgress: (...progress) => told.push(progress) },
  );
  expect(written.map((path) => basename(path))).toEqual([`report-${run}.md`, `report-${run}.html`]);
  for (const path of written) expect(readFileSync(path, 'utf8')).toContain(run);
  expect(told).toEqual([
    [0, 2, 'md'],
    [1, 2, 'html'],
    [2, 2, ''],
  ]);
});

test('what cannot be written says so in the words of whoever tried', async () => {
  const directory = join(home, 'a-file');
  writeFileSync(directory, '');
  const written = controlPlane.writeReports({ runs: [run], formats: ['json'], directory });
  await expect(written).rejects.toMatchObject({ code: 'CAD-OUTPUT', message: /a-file/ });
});

test('a report that is cancelled leaves no file', async () => {
  const controller = new AbortController();
  const directory = join(home, 'cancelled');
  const onProgress = (done: number): void => {
    if (done === 0) controller.abort();
  };
  const written = controlPlane.writeReports(
    { runs: [run], formats: ['json'], directory },
    { signal: controller.signal, onProgress },
  );
  await expect(written).rejects.toMatchObject({ code: 'CAD-CANCELLED' });
  expect(() => readFileSync(join(directory, `report-${run}.json`))).toThrow();
});

test('a process that dies is told of', async () => {
  const reports = join(home, 'dies.cjs');
  writeFileSync(reports, 'process.exit(3)');
  const order = { home, runs: [run], formats: ['md'], target: home, scratch: home, includeHosts: false, version: '0' };
  const made = makeElsewhere({ ...sourcePrograms(), reports }, order, {});
  await expect(made).rejects.toMatchObject({ code: 'CAD-OUTPUT', message: /exit code 3/ });
});
