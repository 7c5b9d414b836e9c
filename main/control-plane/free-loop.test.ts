/** What computes does so elsewhere: the process that serves windows and runs stays free. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createControlPlane } from '../control-plane.ts';
import type { ControlPlaneApi, RunHandle } from '../core/control-plane-api.ts';
import { simulatorEnded } from './simulator.ts';

/** A busy host takes its time. */
vi.setConfig({ testTimeout: 60_000 });

/** Drawing the rows takes two seconds and more; the lag, on a quiet host, is some tens of milliseconds. */
const MOST_LAG_MS = 1000;
const HEAVY = {
  policy: 'bsp',
  model: 'mlp-109k',
  dataset: { name: 'digits', trainRows: 24_000, testRows: 500 },
  batch: 64,
  stop: { maxSeconds: 1e6 },
};

let home: string;
let controlPlane: ControlPlaneApi;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'caduceus-free-'));
  controlPlane = createControlPlane({ ...process.env, CADUCEUS_HOME: home });
});
afterAll(() => {
  controlPlane.close();
  rmSync(home, { recursive: true, force: true });
});

/** How late the latest of many short waits was while `work` went on. */
async function lagOf(work: Promise<unknown>): Promise<number> {
  let isOver = false;
  const over = work.finally(() => (isOver = true));
  over.catch(() => undefined); // awaited below
  let most = 0;
  while (!isOver) {
    const before = performance.now();
    await sleep(5);
    most = Math.max(most, performance.now() - before - 5);
  }
  await over;
  return most;
}

async function stopped(handle: RunHandle): Promise<void> {
  handle.stop();
  await expect(handle.whenDone).rejects.toMatchObject({ code: 'CAD-INTERRUPTED' });
}

describe('a simulation with true gradients', () => {
  test('leaves the event loop free while rows are drawn and while it trains', async () => {
    let iterations = 0;
    let handle: RunHandle | undefined;
    const work = async (): Promise<void> => {
      handle = await controlPlane.simulate(
        { cluster: 'hermes-6', config: HEAVY, timingOnly: false },
        { onRecord: ({ type }) => void (iterations += type === 'iteration' ? 1 : 0) },
      );
      while (iterations < 3) await sleep(20);
    };
    expect(await lagOf(work())).toBeLessThan(MOST_LAG_MS);
    if (handle) await stopped(handle);
    expect(controlPlane.findRun('latest')).toMatchObject({ status: 'interrupted' });
  });

  test('stands still while it is paused, and goes on', async () => {
    let records = 0;
    const request = { cluster: 'hermes-6', config: HEAVY, timingOnly: true };
    const handle = await controlPlane.simulate(request, { onRecord: () => void (records += 1) });
    while (records === 0) await sleep(5);
    handle.pause();
    expect(controlPlane.findRun(handle.run).status).toBe('paused');
    // What was on its way arrives.
    for (let before = -1; before !== records;) [before] = [records, await sleep(150)];
    const still = records;
    handle.resume();
    while (records === still) await sleep(5);
    expect(controlPlane.findRun(handle.run).status).toBe('running');
    await stopped(handle);
  });
});

test.each([
  ['as it goes on', false],
  ['while it is paused', true],
])('a simulated run is finished where it is, %s: it has a result', async (_when, isPaused) => {
  let records = 0;
  const request = { cluster: 'hermes-6', config: HEAVY, timingOnly: true };
  const handle = await controlPlane.simulate(request, { onRecord: () => void (records += 1) });
  while (records === 0) await sleep(5);
  if (isPaused) handle.pause();
  handle.finish();
  expect(await handle.whenDone).toMatchObject({ endReason: 'user', virtual: true });
  expect(controlPlane.findRun(handle.run)).toMatchObject({ status: 'completed', error: null });
});

describe('what is cancelled while it is prepared', () => {
  test.each(['simulated', 'real'])('leaves no run: a %s one', async (kind) => {
    const before = controlPlane.listRuns(10).length;
    const controller = new AbortController();
    const observer = { signal: controller.signal, onStage: () => controller.abort() };
    const started =
      kind === 'real'
        ? controlPlane.startRun(HEAVY, observer)
        : controlPlane.simulate({ cluster: 'hermes-6', config: HEAVY, timingOnly: false }, observer);
    await expect(started).rejects.toMatchObject({ code: 'CAD-INTERRUPTED' });
    expect(controlPlane.listRuns(10)).toHaveLength(before);
  });
});

test('timing only, no row is looked for: a data set whose files are nowhere is simulated all the same', async () => {
  const config = {
    policy: 'bsp',
    dataset: { name: 'mnist', dataDir: join(home, 'nowhere') },
    stop: { maxSeconds: 5 },
  };
  const handle = await controlPlane.simulate({ cluster: 'hermes-6', config, timingOnly: true }, {});
  expect((await handle.whenDone).iterations).toBeGreaterThan(0);
  const replay = await controlPlane.replay(handle.run);
  expect(replay).toMatchObject({ firstDifference: null, matched: replay.decisions });
  const withRows = controlPlane.simulate({ cluster: 'hermes-6', config, timingOnly: false }, {});
  await expect(withRows).rejects.toMatchObject({ code: 'CAD-DATASET-MISSING' });
});

test('a simulation whose process dies ends as failed, with how it died', () => {
  expect(simulatorEnded(null, 'SIGKILL')).toMatchObject({ code: 'CAD-SIMULATION', message: /SIGKILL/ });
});
