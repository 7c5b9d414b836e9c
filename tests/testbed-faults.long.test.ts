/** Every fault of the test bed is really in place when asked for, and gone when healed. */
import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:net';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Fault, together } from '../scripts/testbed/faults/fault.ts';
import * as login from '../scripts/testbed/faults/login.ts';
import * as network from '../scripts/testbed/faults/network.ts';
import { powerLost } from '../scripts/testbed/faults/power.ts';
import * as programs from '../scripts/testbed/faults/programs.ts';
import * as server from '../scripts/testbed/faults/ssh-server.ts';
import * as storage from '../scripts/testbed/faults/storage.ts';
import { LOGIN_SHELLS } from '../scripts/testbed/login-shells.ts';
import { programPath } from '../scripts/testbed/requirements.ts';
import { type BedDevice, startTestbed, type Testbed, whyNoTestbed } from '../scripts/testbed/testbed.ts';

const reason = whyNoTestbed();
const title = reason === undefined ? 'faults of the test bed' : `faults of the test bed (skipped: ${reason.message})`;
const MEBIBYTE = 2 ** 20;
/** A fault that hangs more than it should fails its test, and is healed. */
const SSH_MS = 25_000;

interface Answer {
  code: number | string;
  stdout: string;
  stderr: string;
}

describe.skipIf(reason !== undefined)(title, () => {
  let bed: Testbed;
  let device: BedDevice;
  let listener: Server;
  let port: number;

  beforeAll(async () => {
    bed = await startTestbed({ devices: 2, cores: 2 });
    device = bed.device('dev-1');
    listener = createServer((socket) => socket.end('reached')).listen(0, bed.hostAddress);
    await new Promise((resolve) => listener.once('listening', resolve));
    port = (listener.address() as { port: number }).port;
  });

  afterAll(async () => {
    listener.close();
    await bed.stop();
  });

  /** OpenSSH's client; whatever the command ended with is an answer. */
  function ssh(line: string, ...options: readonly string[]): Promise<Answer> {
    return new Promise((resolve) => {
      const args = ['-F', bed.sshConfig, ...options, '-o', 'ConnectTimeout=10', device.name, line];
      execFile(
        'ssh',
        args,
        { encoding: 'latin1', maxBuffer: 64 * MEBIBYTE, timeout: SSH_MS },
        (error, stdout, stderr) => {
          const code = error === null ? 0 : (error.code ?? 'killed');
          resolve({ code, stdout: Buffer.from(stdout, 'latin1').toString().trim(), stderr: stderr.trim() });
        },
      );
    });
  }

  /** Standard output, or what the shell said when it failed. */
  async function asUser(script: string): Promise<string> {
    const failed = `{ ${script}\n} 2>&1 || echo "failed: $?"`;
    return (await device.asUser(['sh', '-c', failed])).trim();
  }

  async function during(fault: Fault, check: () => Promise<void>): Promise<void> {
    const heal = await fault(device);
    try {
      await check();
    } finally {
      await heal();
    }
  }

  const dial = (host: string): string => `timeout 1 bash -c 'exec 3<>/dev/tcp/${host}/${port} && cat <&3'`;

  describe('disks', () => {
    it('small: what does not fit is refused', async () => {
      await during(storage.smallHome(2 * MEBIBYTE), async () => {
        expect(await asUser('head -c 1000000 /dev/zero > ~/fits && echo ok')).toBe('ok');
        expect(await asUser('head -c 3000000 /dev/zero > ~/big')).toContain('No space left');
      });
      expect(await asUser('ls ~')).toBe('');
    });

    it('noexec: a file runs nowhere below it, and runs again afterwards', async () => {
      const run = async (where: string): Promise<string> =>
        asUser(`printf '#!/bin/sh\\necho ran\\n' > ${where}/x && chmod +x ${where}/x && ${where}/x`);
      await during(storage.noexecHome(), async () => {
        expect(await run('~')).toContain('failed: 126');
        expect(await run('/tmp')).toBe('ran');
      });
      await during(storage.noexecTmp(), async () => {
        expect(await run('/tmp')).toContain('failed: 126');
        expect(await run('~')).toBe('ran');
      });
      expect(await run('/tmp')).toBe('ran');
    });

    it('read-only, together with noexec, each healed for itself', async () => {
      await during(together(storage.noexecHome(), storage.readOnlyHome()), async () => {
        expect(await asUser('touch ~/y')).toContain('Read-only file system');
        expect(await asUser('~/x')).toContain('failed: 126');
      });
      expect(await asUser('touch ~/y && ~/x')).toBe('ran');
    });
  });

  describe('programs', () => {
    it('uname names another machine, and nothing else changes', async () => {
      const system = await asUser('uname -s');
      await during(programs.machine('armv7l'), async () => {
        expect(await asUser('uname -m; uname -s; uname -sm')).toBe(
          `armv7l\n${system}\n${system} armv7l`.replace(/\n.*m$/, '\narmv7l'),
        );
        expect(await asUser('uname -a')).toContain('armv7l');
      });
      expect(await asUser('uname -m')).not.toBe('armv7l');
    });

    it('Node is old, or ends by a signal, or is not there', async () => {
      expect(await asUser('command -v node || echo none')).toBe('none');
      await during(programs.nodeOfVersion('v12.22.0'), async () => {
        expect(await asUser('node --version; node app.js')).toContain('v12.22.0\nSyntaxError');
      });
      await during(programs.illegalInstruction('node'), async () => {
        expect(await asUser('node --version')).toContain(`failed: ${128 + 4}`);
      });
    });

    it('tar is missing', async () => {
      await during(programs.withoutPrograms('tar', 'sha256sum'), async () => {
        expect(await asUser('command -v tar sha256sum || echo none')).toBe('none');
        expect(await asUser('ls / > /dev/null && echo ok')).toBe('ok');
      });
      expect(await asUser('command -v tar')).toBe('/usr/bin/tar');
    });

    it('sudo asks for ever, and refuses at once with -n', async () => {
      await during(programs.askingSudo(), async () => {
        expect(await asUser('sudo -n true')).toContain('failed: 1');
        expect(await asUser('timeout 0.3 sudo true')).toContain('failed: 124');
      });
    });

    it('date is a year off', async () => {
      const year = Number(await asUser('date +%Y'));
      await during(programs.wrongDate(-366 * 86_400), async () => {
        expect(Number(await asUser('date +%Y'))).toBe(year - 1);
      });
    });
  });

  describe('logins', () => {
    for (const shell of LOGIN_SHELLS) {
      const there = programPath(shell) !== undefined;
      it.skipIf(!there)(`by ${shell}${there ? '' : ' (skipped: not installed)'}`, async () => {
        await during(login.loginShell(shell), async () => {
          const { stdout } = await ssh('env | grep ^SHELL=');
          expect(stdout).toContain(`SHELL=${shell === 'busybox' ? '/usr/local/bin/ash' : (programPath(shell) ?? '')}`);
          expect((await ssh('echo one two')).stdout).toBe('one two');
        });
      });
    }

    it('by nologin: nobody gets a command through', async () => {
      await during(login.loginShell('/usr/sbin/nologin'), async () => {
        const { code, stdout } = await ssh('echo one');
        expect(code).not.toBe(0);
        expect(stdout).not.toContain('one');
      });
    });

    it('start-up files print 10 MB and what nobody asked for', async () => {
      await during(login.noisyStart({ bytes: 10 * MEBIBYTE }), async () => {
        const { stdout, stderr } = await ssh('echo asked');
        expect(stdout.length).toBeGreaterThan(10 * MEBIBYTE);
        expect(stdout).toContain('\u001b[1;31mWelcome');
        expect(stdout).toContain('\ufffd'); // no UTF-8
        expect(stdout.endsWith('asked')).toBe(true);
        expect(stderr).toContain('stty');
      });
      expect(await ssh('echo asked')).toEqual({ code: 0, stdout: 'asked', stderr: '' });
    });

    for (const shell of ['zsh', 'fish', 'tcsh'] as const) {
      const there = programPath(shell) !== undefined;
      it.skipIf(!there)(`start-up files of ${shell} print too${there ? '' : ' (skipped: not installed)'}`, async () => {
        await during(together(login.loginShell(shell), login.noisyStart()), async () => {
          const { stdout } = await ssh('echo asked');
          expect(stdout).toContain('Welcome');
          expect(stdout.endsWith('asked')).toBe(true);
        });
      });
    }

    it('hang, or end before the command', async () => {
      await during(login.hangingStart(), async () => {
        const answer = ssh('echo one');
        const isHanging = async (): Promise<boolean> =>
          (await asUser('pgrep -fx "sleep 1000000"')).startsWith('failed') === false;
        await until(isHanging);
        expect(await Promise.race([answer, sleep(200, 'waiting')])).toBe('waiting');
        await server.killSessions(device);
        expect((await answer).code).toBe(255);
      });
      await during(login.exitingStart(), async () => expect((await ssh('echo one')).code).toBe(3));
    });

    it('say something before anybody has logged in', async () => {
      await during(login.banner('Authorized users only\n'), async () => {
        expect((await ssh('true')).stderr).toContain('Authorized users only');
      });
    });

    it('are in Turkish, where the sources of that language are installed', async () => {
      await during(login.locale('tr_TR.UTF-8'), async () => {
        expect((await ssh('echo $LANG $LC_ALL')).stdout).toBe('tr_TR.UTF-8 tr_TR.UTF-8');
        if (!existsSync('/usr/share/i18n/locales/tr_TR')) return;
        expect((await ssh("echo pi | sed 's/i/\\U&/'")).stdout).toBe('pİ');
      });
      expect((await ssh('echo "<$LC_ALL>"')).stdout).toBe('<>');
    });
  });

  describe('SSH servers', () => {
    it('refuse the key, or let in by a password, asked in either way', async () => {
      await during(server.keyRefused(), async () => expect((await ssh('true')).code).toBe(255));
      for (const via of ['password', 'keyboard-interactive'] as const) {
        await during(server.passwordLogin({ password: 'open sesame', via }), async () => {
          const { stderr } = await ssh('true', '-v', '-o', 'PubkeyAuthentication=no');
          const offered = /Authentications that can continue: (.*)/.exec(stderr)?.[1] ?? '';
          expect(offered.trim().split(',')).toContain(via);
        });
      }
      expect((await ssh('true')).code).toBe(0);
      expect(readFileSync(device.files.shadow, 'utf8')).not.toContain('$6$');
    });

    it('refuse forwarding, and say so in a way that clients see', async () => {
      const forward = ['-R', `127.0.0.1:0:127.0.0.1:${port}`, '-o', 'ExitOnForwardFailure=yes'];
      expect((await ssh('true', ...forward)).code).toBe(0);
      await during(server.forwardingRefused(), async () => {
        const { code, stderr } = await ssh('true', ...forward);
        expect(code).toBe(255);
        expect(stderr).toContain('forwarding failed');
      });
    });

    it('throttle: of many at once most are dropped', async () => {
      await during(server.maxStartups('1:100:1'), async () => {
        const answers = await Promise.all(Array.from({ length: 5 }, () => ssh('true')));
        expect(answers.some(({ code }) => code === 255)).toBe(true);
        expect(device.sshdLog).toContain('MaxStartups');
      });
    });

    it('have another key, which clients refuse, and then the old one again', async () => {
      const before = device.fingerprint;
      await during(server.hostKeyChanged(), async () => {
        expect(device.fingerprint).not.toBe(before);
        expect((await ssh('true')).stderr).toContain('REMOTE HOST IDENTIFICATION HAS CHANGED');
      });
      expect(device.fingerprint).toBe(before);
      expect((await ssh('true')).code).toBe(0);
    });

    it('die: for new connections, or under a session that works', async () => {
      await during(server.sshdGone(), async () => expect((await ssh('true')).stderr).toContain('Connection refused'));
      const session = ssh('touch begun; sleep 20; echo ended');
      await until(() => existsSync(join(device.files.home, 'begun')));
      await server.killSessions(device);
      const { code, stdout } = await session;
      expect(code).toBe(255);
      expect(stdout).not.toContain('ended');
      expect((await ssh('true')).code).toBe(0);
    });
  });

  describe('networks', () => {
    const reaches = (): Promise<string> => asUser(dial(bed.hostAddress));

    it('drop or reject what goes to the server, and nothing else', async () => {
      expect(await reaches()).toBe('reached');
      await during(network.dropTo(port), async () => {
        expect(await reaches()).toContain('failed: 124');
        expect((await ssh('true')).code).toBe(0);
      });
      await during(network.rejectTo(port), async () => expect(await reaches()).toContain('refused'));
      expect(await reaches()).toBe('reached');
    });

    for (const [name, fault] of Object.entries({
      mute: network.mute(),
      deaf: network.deaf(),
      unplugged: network.unplugged(),
    })) {
      it(`${name}: nobody can connect, and the other device is as before`, async () => {
        await during(fault, async () => {
          expect((await ssh('true', '-o', 'ConnectTimeout=2')).code).toBe(255);
          expect(
            (
              await ssh(
                'true',
                '-o',
                `HostName=${bed.device('dev-2').address}`,
                '-l',
                'cad-bed-2',
                '-o',
                'HostKeyAlias=' + bed.device('dev-2').address,
              )
            ).code,
          ).toBe(0);
        });
        expect((await ssh('true')).code).toBe(0);
      });
    }

    it('throttle new connections, one after another comes through', async () => {
      await during(network.throttled(6), async () => {
        const answers = await Promise.all([1, 2, 3].map(() => ssh('true', '-o', 'ConnectTimeout=2')));
        expect(answers.map(({ code }) => code).sort()).toEqual([0, 255, 255]);
      });
    });

    it('give the device another address, under which it shows the same key', async () => {
      const before = device.address;
      await during(network.movedAddress(), async () => {
        expect(device.address).not.toBe(before);
        expect((await ssh('true', '-o', 'ConnectTimeout=2')).code).toBe(255);
        const there = ['-o', `HostName=${device.address}`, '-o', `HostKeyAlias=${before}`];
        expect((await ssh('true', ...there)).code).toBe(0);
      });
      expect(device.address).toBe(before);
    });
  });

  it('power lost: everything that ran is gone, and after the boot HOME is as it was', async () => {
    await asUser('touch ~/kept; sleep 1000 > /dev/null 2>&1 &');
    const boot = await asUser('cat /proc/sys/kernel/random/boot_id');
    await during(powerLost(), async () => {
      expect(await device.processes()).toEqual([]);
      expect((await ssh('true', '-o', 'ConnectTimeout=2')).code).toBe(255);
    });
    expect((await ssh('ls kept')).stdout).toBe('kept');
    expect(await asUser('pgrep -x sleep -U $(id -u) || echo none')).toBe('none');
    expect(await asUser('cat /proc/sys/kernel/random/boot_id')).not.toBe(boot);
  });
});

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let waitedMs = 0; waitedMs < 10_000; waitedMs += 10) {
    if (await holds()) return;
    await sleep(10);
  }
  throw new Error(`still not so after 10 s: ${holds.toString()}`);
}
