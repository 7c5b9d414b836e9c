/** The bed of devices that `npm run testbed` builds: real SSH into it, its caps in place, nothing left of it. */
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claimedSlots } from '../scripts/testbed/slot.ts';
import { playSchedule, sharesOfLevel, speedSchedule } from '../scripts/testbed/speed-schedule.ts';
import { statusOf } from '../scripts/testbed/status.ts';
import { openTestbed, startTestbed, stopTestbed, type Testbed, whyNoTestbed } from '../scripts/testbed/testbed.ts';
import { ROOT } from './cli-program.ts';
import { nothingRemains, processesOf, type Remains, remainsOf } from './testbed-remains.ts';

const reason = whyNoTestbed();
const title = reason === undefined ? 'the test bed' : `the test bed (skipped: ${reason.message})`;
const run = promisify(execFile);

const MEBIBIT = 2 ** 20;
const UP_BITS = 16 * MEBIBIT;
const CLUSTER = {
  name: 'two-unequal',
  source: 'Made up for this test.',
  reference: { batch: 16 },
  link: { upBitsPerSecond: UP_BITS, downBitsPerSecond: 2 * UP_BITS, latencyMs: 0 },
  devices: [
    { name: 'slow', samplesPerSecond: 100 },
    { name: 'fast', samplesPerSecond: 400 },
  ],
};
/** The fast device gets a whole core. */
const CORES = 1.25;
const SLOW = 0.25;

/** Standard output of a command on a device, through OpenSSH's client. */
async function over(bed: Testbed, device: string, line: string): Promise<string> {
  const { stdout } = await run('ssh', ['-F', bed.sshConfig, device, line], { maxBuffer: 2 ** 26, encoding: 'utf8' });
  return stdout.trim();
}

