/**
 * How long a deployment takes, on a bed of devices with their own networks and SSH servers on this host (Linux, root).
 * First deployments are measured beside OpenSSH's client that streams the very same tar to the same device; each figure
 * is the median, with the two taken in turn. Then all devices are deployed to again with nothing changed, over new connections
 * each time, as the command line makes them.
 *
 *     npm run bench -- deploy [--devices 6] [--repeat 5] [--mbit 0] [--preset NAME] [--cores N] [--unchanged] [--json]
 *
 * --unchanged leaves the first deployments out. --mbit caps each device's link; 0 leaves it as fast as this host is.
 */
import { spawn } from 'node:child_process';
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { type Devices, openDeviceInventory } from '../main/control-plane/devices.ts';
import { sourcePrograms } from '../main/control-plane/programs.ts';
import type { DeploySummary } from '../main/core/device.ts';
import { streamVersion } from '../main/provision/deployment/version-stream.ts';
import { makeVersion } from '../main/provision/deployment/version-files.ts';
import { SESSION_ONLY } from '../main/provision/secrets/vault.ts';
import { startTestbed, type Testbed } from '../scripts/testbed/testbed.ts';

const { values } = parseArgs({
  options: {
    devices: { type: 'string', default: '6' },
    repeat: { type: 'string', default: '5' },
    mbit: { type: 'string', default: '0' },
    preset: { type: 'string' },
    cores: { type: 'string' },
    unchanged: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const repeat = Number(values.repeat);
const bitsPerSecond = Number(values.mbit) * 1e6;

interface Figures {
  devices: number;
  mbit: number;
  first?: { uploadedBytes: number; wholeMs: number; uploadAndVerifyMs: number; opensshMs: number; ratio: number };
  /** Of the devices, the one that takes longest decides; its steps are medians. */
  unchangedMs: { all: number[]; median: number; slowest: { device: string; steps: Record<string, number> } };
}

const scratch = mkdtempSync(join(tmpdir(), 'caduceus-bench-deploy-'));
const bed = await startTestbed({
  devices: Number(values.devices),
  ...(values.preset !== undefined && { preset: values.preset }),
  ...(values.cores !== undefined && { cores: Number(values.cores) }),
});
try {
  if (bitsPerSecond > 0) {
    for (const device of bed.devices) {
      await device.setLink({ latencyMs: 0, upBitsPerSecond: bitsPerSecond, downBitsPerSecond: bitsPerSecond });
    }
  }
  const inputs = bed.devices.map(({ name, address, port, user }) => ({
    name,
    address,
    port,
    user,
    keyFile: bed.keyFile,
  }));
  await withInventory((devices) => devices.add(inputs));
  print(await measure(bed));
} finally {
  await bed.stop();
  rmSync(scratch, { recursive: true, force: true });
}

async function withInventory<T>(work: (devices: Devices) => T | Promise<T>): Promise<T> {
  const devices = openDeviceInventory({
    home: join(scratch, 'home'),
    environment: { ...process.env, CADUCEUS_SSH_CONFIG: bed.sshConfig },
    programs: sourcePrograms(),
    vault: SESSION_ONLY,
  });
  try {
    return await work(devices);
  } finally {
    await devices.close();
  }
}

async function measure(bed: Testbed): Promise<Figures> {
  const first = values.unchanged ? undefined : await withInventory((devices) => measureFirst(bed, devices));
  await withInventory(async (devices) =>
    checked(await devices.deploy({ devices: [], acceptNew: true, benchmark: false })),
  );
  return {
    ...{ devices: bed.devices.length, mbit: Number(values.mbit), unchangedMs: await measureUnchanged() },
    ...(first && { first }),
  };
}

async function measureFirst(bed: Testbed, devices: Devices): Promise<NonNullable<Figures['first']>> {
  const [one] = bed.devices;
  if (one === undefined) throw new RangeError('no device');
  // Fetches the runtime and packs it, once for all; that is not what is measured.
  const warmUp = checked(await devices.deploy({ devices: [one.name], acceptNew: true, benchmark: false }));
  const uploadedBytes = warmUp.devices[0]?.uploadedBytes ?? 0;
  const tar = await sameTar(uploadedBytes);
  const whole: number[] = [];
  const uploads: number[] = [];
  const openssh: number[] = [];
  for (let turn = 0; turn < repeat; turn++) {
    checked(await devices.uninstall([one.name]));
    openssh.push(await streamWithOpenSsh(bed, one.name, tar));
    const { tookMs } = checked(await devices.deploy({ devices: [one.name], benchmark: false }));
    whole.push(tookMs);
    const steps = devices.find(one.name).steps ?? [];
    uploads.push(
      steps.reduce((sum, { step, tookMs: ms = 0 }) => sum + (['upload', 'verify'].includes(step) ? ms : 0), 0),
    );
  }
  const [upload, plain] = [median(uploads), median(openssh)];
  return {
    ...{ uploadedBytes, wholeMs: median(whole) },
    ...{ uploadAndVerifyMs: upload, opensshMs: plain, ratio: upload / plain },
  };
}

async function measureUnchanged(): Promise<Figures['unchangedMs']> {
  const unchanged: number[] = [];
  const took = new Map<string, number[]>();
  for (let turn = 0; turn < repeat; turn++) {
    await withInventory(async (devices) => {
      const summary = checked(await devices.deploy({ devices: [], benchmark: false }));
      if (summary.devices.some((device) => device.uploadedBytes > 0)) throw new Error('something was sent again');
      unchanged.push(summary.tookMs);
      for (const { name, steps } of devices.list()) {
        for (const { step, tookMs = 0 } of steps ?? []) {
          const key = `${name} ${step}`;
          took.set(key, [...(took.get(key) ?? []), tookMs]);
        }
      }
    });
  }
  return { all: unchanged, median: median(unchanged), slowest: slowestOf(took) };
}

/** @param took By `device step`, of every turn. */
function slowestOf(took: ReadonlyMap<string, readonly number[]>): Figures['unchangedMs']['slowest'] {
  const devices = new Map<string, Record<string, number>>();
  for (const [key, times] of took) {
    const [device = '', step = ''] = key.split(' ');
    devices.set(device, { ...devices.get(device), [step]: median(times) });
  }
  const total = (steps: Record<string, number>): number => Object.values(steps).reduce((sum, ms) => sum + ms, 0);
  const [slowest] = [...devices].sort(([, a], [, b]) => total(b) - total(a));
  if (slowest === undefined) throw new RangeError('no device');
  return { device: slowest[0], steps: slowest[1] };
}

/** The archive that was sent, as a file: compressed or not, told by its size. */
async function sameTar(uploadedBytes: number): Promise<{ path: string; isCompressed: boolean }> {
  const version = await makeVersion(sourcePrograms().agent, {
    kind: 'brought',
    architecture: process.arch === 'arm64' ? 'arm64' : 'x64',
  });
  const raw = version.files.reduce((sum, { bytes }) => sum + bytes, 0);
  const isCompressed = uploadedBytes < 0.8 * raw;
  const { stream } = await streamVersion(version, version.files, {
    compressed: isCompressed,
    source: {},
    onBytes: () => undefined,
  });
  const path = join(scratch, 'version.tar');
  await pipeline(stream, createWriteStream(path));
  return { path, isCompressed };
}

function streamWithOpenSsh(bed: Testbed, name: string, tar: { path: string; isCompressed: boolean }): Promise<number> {
  const unpack = `rm -rf same-tar && mkdir same-tar && tar -x${tar.isCompressed ? 'z' : ''}f - -C same-tar`;
  const startedMs = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn('ssh', ['-F', bed.sshConfig, name, unpack], { stdio: ['pipe', 'inherit', 'inherit'] });
    pipeline(createReadStream(tar.path, { highWaterMark: 256 * 1024 }), child.stdin).catch(reject);
    child.once('exit', (code) => {
      if (code === 0) resolve(performance.now() - startedMs);
      else reject(new Error(`ssh ended with ${code}`));
    });
  });
}

function checked(summary: DeploySummary): DeploySummary {
  const failed = summary.devices.find(({ ok }) => !ok);
  if (failed) throw new Error(`${failed.name}: ${failed.error?.code} ${failed.error?.message}`);
  return summary;
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return Math.round(sorted[Math.floor(sorted.length / 2)] ?? NaN);
}

function print(figures: Figures): void {
  if (values.json) {
    console.log(JSON.stringify(figures));
    return;
  }
  const link = figures.mbit > 0 ? `${figures.mbit} Mbit/s` : 'no cap';
  console.log(`${figures.devices} devices, link ${link}, median of ${repeat}`);
  if (figures.first) {
    const { uploadedBytes, wholeMs, uploadAndVerifyMs, opensshMs, ratio } = figures.first;
    console.log(`first deployment of one device   ${wholeMs} ms, ${(uploadedBytes / 1e6).toFixed(1)} MB sent`);
    console.log(`  of it upload and proof         ${uploadAndVerifyMs} ms`);
    console.log(`  OpenSSH, same tar              ${opensshMs} ms (ratio ${ratio.toFixed(2)})`);
  }
  const { median: again, slowest } = figures.unchangedMs;
  console.log(`all ${figures.devices} again, unchanged          ${again} ms`);
  const steps = Object.entries(slowest.steps).filter(([, ms]) => ms > 0);
  console.log(`  of it ${slowest.device.padEnd(25)}${steps.map(([step, ms]) => `${step} ${ms}`).join(', ')} ms`);
}
