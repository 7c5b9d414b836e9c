/** A real run that is changed while it trains: workers added and dropped, options changed, a worker that cannot start. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createControlPlane } from '../main/control-plane.ts';
import { RunCrew } from '../main/control-plane/run-crew.ts';
import { RunDoors } from '../main/control-plane/run-doors.ts';
import type { RunHandle } from '../main/core/control-plane-api.ts';
import { CaduceusError } from '../main/core/errors.ts';
import type { RunRecord } from '../main/core/metrics.ts';
import { LocalLauncher } from '../main/provision/local.ts';
import type { HostInput } from '../main/server/host-settings.ts';
import { ensureAgent } from '../scripts/build-worker.ts';
import { newCertificate } from './certificates.ts';
import { temporary } from './cli-program.ts';
import { eventually, RUN, TinyRun } from './tiny-run.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });
const SLOW_HOST_MS = 60_000;

beforeAll(() => ensureAgent());

function incidentsOf(records: readonly RunRecord[]): string[] {
  return records.flatMap((record) =>
    record.type === 'incident' ? [`${record.what}${record.worker === undefined ? '' : ` ${record.worker}`}`] : [],
  );
}

describe('a run under way', () => {
  it('takes a worker in, lets one go, changes its bound; all is on record, kept by the checkpoint, and replays', async () => {
    const home = temporary();
    // What its user has set for all runs.
    writeFileSync(join(home, 'settings.json'), JSON.stringify({ listenHost: '127.0.0.2' }));
    const controlPlane = createControlPlane({ CADUCEUS_HOME: home });
    onTestFinished(() => controlPlane.close());
    const records: RunRecord[] = [];
    const stages: string[] = [];
    const observer = {
      onRecord: (record: RunRecord) => void records.push(record),
      onStage: (stage: string) => void stages.push(stage),
    };
    const until = (what: string): Promise<void> =>
      eventually(
        () => incidentsOf(records).includes(what),
        () => incidentsOf(records),
        SLOW_HOST_MS,
      );
    const config = {
      policy: 'ssp',
      workers: { local: 2, speeds: [1, 1] },
      dataset: { name: 'digits', trainRows: 600 },
    };
    const handle = (await controlPlane.startRun(
      { ...config, validationRows: 50, stop: { maxSeconds: 600 } },
      observer,
    )) as Required<RunHandle>;
    await until('started');
    expect(stages.at(-1)).toContain(' listens on ws://127.0.0.2:');
    expect(await handle.addWorker({ kind: 'local' })).toBe('local-3');
    await until('joined local-3');
    expect(handle.setOptions({ staleness: 7 })).toMatchObject({ staleness: 7 });
    await until('options');
    expect(() => handle.setOptions({ pull: 'always' })).toThrow(expect.objectContaining({ code: 'CAD-POLICY-OPTION' }));
    handle.dropWorker('local-1');
    await until('left local-1');
    expect(() => handle.dropWorker('nobody')).toThrow(expect.objectContaining({ code: 'CAD-CONFIG' }));
    await expect(handle.addWorker({ kind: 'device', device: 'pi' })).rejects.toMatchObject({
      code: 'CAD-DEVICE-UNKNOWN',
    });
    handle.stop();
    await expect(handle.whenDone).rejects.toMatchObject({ code: 'CAD-INTERRUPTED' });
    await expect(handle.addWorker({ kind: 'local' })).rejects.toMatchObject({ code: 'CAD-CONFIG' });
    expect(incidentsOf(records).filter((what) => what.startsWith('worker-failed'))).toEqual([]);
    expect(records.filter(({ type }) => type === 'worker')).toMatchObject(
      ['local-1', 'local-2', 'local-3'].map(() => ({ link: { path: 'loopback', address: '127.0.0.1', tls: false } })),
    );
    const { decisions, matched } = await controlPlane.replay(handle.run);
    expect(matched).toBe(decisions);

    const before = records.length;
    const again = (await controlPlane.resumeRun(handle.run, observer)) as Required<RunHandle>;
    expect(again.options).toMatchObject({ staleness: 7 });
    await eventually(
      () => records.slice(before).some(({ type }) => type === 'iteration'),
      () => incidentsOf(records.slice(before)),
      SLOW_HOST_MS,
    );
    // Those that it had last, not those of its settings.
    const joined = (): string[] =>
      incidentsOf(records.slice(before)).flatMap((what) => /^(?:re)?joined (.*)$/.exec(what)?.[1] ?? []);
    await eventually(() => joined().length >= 2, joined, SLOW_HOST_MS);
    expect(joined().sort()).toEqual(['local-2', 'local-3']);
    again.stop();
    await expect(again.whenDone).rejects.toMatchObject({ code: 'CAD-INTERRUPTED' });
    expect(await controlPlane.replay(handle.run)).toMatchObject({ firstDifference: null });
  });
});

describe('a pause', () => {
  it('holds workers that never wait for the server, and its time is nobody’s waiting', async () => {
    const controlPlane = createControlPlane({ CADUCEUS_HOME: temporary() });
    onTestFinished(() => controlPlane.close());
    const iterations: Extract<RunRecord, { type: 'iteration' }>[] = [];
    const onRecord = (record: RunRecord) => void (record.type === 'iteration' && iterations.push(record));
    const handle = (await controlPlane.startRun(
      {
        // No z-score of ten losses is as low as this threshold: nobody ever pushes.
        ...{ policy: 'hermes', options: { alpha: -10, beta: 0, 'max-silence': 0 } },
        workers: { local: 2, speeds: [1, 1] },
        ...{ dataset: { name: 'digits', trainRows: 600 }, validationRows: 50, stop: { maxSeconds: 600 } },
      },
      { onRecord },
    )) as Required<RunHandle>;
    const grows = async (): Promise<void> => {
      const before = iterations.length;
      await eventually(
        () => iterations.length > before + 10,
        () => `${iterations.length} iterations`,
        SLOW_HOST_MS,
      );
    };
    await grows();
    handle.pause();
    let before = -1;
    await vi.waitUntil(() => before === (before = iterations.length), { interval: 1500, timeout: SLOW_HOST_MS });
    handle.resume();
    await grows();
    handle.stop();
    await expect(handle.whenDone).rejects.toMatchObject({ code: 'CAD-INTERRUPTED' });
    expect(iterations.filter(({ pushed }) => pushed)).toEqual([]);
    const [first] = iterations.slice(before);
    expect(first?.iteration.waitMs).toBeLessThan(1000);
  });
});

it('is finished by its user with what it has reached: judged, kept, completed', async () => {
  const controlPlane = createControlPlane({ CADUCEUS_HOME: temporary() });
  onTestFinished(() => controlPlane.close());
  let iterations = 0;
  const handle = await controlPlane.startRun(
    {
      ...{ policy: 'asp', workers: { local: 1 }, validationRows: 50 },
      ...{ dataset: { name: 'digits', trainRows: 600 }, stop: { maxSeconds: 600 } },
    },
    { onRecord: ({ type }) => void (iterations += type === 'iteration' ? 1 : 0) },
  );
  await eventually(
    () => iterations > 5,
    () => `${iterations} iterations`,
    SLOW_HOST_MS,
  );
  handle.pause();
  handle.finish();
  const result = await handle.whenDone;
  expect(result).toMatchObject({ endReason: 'user', reachedTarget: null });
  expect(result.accuracy).toBeGreaterThan(0);
  expect(result.iterations).toBeGreaterThan(5);
  expect(controlPlane.findRun(handle.run)).toMatchObject({ status: 'completed', error: null });
  await expect(controlPlane.resumeRun(handle.run, {})).rejects.toThrow(CaduceusError);
});

describe('the workers of a run', () => {
  async function crewOf(broken: readonly string[], whole: readonly string[]) {
    const launcher = new LocalLauncher();
    const nowhere = new LocalLauncher({ agent: '/nowhere/agent.cjs' });
    const failures: string[] = [];
    const inputs: HostInput[] = [];
    const workers = [
      ...broken.map((name) => ({ name, launcher: nowhere })),
      ...whole.map((name) => ({ name, launcher, engine: 'wasm' as const })),
    ];
    const crew = new RunCrew(workers, {
      run: RUN,
      batch: 8,
      handle: (input) => (inputs.push(input), run.host.handle(input)),
      failed: (worker, text) => failures.push(`${worker}: ${text}`),
    });
    const run = await TinyRun.start({ workers: [...broken, ...whole], tokens: crew.tokens });
    const doors = new RunDoors({ port: 0, tls: 'auto' }, (door) => run.host.listen(door), newCertificate);
    onTestFinished(() => crew.close());
    return { crew, run, doors, failures, inputs };
  }

  it('start without one that cannot be started, which is on record', async () => {
    const { crew, run, doors, failures } = await crewOf(['bad'], ['good']);
    await crew.launchAll(doors);
    await eventually(
      () => run.iterations > 5,
      () => run.incidents,
      SLOW_HOST_MS,
    );
    expect(failures).toEqual([expect.stringContaining('bad: It could not be started: there is no agent at')]);
    expect(run.incidents).toContain('left bad: It could not be started');
    expect(run.incidents).toContain('started: 1 workers start');
  });

  it('that can none of them be started are an error', async () => {
    const { crew, doors } = await crewOf(['one', 'two'], []);
    await expect(crew.launchAll(doors)).rejects.toMatchObject({ code: 'CAD-WORKER-START' });
  });
});
