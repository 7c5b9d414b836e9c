/** Supervised agents on a device: started with proof, found again, restarted, stopped by identity, and nothing else. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { followLog, stopAgents, uninstall } from '../main/provision/deployment/remote-agent.ts';
import type { Launched } from '../main/provision/launcher.ts';
import { SshLauncher, type SshLauncherParts } from '../main/provision/ssh-launcher.ts';
import { NOBODY } from '../main/provision/ssh/dialogue.ts';
import type { Remote } from '../main/provision/ssh/remote.ts';
import { whyNoSshd } from '../main/provision/ssh/sshd.fixture.ts';
import {
  cutSessions,
  type Deployed,
  deployTo,
  filesIn,
  processesOf,
  remainingProcesses,
  type SshDevice,
  startDevice,
} from './ssh-device.ts';

const missing = whyNoSshd();
const CANARY = 'canary-7f3a9c51e0d84b26';
const PATIENCE_MS = 20_000;

async function until(what: string, condition: () => boolean): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS;
  while (!condition()) {
    if (performance.now() > endMs) throw new Error(`not within ${PATIENCE_MS} ms: ${what}`);
    await sleep(25);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(missing !== undefined)(`agents on a device${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let device: SshDevice;
  let deployed: Deployed;
  /** Listens and never answers: the agent stays in its handshake, alive. */
  let silent: Server;
  let url: string;

  beforeAll(async () => {
    device = await startDevice();
    deployed = await deployTo(device);
    expect(deployed.error).toBeUndefined();
    silent = createServer((socket) => socket.on('error', () => undefined));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    url = `ws://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`;
  }, 120_000);
  afterAll(async () => {
    silent?.close();
    await device?.stop();
  });

  function launch(
    run: string,
    parts: Partial<SshLauncherParts> = {},
    worker = 'device',
    signal?: AbortSignal,
  ): Promise<Launched> {
    const { installation, path } = deployed;
    if (!installation || !path) throw new Error('not deployed');
    const launcher = new SshLauncher({
      ...{ device: device.settings, installation, path, connector: device.connector, owner: 'controller-1' },
      ...parts,
    });
    return launcher.launch({ ticket: { url, run, worker, token: CANARY }, ...(signal && { signal }) });
  }

  async function onDevice<T>(work: (remote: Remote, directory: string) => Promise<T>): Promise<T> {
    const lease = await device.connector.connect(device.settings, { dialogue: NOBODY });
    try {
      return await work(lease.remote, deployed.installation?.directory ?? '');
    } finally {
      await lease.release();
    }
  }

  function runsDirectory(): string {
    return join(device.home, '.caduceus', 'runs');
  }

  it('run apart from the SSH session: its end does not reach them, and the launcher finds them again', async () => {
    const agent = await launch('r-1');
    expect(isAlive(agent.pid)).toBe(true);
    await until('its log comes', () => agent.lastLines().some((line) => /joins run r-1/.test(line)));
    cutSessions(device);
    await until('the loss is told', () => agent.lastLines().some((line) => /launcher: .*(lost|ended)/.test(line)));
    expect(isAlive(agent.pid)).toBe(true);
    await agent.stop();
    expect(await agent.exited).toMatchObject({ signal: 'SIGTERM' });
    expect(isAlive(agent.pid)).toBe(false);
    expect(await remainingProcesses(device)).toEqual([]);
  });

  it('are taken back when the run ends while they start, however far they are', async () => {
    let takenBack = 0;
    for (const afterMs of [0, 30, 100, 200, 300, 400, 600]) {
      const controller = new AbortController();
      const launched = launch('r-12', {}, 'device', controller.signal);
      setTimeout(() => controller.abort(new Error('the run is over')), afterMs);
      try {
        await (await launched).stop();
      } catch (error) {
        expect((error as Error).message).toBe('the run is over');
        takenBack += 1;
      }
      expect(await remainingProcesses(device), `after ${afterMs} ms`).toEqual([]);
      expect(filesIn(device.home).filter((file) => file.endsWith('ticket'))).toEqual([]);
    }
    expect(takenBack).toBeGreaterThan(2);
  });

  it('are started again when they die, and end with their supervisor', async () => {
    const agent = await launch('r-2');
    process.kill(agent.pid, 'SIGKILL');
    await until('it is started again', () => agent.lastLines().filter((line) => /joins run r-2/.test(line)).length > 1);
    const supervisor = await numberIn('r-2', 'supervisor');
    const again = await numberIn('r-2', 'agent');
    expect(again).not.toBe(agent.pid);
    process.kill(supervisor, 'SIGKILL');
    await until('the agent notices', () => !isAlive(again));
    await agent.stop();
    expect(await remainingProcesses(device)).toEqual([]);
  });

  it('of an earlier run of the same controller are stale and end; those of others and foreign programs stay', async () => {
    const stale = await launch('r-3');
    const other = await launch('r-4', { owner: 'controller-2' });
    const foreign: ChildProcess = spawn('setpriv', [
      `--reuid=${device.uid}`,
      `--regid=${device.uid}`,
      '--clear-groups',
      'sleep',
      '600',
    ]);
    const fresh = await launch('r-5');
    expect(isAlive(stale.pid)).toBe(false);
    expect(isAlive(other.pid)).toBe(true);
    await onDevice((remote, directory) => stopAgents(remote, directory));
    expect([fresh, other].map(({ pid }) => isAlive(pid))).toEqual([false, false]);
    expect(foreign.exitCode).toBeNull();
    expect(isAlive(foreign.pid ?? 0)).toBe(true);
    foreign.kill();
    await Promise.all([stale, other, fresh].map((agent) => agent.stop()));
  });

  it('are told apart from a process that has got their number since', async () => {
    const agent = await launch('r-6');
    await agent.stop();
    const directory = readdirSync(runsDirectory()).find((name) => name.startsWith('r-6-')) ?? '';
    const foreign = spawn('sleep', ['600']);
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    for (const file of ['supervisor', 'agent']) {
      writeFileSync(join(runsDirectory(), directory, file), `${foreign.pid} 1 ${boot}\n`);
    }
    expect(await onDevice((remote, place) => stopAgents(remote, place))).toEqual([]);
    expect(isAlive(foreign.pid ?? 0)).toBe(true);
    foreign.kill();
  });

  it('do not start from files that were changed', async () => {
    const id = deployed.installation?.version ?? '';
    const file = join(device.home, '.caduceus', 'versions', id, 'supervise');
    const before = readFileSync(file);
    writeFileSync(file, `${before.toString()}\n# and more\n`);
    await expect(launch('r-7')).rejects.toMatchObject({ code: 'CAD-DEVICE-TAMPERED' });
    expect(await remainingProcesses(device)).toEqual([]);
    expect((await deployTo(device)).error).toBeUndefined();
  });

  it('with a memory cap that is too small are ended for it, and it is said', async () => {
    const caps = { memoryMiB: 64, cpuPercent: 50 };
    const agent = await launch('r-8', { device: { ...device.settings, caps } });
    expect(agent.throttle).toBe('duty cycle 50 %');
    await until('the cap is told', () => agent.lastLines().some((line) => /its cap of 64 MiB/.test(line)));
    await agent.stop();
    expect(await remainingProcesses(device)).toEqual([]);
  });

  it('give their log, bounded, and follow it', async () => {
    const agent = await launch('r-9');
    await until('its log comes', () => agent.lastLines().length > 1);
    const lines: string[] = [];
    const controller = new AbortController();
    const following = onDevice((remote, directory) =>
      followLog(remote, directory, { lines: 10, follow: true }, (line) => lines.push(line), controller.signal),
    );
    await until('the log is shown', () => lines.some((line) => /joins run r-9/.test(line)));
    const log = join(
      runsDirectory(),
      readdirSync(runsDirectory()).find((name) => name.startsWith('r-9-')) ?? '',
      'log',
    );
    writeFileSync(log, `${'x'.repeat(600_000)}\n`, { flag: 'a' });
    process.kill(agent.pid, 'SIGKILL');
    await until('new lines come', () => lines.filter((line) => /joins run r-9/.test(line)).length > 1);
    controller.abort();
    await following;
    await agent.stop();
    expect(statSync(log).size).toBeLessThan(1_200_000);
  });

  it('keep their token out of command lines, environments and every file but the ticket, which goes with them', async () => {
    const seen = new Set<string>();
    const timer = setInterval(() => {
      for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
        if (Number(pid) === process.pid) continue;
        for (const file of ['cmdline', 'environ']) {
          try {
            if (readFileSync(`/proc/${pid}/${file}`, 'latin1').includes(CANARY)) seen.add(`${pid} ${file}`);
          } catch {
            // ended, or not ours to read
          }
        }
      }
    }, 5);
    const agent = await launch('r-10');
    await sleep(500);
    const during = filesIn(device.home).filter((path) => holdsCanary(join(device.home, path)));
    await agent.stop();
    clearInterval(timer);
    expect([...seen]).toEqual([]);
    expect(during).toEqual([expect.stringMatching(/^\.caduceus\/runs\/r-10-[0-9a-f]+\/ticket$/)]);
    expect(filesIn(device.home).filter((path) => holdsCanary(join(device.home, path)))).toEqual([]);
    expect(agent.lastLines().join('\n')).not.toContain(CANARY);
  });

  it('leave nothing when everything is taken away while they run', async () => {
    const agent = await launch('r-11');
    expect(await onDevice((remote, directory) => uninstall(remote, directory))).toBe(0);
    await agent.stop();
    expect(existsSync(join(device.home, '.caduceus'))).toBe(false);
    expect(await remainingProcesses(device)).toEqual([]);
    expect(processesOf(device)).toEqual([]);
  });

  async function numberIn(run: string, file: 'agent' | 'supervisor'): Promise<number> {
    const directory = readdirSync(runsDirectory()).find((name) => name.startsWith(`${run}-`)) ?? '';
    const path = join(runsDirectory(), directory, file);
    await until(`${file} is there`, () => existsSync(path));
    return Number(readFileSync(path, 'utf8').split(' ')[0]);
  }
});

function holdsCanary(path: string): boolean {
  return statSync(path).isFile() && statSync(path).size < 10e6 && readFileSync(path, 'latin1').includes(CANARY);
}
