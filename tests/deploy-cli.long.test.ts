/** The verbs for devices as a person types them: one document each, plain lines for people, and no question that nobody sees. */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeviceView } from '../main/core/device.ts';
import type { ErrorReport } from '../main/core/errors.ts';
import type { RunResult } from '../main/core/metrics.ts';
import { whyNoSshd } from '../main/provision/ssh/sshd.fixture.ts';
import { type Ended, Program, temporary } from './cli-program.ts';
import { filesIn, remainingProcesses, RUNTIME_CACHE, type SshDevice, startDevice } from './ssh-device.ts';

const missing = whyNoSshd();

describe.skipIf(missing !== undefined)(`the verbs for devices${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let device: SshDevice;
  let home: string;

  beforeAll(async () => {
    device = await startDevice();
    home = temporary();
    writeFileSync(join(home, 'ssh_config'), 'Host *\n  UserKnownHostsFile /dev/null\n  GlobalKnownHostsFile none\n');
  });
  afterAll(() => device?.stop());

  function run(...args: string[]): Promise<Ended> {
    const env = { CADUCEUS_SSH_CONFIG: join(home, 'ssh_config'), XDG_CACHE_HOME: dirname(RUNTIME_CACHE) };
    return new Program(args, { home, env }).ended;
  }

  async function documentOf<T>(...args: string[]): Promise<{ code: number | null; document: T }> {
    const { code, stdout } = await run(...args, '--json');
    expect(stdout.trim().split('\n')).toHaveLength(1);
    return { code, document: JSON.parse(stdout) as T };
  }

  it('say what is wanted when nobody, or a stranger, is named', async () => {
    expect((await documentOf<{ error: ErrorReport }>('deploy')).document.error.code).toBe('CAD-USAGE');
    expect((await documentOf<{ error: ErrorReport }>('deploy', '--all')).document.error).toMatchObject({
      code: 'CAD-DEVICE-UNKNOWN',
      remedy: expect.stringContaining('devices add') as string,
    });
  });

  it('deploy to a device that is new only when its key may be trusted, train on it, show its log, stop and take away', async () => {
    const address = `worker@127.0.0.1:${device.sshd.port}`;
    await run('devices', 'add', address, '--key', device.sshd.keyFile, '--name', 'box', '--tag', 'shelf');
    const refused = await documentOf<{ error: ErrorReport; devices: { ok: boolean }[] }>('deploy', 'box');
    expect(refused.code).toBe(1);
    expect(refused.document.error.code).toBe('CAD-SSH-HOST-KEY');
    expect(refused.document.devices).toMatchObject([{ ok: false, uploadedBytes: 0 }]);

    const deployed = await run('deploy', 'tag:shelf', '--accept-new', '--no-benchmark');
    expect(deployed.code, deployed.stderr).toBe(0);
    expect(deployed.stderr).toMatch(/box {2}host-key done/);
    expect(deployed.stderr).toMatch(/box {2}upload done: [\d.]+ MB of [\d.]+ MB \(/);
    expect(deployed.stderr).toMatch(/1 of 1 devices ready in .*; [\d.]+ MB sent/);

    const again = await documentOf<{ devices: (DeviceView & { uploadedBytes: number })[] }>(
      'deploy',
      '--all',
      '--no-benchmark',
    );
    expect(again.code).toBe(0);
    expect(again.document.devices).toMatchObject([
      { name: 'box', ok: true, uploadedBytes: 0, path: { kind: 'loopback' } },
    ]);

    expect((await documentOf('logs', 'box')).document).toEqual({ device: 'box', lines: [] });

    const small = ['--train-rows', '1000', '--test-rows', '200', '--validation-rows', '200', '--max-seconds', '5'];
    const { document: result } = await documentOf<RunResult>('train', '--policy', 'asp', '--workers', 'box', ...small);
    expect(result).toMatchObject({ workers: [{ name: 'box' }] });
    expect(result.pushes).toBeGreaterThan(0);
    const { document: log } = await documentOf<{ lines: string[] }>('logs', 'box');
    expect(log.lines.join('\n')).toMatch(/joins run [^\n]*\n[^]*supervisor: ends: the run is over/);
    expect(await remainingProcesses(device)).toEqual([]);
    expect(filesIn(device.home).filter((file) => file.endsWith('ticket'))).toEqual([]);

    expect((await documentOf('stop', '--all')).document).toMatchObject({ devices: [{ name: 'box', ok: true }] });
    expect((await documentOf('uninstall', 'box')).document).toMatchObject({ devices: [{ name: 'box', ok: true }] });
    expect(filesIn(device.home)).toEqual([]);
    expect(await remainingProcesses(device)).toEqual([]);
  }, 600_000);
});
