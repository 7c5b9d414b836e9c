/** Workers that die, freeze or lose their network. Those that think hard, and other silent networks: worker-life.long.test.ts. */
import { beforeAll, describe, expect, it } from 'vitest';
import { HEARTBEAT } from '../main/core/protocol/liveness.ts';
import { ensureAgent } from '../scripts/build-worker.ts';
import { FaultProxy } from '../scripts/testbed/fault-proxy.ts';
import { eventually, TinyRun } from './tiny-run.ts';
import { has, QUICK, silentNetworks } from './worker-life.contract.ts';

beforeAll(() => ensureAgent());

describe('a worker that is killed', () => {
  it('is lost at once, and the others go on', async () => {
    const run = await TinyRun.start({ workers: ['a', 'b', 'c'] });
    const launched = await run.launchAll();
    await eventually(
      () => run.iterations > 30,
      () => run.incidents,
    );
    const killedMs = performance.now();
    process.kill(launched[1]?.pid ?? 0, 'SIGKILL');
    await eventually(
      () => has(run, 'lost b'),
      () => run.incidents,
    );
    // By its connection, which has ended, and not by its silence.
    expect(performance.now() - killedMs).toBeLessThan(HEARTBEAT.deadAfterMs);
    const { version } = run.host;
    await eventually(
      () => run.host.version > version + 20,
      () => run.incidents,
    );
    expect(await launched[1]?.exited).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('pauses the run when it was the last one, and the run goes on when it is back', async () => {
    const run = await TinyRun.start({ workers: ['a', 'b'], config: { stop: { maxSeconds: 60, maxIterations: 400 } } });
    for (const { pid } of await run.launchAll()) {
      await eventually(
        () => run.iterations > 10,
        () => run.incidents,
      );
      process.kill(pid, 'SIGKILL');
    }
    await eventually(
      () => has(run, 'paused: No worker is left'),
      () => run.incidents,
    );
    const { version } = run.host;
    await run.launch('a');
    expect(await run.end()).toMatchObject({ reason: 'iteration-limit' });
    expect(has(run, 'resumed: A worker is back')).toBe(true);
    expect(run.host.version).toBeGreaterThan(version);
  });

  it('ends the run when nobody comes back in time', async () => {
    const run = await TinyRun.start({ workers: ['a'], config: { lostGraceMs: 300 } });
    const { pid } = await run.launch('a');
    await eventually(
      () => run.iterations > 10,
      () => run.incidents,
    );
    process.kill(pid, 'SIGKILL');
    expect(await run.end()).toMatchObject({ reason: 'workers-lost' });
  });
});

describe('a worker that is silent', () => {
  it('is lost when it is frozen, its late update is refused, and it rejoins by itself', async () => {
    const run = await TinyRun.start({ workers: ['a', 'b'], heartbeat: QUICK });
    const [frozen] = await run.launchAll();
    await eventually(
      () => run.iterations > 20,
      () => run.incidents,
    );
    process.kill(frozen?.pid ?? 0, 'SIGSTOP');
    await eventually(
      () => has(run, 'lost a: nothing heard for 1 s'),
      () => run.incidents,
    );
    const { version } = run.host;
    await eventually(
      () => run.host.version > version + 20,
      () => run.incidents,
    ); // b alone
    process.kill(frozen?.pid ?? 0, 'SIGCONT');
    await eventually(
      () => has(run, 'rejoined a'),
      () => run.incidents,
    );
    expect(run.records.filter((record) => record.type === 'worker' && record.worker === 'a')).toMatchObject([
      { incarnation: 1 },
      { incarnation: 2 },
    ]);
  });
});

describe('a network that fails', () => {
  it('ends the connection, and the worker comes back as a new incarnation', async () => {
    const run = await TinyRun.start({ workers: ['a'], heartbeat: QUICK });
    const proxy = await FaultProxy.start(run.port);
    const agent = await run.launch('a', { url: proxy.url });
    for (let incarnation = 2; incarnation <= 4; incarnation++) {
      const before = run.iterations;
      await eventually(
        () => run.iterations > before + 20,
        () => run.incidents,
      );
      if (incarnation % 2 === 0) proxy.cut();
      else proxy.reset();
      await eventually(
        () => run.records.some((record) => record.type === 'worker' && record.incarnation === incarnation),
        () => run.incidents,
      );
    }
    expect(agent.lastLines().filter((line) => line.includes(`no connection to ${proxy.url} (`))).toHaveLength(3);
    await proxy.close();
  });
});

silentNetworks([['from the worker to the server', ['up']]]);
