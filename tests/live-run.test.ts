/** A real run that is finished by hand, and one with a worker that cannot start. What is changed while it trains: live-run.long.test.ts. */
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createControlPlane } from '../main/control-plane.ts';
import { RunCrew } from '../main/control-plane/run-crew.ts';
import { RunDoors } from '../main/control-plane/run-doors.ts';
import { CaduceusError } from '../main/core/errors.ts';
import { LocalLauncher } from '../main/provision/local.ts';
import type { HostInput } from '../main/server/host-settings.ts';
import { ensureAgent } from '../scripts/build-worker.ts';
import { newCertificate } from './certificates.ts';
import { temporary } from './cli-program.ts';
import { eventually, RUN, TinyRun } from './tiny-run.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });
const SLOW_HOST_MS = 60_000;

beforeAll(() => ensureAgent());

it('a run is finished by its user with what it has reached: judged, kept, completed', async () => {
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
