/** One device from its address to a proved agent, over a real sshd: the first time, again, and with a newer agent. */
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEPLOY_STEPS, type DeployStep } from '../main/core/device.ts';
import type { Installation } from '../main/provision/deployment/deployment.ts';
import { uninstall } from '../main/provision/deployment/remote-agent.ts';
import { bundledAgent } from '../main/provision/local.ts';
import { NOBODY } from '../main/provision/ssh/dialogue.ts';
import { whyNoSshd } from '../main/provision/ssh/sshd.fixture.ts';
import {
  type Deployed,
  deployTo,
  filesIn,
  remainingProcesses,
  type SshDevice,
  startDevice,
  stateOf,
} from './ssh-device.ts';

const missing = whyNoSshd();

function detailOf({ steps }: Deployed, wanted: DeployStep): string | undefined {
  return steps.find(({ step }) => step === wanted)?.detail;
}

describe.skipIf(missing !== undefined)(`a deployment over SSH${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let device: SshDevice;
  let first: Deployed;
  let scratch: string;

  beforeAll(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'caduceus-deploy-'));
    device = await startDevice();
    first = await deployTo(device, { benchmark: 'when-new' });
  }, 120_000);
  afterAll(async () => {
    await device?.stop();
    rmSync(scratch, { recursive: true, force: true });
  });

  it('goes through every step, and knows the device, its engine, its speed and its way here', () => {
    expect(first.error).toBeUndefined();
    expect(first.steps.map(({ step }) => step)).toEqual([...DEPLOY_STEPS]);
    expect(first.steps.every(({ state, tookMs }) => state === 'done' && tookMs !== undefined)).toBe(true);
    expect(first.facts).toMatchObject({
      architecture: process.arch === 'x64' ? 'x86_64' : 'aarch64',
      loginShell: '/bin/sh',
    });
    expect(first.installation?.engine).toMatch(/^(wasm|tfjs-node|cpu)$/);
    expect(first.benchmark?.samplesPerSecond).toBeGreaterThan(0);
    expect(first.path).toMatchObject({ kind: 'loopback' });
    expect(first.uploadedBytes).toBeGreaterThan(10e6);
  });

  it('leaves one version, current, readable by its owner only, and no process', async () => {
    const id = first.installation?.version ?? '';
    const top = filesIn(device.home).filter((path) => path.split('/').length <= 2);
    expect(top).toEqual(['.caduceus', '.caduceus/current', '.caduceus/versions']);
    expect(readlinkSync(join(device.home, '.caduceus', 'current'))).toBe(`versions/${id}`);
    expect(filesIn(join(device.home, '.caduceus', 'versions', id))).toEqual([
      'agent.cjs',
      'checked',
      'manifest',
      'node',
      'supervise',
    ]);
    expect(await remainingProcesses(device)).toEqual([]);
  });

  it('sends nothing the second time, and still proves what is there', async () => {
    const other = { ...first.installation, seal: 'another' } as Installation;
    const again = await deployTo(device, { benchmark: 'when-new', installation: other });
    expect(again.error).toBeUndefined();
    expect(again.uploadedBytes).toBe(0);
    expect(stateOf(again, 'upload')).toBe('skipped');
    expect(stateOf(again, 'verify')).toBe('done');
    expect(stateOf(again, 'benchmark')).toBe('skipped');
    expect(again.installation).toEqual(first.installation);
    expect(detailOf(again, 'verify')).not.toContain('untouched');
  });

  it('says that there is nothing to go back to, and that the device is as before', async () => {
    const refused = await deployTo(device, { previous: true });
    expect(refused.error?.code).toBe('CAD-DEVICE-PREVIOUS');
    expect(refused.isAsBefore).toBe(true);
    expect(stateOf(refused, 'plan')).toBe('failed');
    const unreached = await deployTo(device, { previous: true, signal: AbortSignal.abort() });
    expect(unreached.error?.code).toBe('CAD-CANCELLED');
    expect(unreached.isAsBefore).toBeUndefined();
  });

  it('computes no sums again where nobody has written to a file since they were proved', async () => {
    const again = await deployTo(device, { installation: first.installation as Installation });
    expect(again.error).toBeUndefined();
    expect(detailOf(again, 'verify')).toMatch(/untouched since they were proved/);
  });

  it('sends only the agent when a newer one comes, and keeps the version before to go back to', async () => {
    const newer = join(scratch, 'agent.cjs');
    cpSync(bundledAgent(), newer);
    writeFileSync(newer, `${readFileSync(newer, 'utf8')}\n// a later release\n`);
    const update = await deployTo(device, { agent: newer });
    expect(update.error).toBeUndefined();
    expect(update.uploadedBytes).toBeLessThan(4e6);
    expect(readlinkSync(join(device.home, '.caduceus', 'previous'))).toBe(`versions/${first.installation?.version}`);
    const back = await deployTo(device, { previous: true });
    expect(back.error).toBeUndefined();
    expect(back.uploadedBytes).toBe(0);
    expect(back.installation?.version).toBe(first.installation?.version);
    expect(stateOf(back, 'verify')).toBe('done');
    expect(readlinkSync(join(device.home, '.caduceus', 'current'))).toBe(`versions/${first.installation?.version}`);
  });

  it('keeps the current version when a new one does not work', async () => {
    const broken = join(scratch, 'broken.cjs');
    writeFileSync(broken, 'throw new Error("this agent is broken")');
    const failed = await deployTo(device, { agent: broken });
    expect(failed.error?.code).toBe('CAD-DEVICE-COMMAND');
    expect(failed.error?.message).toMatch(/this agent is broken/);
    expect(readlinkSync(join(device.home, '.caduceus', 'current'))).toBe(`versions/${first.installation?.version}`);
  });

  it('does not go back to a version that is not what it was, and keeps the current one', async () => {
    const current = readlinkSync(join(device.home, '.caduceus', 'current'));
    const previous = readlinkSync(join(device.home, '.caduceus', 'previous'));
    expect(previous).not.toBe(current);
    appendFileSync(join(device.home, '.caduceus', previous, 'agent.cjs'), ' ');
    const failed = await deployTo(device, { previous: true });
    expect(failed.error?.code).toBe('CAD-DEVICE-TAMPERED');
    expect(failed.isAsBefore).toBe(true);
    expect(readlinkSync(join(device.home, '.caduceus', 'current'))).toBe(current);
  });

  it('refuses a flipped byte with the expected and the actual SHA-256, and a new deployment replaces it', async () => {
    const file = join(device.home, '.caduceus', 'versions', first.installation?.version ?? '', 'agent.cjs');
    const bytes = readFileSync(file);
    bytes[1000] = (bytes[1000] ?? 0) ^ 1;
    const { atime, mtime } = statSync(file);
    writeFileSync(file, bytes);
    // Whoever did it hides it as well as he can.
    utimesSync(file, atime, mtime);
    const refused = await deployTo(device, { installation: first.installation as Installation });
    expect(refused.error).toMatchObject({ code: 'CAD-DEVICE-TAMPERED' });
    expect(refused.error?.message).toMatch(
      /agent\.cjs on the device has SHA-256 [0-9a-f]{64}, but [0-9a-f]{64} was sent/,
    );
    expect(stateOf(refused, 'verify')).toBe('failed');
    expect(stateOf(refused, 'start')).toBe('waiting');
    const repaired = await deployTo(device);
    expect(repaired.error).toBeUndefined();
    expect(repaired.uploadedBytes).toBeGreaterThan(0);
    // Kept for a look until the new one is current.
    expect(filesIn(join(device.home, '.caduceus', 'versions')).filter((path) => path === 'tampered')).toEqual([]);
  });

  it('is taken away without a trace', async () => {
    const lease = await device.connector.connect(device.settings, { dialogue: NOBODY });
    expect(await uninstall(lease.remote, first.installation?.directory ?? '')).toBe(0);
    await lease.release();
    expect(filesIn(device.home)).toEqual([]);
    expect(await remainingProcesses(device)).toEqual([]);
  });
});
