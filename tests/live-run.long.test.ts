/** A real run that is changed, or held, while it trains: workers added and dropped, options changed; a pause. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createControlPlane } from '../main/control-plane.ts';
import type { RunHandle } from '../main/core/control-plane-api.ts';
import type { RunRecord } from '../main/core/metrics.ts';
import { ensureAgent } from '../scripts/build-worker.ts';
import { temporary } from './cli-program.ts';
import { eventually } from './tiny-run.ts';

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
