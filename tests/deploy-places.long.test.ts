/** Devices that are not as one would like them: their systems, shells, disks and places. */
import { existsSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { uninstall } from '../main/provision/deployment/remote-agent.ts';
import { NOBODY } from '../main/provision/ssh/dialogue.ts';
import { type SshdUser, whyNoSshd } from '../main/provision/ssh/sshd.fixture.ts';
import { deployTo, filesIn, remainingProcesses, type SshDevice, startDevice, stateOf } from './ssh-device.ts';

const missing = whyNoSshd();

/** A device where these programs are others. */
function withShims(shims: Record<string, string>, users: Partial<SshdUser> = {}): Promise<SshDevice> {
  const files = Object.fromEntries(
    Object.entries(shims).map(([name, text]) => [`shims/${name}`, `#!/bin/sh\n${text}\n`]),
  );
  return startDevice({
    users: [{ name: 'worker', ...users, files: { ...files, ...users.files } }],
    prepare: ['chmod -R a+rx "$HOMES/worker/shims"', 'mount --bind "$HOMES/worker/shims" /usr/local/bin'],
    config: ['SetEnv PATH=/usr/local/bin:/usr/bin:/bin'],
  });
}

async function tidyUp(device: SshDevice, directory: string): Promise<number> {
  const lease = await device.connector.connect(device.settings, { dialogue: NOBODY });
  try {
    return await uninstall(lease.remote, directory);
  } finally {
    await lease.release();
  }
}

describe.skipIf(missing !== undefined)(`unusual devices${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let device: SshDevice | undefined;
  afterEach(async () => {
    await device?.stop();
    device = undefined;
  });

  for (const machine of ['riscv64', 'mips', 'armv7l', 'armv6l', 'ppc64le']) {
    it(`with uname saying ${machine} is refused before a byte is sent`, async () => {
      device = await withShims({ uname: `[ "$1" = -m ] && echo ${machine} || exec /usr/bin/uname "$@"` });
      const result = await deployTo(device);
      expect(result.error).toMatchObject({ code: 'CAD-DEVICE-SYSTEM' });
      expect(result.error?.message).toContain(machine);
      expect(result.uploadedBytes).toBe(0);
      expect(stateOf(result, 'plan')).toBe('failed');
      expect(stateOf(result, 'upload')).toBe('waiting');
      expect(filesIn(device.home).filter((path) => !path.startsWith('shims'))).toEqual([]);
    });
  }

  it('with musl and an old Node is told what it has and what it needs', async () => {
    device = await withShims({
      getconf: '[ "$1" != GNU_LIBC_VERSION ] && exec /usr/bin/getconf "$@"',
      node: 'echo v12.22.9',
    });
    const result = await deployTo(device);
    expect(result.error?.message).toMatch(/only Node 12\.22\.9, and Node 20 or newer is needed/);
    expect(result.uploadedBytes).toBe(0);
  });

  it('with an old Node, a wrong clock, a hanging df and a sudo that asks works; sudo is never called', async () => {
    device = await withShims(
      {
        node: 'echo v12.22.9',
        sudo: 'touch /tmp/caduceus-sudo-was-called-$(id -u); read -r password </dev/tty',
        date: 'case $1 in +%s) echo $(($(/usr/bin/date +%s) - 200000000)) ;; *) exec /usr/bin/date "$@" ;; esac',
        df: 'exec sleep 1000',
      },
      { shell: '/bin/bash' },
    );
    const result = await deployTo(device);
    expect(result.error).toBeUndefined();
    expect(result.facts).toMatchObject({ node: '12.22.9' });
    expect(result.facts?.clockSkewMs).toBeLessThan(-199_000_000_000);
    expect(result.facts?.freeDiskBytes).toBeUndefined();
    expect(result.steps.find(({ step }) => step === 'start')?.detail).toMatch(/^Node 24/);
    expect(existsSync(`/tmp/caduceus-sudo-was-called-${device.uid}`)).toBe(false);
  });

  it('that hangs at a command ends its step within the bound', async () => {
    device = await withShims({ uname: 'exec sleep 1000' });
    const startedMs = performance.now();
    const result = await deployTo(device);
    expect(result.error).toMatchObject({ code: 'CAD-SSH-TIMEOUT' });
    expect(stateOf(result, 'probe')).toBe('failed');
    expect(performance.now() - startedMs).toBeLessThan(25_000);
    expect(await remainingProcesses(device)).toEqual([]);
  });

  it('with a full disk is refused with the megabytes needed and free, and left as it was', async () => {
    device = await startDevice({ prepare: ['mount -t tmpfs -o size=2m,mode=777 tmpfs "$HOMES/worker"'] });
    const result = await deployTo(device);
    expect(result.error).toMatchObject({ code: 'CAD-DEVICE-DISK' });
    expect(result.error?.message).toMatch(/needs \d+\.\d MB in .*\.caduceus and has 2\.\d MB free/);
    expect(result.uploadedBytes).toBe(0);
    expect(await lines(device, 'find ~ -mindepth 1 | wc -l')).toBe('0');
  });

  it('whose disk fills up during the upload is told so, and nothing is left', async () => {
    // df tells more than there is, as it does with a quota.
    device = await startDevice({
      prepare: [
        'mkdir "$HOMES/shims"',
        `printf '#!/bin/sh\\necho "x 1 1 999999999 1%% /"\\n' > "$HOMES/shims/df"`,
        'chmod 755 "$HOMES/shims/df"',
        'mount --bind "$HOMES/shims" /usr/local/bin',
        'mount -t tmpfs -o size=20m,mode=777 tmpfs "$HOMES/worker"',
      ],
      config: ['SetEnv PATH=/usr/local/bin:/usr/bin:/bin'],
    });
    const result = await deployTo(device);
    expect(result.error).toMatchObject({ code: 'CAD-DEVICE-DISK' });
    expect(stateOf(result, 'upload')).toBe('failed');
    expect(await lines(device, 'find ~ -mindepth 1 | wc -l')).toBe('0');
  });

  it('with a read-only home has its agent under /tmp', async () => {
    device = await startDevice({
      prepare: ['mount --bind "$HOMES/worker" "$HOMES/worker"', 'mount -o remount,ro,bind "$HOMES/worker"'],
    });
    const result = await deployTo(device);
    expect(result.error).toBeUndefined();
    expect(result.installation?.directory).toBe(`/tmp/caduceus-${device.uid}`);
    expect(result.steps.find(({ step }) => step === 'probe')?.log.join(' ')).toMatch(/not in .*\.caduceus: unwritable/);
    expect(await tidyUp(device, result.installation?.directory ?? '')).toBe(0);
    expect(existsSync(`/tmp/caduceus-${device.uid}`)).toBe(false);
  });

  it('with a noexec home has its agent elsewhere; where its user insists, it is refused', async () => {
    device = await startDevice({ prepare: ['mount -t tmpfs -o noexec,mode=777 tmpfs "$HOMES/worker"'] });
    const probed = await deployTo(device, { probeOnly: true });
    expect(probed.steps.find(({ step }) => step === 'probe')?.log.join(' ')).toMatch(/not in .*\.caduceus: noexec/);
    const insisted = { ...device.settings, workDirectory: '~/agent' };
    const refused = await deployTo(device, { device: insisted });
    expect(refused.error).toMatchObject({ code: 'CAD-DEVICE-NOEXEC' });
    expect(refused.error?.remedy).toMatch(/--work-dir/);
  });
});

async function lines(device: SshDevice, program: string): Promise<string> {
  const lease = await device.connector.connect(device.settings, { dialogue: NOBODY });
  try {
    return (await lease.remote.run(program, { what: 'look', timeoutMs: 10_000 })).stdout.toString().trim();
  } finally {
    await lease.release();
  }
}