describe.skipIf(reason !== undefined)(title, () => {
  let bed: Testbed;
  let clusters: string;
  let clean: Remains;

  beforeAll(async () => {
    const directory = mkdtempSync(join(tmpdir(), 'caduceus-testbed-test-'));
    clusters = mkdtempSync(join(tmpdir(), 'caduceus-testbed-cluster-'));
    const cluster = join(clusters, 'two.json');
    writeFileSync(cluster, JSON.stringify(CLUSTER));
    bed = await startTestbed({ preset: cluster, cores: CORES, directory });
    clean = nothingRemains(readFileSync('/etc/passwd', 'utf8'));
  });

  afterAll(async () => {
    if (existsSync(bed.directory)) await bed.stop();
    rmSync(clusters, { recursive: true });
  });

  it('lets OpenSSH in with the key of the bed, as a user of its own, at an address of the carrier range', async () => {
    for (const { name, user, address, home, plan } of bed.devices) {
      expect(address).toMatch(/^100\.88\.\d+\.\d+$/);
      const answer = await over(bed, name, 'id -un; id -u; hostname; cd; pwd; echo $SHELL');
      expect(answer.split('\n')).toEqual([user, String(plan.uid), name, home, '/bin/bash']);
    }
  });

  it('shows the fingerprint that OpenSSH computes, another one for every device', async () => {
    const fingerprints = new Set<string>();
    for (const device of bed.devices) {
      const { stdout } = await run('ssh-keygen', ['-lf', `${device.files.hostKey}.pub`]);
      expect(stdout).toContain(` ${device.fingerprint} `);
      fingerprints.add(device.fingerprint);
    }
    expect(fingerprints.size).toBe(bed.devices.length);
  });

  it('keeps the processes and files of devices apart', async () => {
    const slow = await over(
      bed,
      'slow',
      'sleep 60 >/dev/null 2>&1 & echo $!; touch ~/mine /tmp/mine; ps -e | grep -c sshd',
    );
    const [pid = ''] = slow.split('\n');
    expect(await over(bed, 'slow', `ps -o args= -p ${pid}`)).toBe('sleep 60');
    const other = await over(bed, 'fast', 'ps -e -o args=; ls -A ~ /tmp; pkill -x sleep; true');
    expect(other).not.toContain('sleep 60');
    expect(other).not.toContain('mine');
    expect(await over(bed, 'slow', `ps -o args= -p ${pid}; kill ${pid}`)).toBe('sleep 60');
    expect(await over(bed, 'fast', `ls ${bed.directory} 2>&1; true`)).toContain('No such file');
  });

  it('comes without Node', async () => {
    expect(await over(bed, 'fast', 'command -v node npm || echo none')).toBe('none');
  });

  it('holds devices to their share of the cores, and the kernel says so', async () => {
    const status = await statusOf(bed);
    for (const [index, share] of [SLOW, 1].entries()) expect(status.devices[index]?.cpuShare).toBeCloseTo(share, 3);
    // Busy for a second: what the kernel's books say it got.
    const busy = "sh -c 'while :; do :; done' & sleep 1; kill $!; wait $!; times";
    const times = (await over(bed, 'slow', busy)).split('\n').at(-1) ?? '';
    const [user = NaN, system = NaN] = [...times.matchAll(/0m([\d.]+)s/g)].map(([, seconds]) => Number(seconds));
    expect(user + system).toBeLessThan(SLOW * 1.5);
    expect(user + system).toBeGreaterThan(0.01);
  });

  it('caps the link: a transfer takes as long as its bits take', async () => {
    const bytes = 2 * 2 ** 20;
    const startMs = performance.now();
    const { stdout } = await run('ssh', ['-F', bed.sshConfig, 'fast', `head -c ${bytes} /dev/zero`], {
      maxBuffer: 2 ** 26,
      encoding: 'buffer',
    });
    const seconds = (performance.now() - startMs) / 1000;
    expect(stdout.length).toBe(bytes);
    const bitsPerSecond = (bytes * 8) / seconds;
    expect(bitsPerSecond).toBeLessThan(UP_BITS);
    expect(bitsPerSecond).toBeGreaterThan(UP_BITS / 4);
  });

  it('lets devices reach the server at the address of the host, and nothing outside', async () => {
    const { createServer } = await import('node:net');
    const server = createServer((socket) => socket.end('reached')).listen(0, bed.hostAddress);
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const dial = (host: string) => `bash -c 'exec 3<>/dev/tcp/${host}/${port} && cat <&3' 2>&1 || true`;
    expect(await over(bed, 'slow', dial(bed.hostAddress))).toBe('reached');
    expect(await over(bed, 'slow', dial('192.0.2.1'))).toContain('unreachable');
    server.close();
  });

  it('changes speeds while it works: levels, and the routine with its way back', async () => {
    expect(sharesOfLevel(bed, 8)).toHaveLength(2);
    const schedule = speedSchedule(bed);
    const seen: (number | undefined)[] = [];
    await playSchedule(bed, schedule, {
      tempo: 400,
      cycles: 1,
      onChange: () => seen.push(bed.device('slow').cpuShare),
    });
    expect(seen).toHaveLength(schedule.changes.length);
    for (const [index, { shares }] of schedule.changes.entries()) expect(seen[index]).toBeCloseTo(shares[0] ?? NaN, 2);
    expect(new Set(seen).size).toBeGreaterThan(2);
    expect(bed.device('slow').cpuShare).toBeCloseTo(SLOW, 3);
  });

  it('writes a list to import, which another process finds with the bed', () => {
    const [head, first] = readFileSync(bed.csv, 'utf8').split('\n');
    expect(head).toBe('name,address,port,user,keyFile');
    const { name, address, port, user, keyFile } = bed.device('slow');
    expect(first).toBe([name, address, port, user, keyFile].join(','));
    const opened = openTestbed(bed.directory);
    expect(opened.devices.map(({ address, isOn }) => [address, isOn])).toEqual(
      bed.devices.map((each) => [each.address, true]),
    );
  });

  it('refuses a second bed in the same directory', async () => {
    await expect(startTestbed({ devices: 1, directory: bed.directory })).rejects.toMatchObject({
      code: 'CAD-TESTBED-UP',
      remedy: expect.stringContaining('down') as string,
    });
    expect(await over(bed, 'fast', 'echo still here')).toBe('still here');
  });

  it('leaves nothing when it is taken down', async () => {
    const { slot } = bed.state;
    const uids = bed.devices.map(({ plan }) => plan.uid);
    await over(
      bed,
      'fast',
      'setsid sleep 100 >/dev/null 2>&1 & (trap "" TERM HUP; sleep 100 >/dev/null 2>&1 &) ; true',
    );
    expect(processesOf(uids).length).toBeGreaterThan(1);
    await stopTestbed(bed.directory);
    expect(remainsOf(slot, bed.directory)).toEqual(clean);
    expect(processesOf(uids)).toEqual([]);
    await expect(stopTestbed(bed.directory)).rejects.toMatchObject({ code: 'CAD-TESTBED-DOWN' });
  });

  it('leaves nothing of a bed whose making was killed', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'caduceus-testbed-test-'));
    const script = join(ROOT, 'scripts', 'testbed.ts');
    const maker = spawn(process.execPath, [script, 'up', '--devices', '6', '--state', directory], { stdio: 'ignore' });
    const ended = new Promise((resolve) => maker.once('exit', resolve));
    // In the middle: some devices have started, not all.
    const isBegun = (): boolean => existsSync(join(directory, 'devices', 'dev-2', 'init.log'));
    while (!isBegun() && maker.exitCode === null) await sleep(2);
    maker.kill('SIGKILL');
    await ended;
    const slot = [...claimedSlots()].find(([, claimed]) => claimed === directory)?.[0] ?? NaN;
    expect(readdirSync('/run/netns').some((name) => name.startsWith(`cad${slot}-`))).toBe(true);
    await stopTestbed(directory);
    expect(remainsOf(slot, directory)).toEqual({ ...clean, users: expect.any(String) as string });
  });
});

describe('a host that cannot carry a bed', () => {
  it('says why and what to do', () => {
    if (reason === undefined) return;
    expect(reason.code).toBe('CAD-TESTBED-HOST');
    expect(reason.remedy).not.toBe('');
  });
});
