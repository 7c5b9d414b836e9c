/** Workers on this machine: unequal speeds, honest descriptions, nothing left behind. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createCpuQuota, removeLeftoverQuotas } from '../main/provision/local-cpu-quota.ts';
import { LocalLauncher } from '../main/provision/local.ts';
import { ensureAgent } from '../scripts/build-worker.ts';
import { eventually, TinyRun } from './tiny-run.ts';

beforeAll(() => ensureAgent());

const probe = createCpuQuota('probe', 0.5);
await probe?.remove();
const hasQuotas = probe !== undefined;
/** No process has this id: it is beyond the kernel's limit. */
const DEAD_PID = 2 ** 22 + 1;

function groupOf(pid: number): string {
  const line =
    readFileSync(`/proc/${pid}/cgroup`, 'utf8')
      .split('\n')
      .find((text) => text.includes('caduceus-')) ?? '';
  const [, controllers, path] = line.split(':');
  return controllers === '' ? `/sys/fs/cgroup${path}` : `/sys/fs/cgroup/cpu${path}`;
}

function script(source: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'caduceus-launcher-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'agent.cjs');
  writeFileSync(file, source);
  return file;
}

async function launchWith(source: string): Promise<unknown> {
  const ticket = { url: 'ws://127.0.0.1:9/', run: 'r', worker: 'w', token: 't' };
  return new LocalLauncher({ agent: script(source) }).launch({ ticket, speed: 0.5 });
}

describe('the local launcher', () => {
  it.runIf(hasQuotas)('holds a worker to a CPU quota, says so, and removes the group afterwards', async () => {
    const run = await TinyRun.start();
    const launched = await new LocalLauncher().launch({ ticket: run.ticket('a'), speed: 0.35 });
    onTestFinished(() => launched.stop());
    expect(launched.throttle).toMatch(/^CPU quota 35 % of a core \(cgroup v[12]\)$/);
    const group = groupOf(launched.pid);
    const limit = existsSync(join(group, 'cpu.max'))
      ? readFileSync(join(group, 'cpu.max'), 'utf8').trim().split(' ')
      : ['cpu.cfs_quota_us', 'cpu.cfs_period_us'].map((file) => readFileSync(join(group, file), 'utf8').trim());
    expect(Number(limit[0]) / Number(limit[1])).toBeCloseTo(0.35, 3);
    await eventually(
      () => run.records.some(({ type }) => type === 'worker'),
      () => launched.lastLines(),
    );
    expect(run.records.find(({ type }) => type === 'worker')).toMatchObject({
      profile: { throttle: launched.throttle },
    });
    await launched.stop();
    expect(existsSync(group)).toBe(false);
  });

  it('falls back to a duty cycle, says so, and the worker is as much slower', async () => {
    const run = await TinyRun.start({ workers: ['fast', 'slow'], batch: 600 });
    for (const [worker, speed] of [
      ['fast', 1],
      ['slow', 0.05],
    ] as const) {
      const launched = await new LocalLauncher({ quotas: false }).launch({ ticket: run.ticket(worker), speed });
      onTestFinished(() => launched.stop());
      expect(launched.throttle).toBe(`duty cycle ${speed * 100} %`);
    }
    await eventually(
      () => run.iterations > 20,
      () => run.incidents,
    );
    const meanMs = (name: string): number => {
      const times = run.records.flatMap((record) =>
        record.type === 'iteration' && record.worker === name ? [record.iteration.computeMs] : [],
      );
      return times.reduce((sum, time) => sum + time, 0) / times.length;
    };
    // Twenty times on a quiet host; on a full one the fast waits for its turn as well.
    expect(meanMs('slow') / meanMs('fast')).toBeGreaterThan(2);
  });

  it('reports an agent that dies before it accepts its ticket, with what it said last', async () => {
    await expect(launchWith('console.error("no luck today"); process.exit(9)')).rejects.toMatchObject({
      code: 'CAD-WORKER-START',
      message: expect.stringMatching(/exit code 9 .*no luck today/) as string,
    });
    await expect(launchWith('this is no program')).rejects.toMatchObject({
      code: 'CAD-WORKER-START',
      message: expect.stringContaining('SyntaxError') as string,
    });
    await expect(new LocalLauncher({ agent: '/nowhere/agent.cjs' }).launch({ ticket: TICKET })).rejects.toMatchObject({
      code: 'CAD-WORKER-START',
      remedy: expect.stringContaining('npm run build') as string,
    });
  });

  it('ends an agent that does not want to end', async () => {
    const stubborn =
      'process.on("SIGTERM", () => {}); process.stdout.write("accepted\\n"); setInterval(() => {}, 1000)';
    const launched = await new LocalLauncher({ agent: script(stubborn) }).launch({ ticket: TICKET });
    await launched.stop();
    expect(await launched.exited).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it.runIf(hasQuotas)('removes the empty groups of launchers that are gone, and no others', () => {
    const own = createCpuQuota('own', 0.5);
    const parent = join(groupOfQuota(), '..');
    const abandoned = join(parent, `caduceus-${DEAD_PID}-x`);
    mkdirSync(abandoned);
    removeLeftoverQuotas();
    expect(existsSync(abandoned)).toBe(false);
    expect(existsSync(groupOfQuota())).toBe(true);
    return own?.remove();
  });
});

const TICKET = { url: 'ws://127.0.0.1:9/', run: 'r', worker: 'w', token: 't' };

/** Where `createCpuQuota('own', …)` of this process made its group. */
function groupOfQuota(): string {
  const name = `caduceus-${process.pid}-own`;
  const places = ['/sys/fs/cgroup/cpu', '/sys/fs/cgroup'].flatMap((mount) =>
    readFileSync('/proc/self/cgroup', 'utf8')
      .split('\n')
      .flatMap((line) => [
        join(mount, line.split(':')[2] ?? '', name),
        join(mount, line.split(':')[2] ?? '', '..', name),
      ]),
  );
  return places.find((place) => existsSync(place)) ?? 'nowhere';
}
