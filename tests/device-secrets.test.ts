/** What is typed for a device is in no process list, no environment, no database, no log and no view. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDeviceInventory } from '../main/control-plane/devices.ts';
import { sourcePrograms } from '../main/control-plane/programs.ts';
import { deviceAt, ScriptedUser, TestConnector } from '../main/provision/ssh/connector.fixture.ts';
import { SESSION_ONLY } from '../main/provision/secrets/vault.ts';
import { type Sshd, startSshd, whyNoSshd } from '../main/provision/ssh/sshd.fixture.ts';
import { filesWith, holding, watchProcesses } from './canaries.ts';

const missing = whyNoSshd();

describe.skipIf(missing !== undefined)(`secrets of devices${missing ? `: ${missing}` : ''}`, () => {
  const password = `canary-${randomBytes(12).toString('hex')}`;
  let sshd: Sshd;
  let home: string;

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'cad-secrets-'));
    sshd = await startSshd({ users: [{ name: 'pi', password }] });
    writeFileSync(join(home, 'ssh_config'), `Host *\nUserKnownHostsFile ${join(home, 'known')}\nIdentityFile none\n`, {
      mode: 0o600,
    });
  });
  afterAll(async () => {
    await sshd?.stop();
    rmSync(home, { recursive: true, force: true });
  });

  it('a password that was typed to look at a device leaves no trace', async () => {
    const environment = { ...process.env, CADUCEUS_SSH_CONFIG: join(home, 'ssh_config'), SSH_AUTH_SOCK: '' };
    const warnings: string[] = [];
    const devices = openDeviceInventory({
      ...{ home: join(home, 'data'), environment, programs: sourcePrograms(), vault: SESSION_ONLY },
      onWarning: (text) => warnings.push(text),
    });
    const stop = watchProcesses();
    const told: string[] = [];
    devices.onChange((views) => {
      told.push(JSON.stringify(views));
      const [{ id, question } = { id: '', question: null }] = views;
      if (question?.kind !== 'secret') return;
      try {
        devices.answer(id, { kind: 'secret', question: question.question, value: password, remember: true });
      } catch {
        // Answered already.
      }
    });
    devices.add([{ address: '127.0.0.1', port: sshd.port, user: 'pi', name: 'canary' }]);
    const summary = await devices.probe(['canary'], { acceptNew: true });
    expect(summary.devices).toMatchObject([{ ok: true }]);
    expect(devices.find('canary')).toMatchObject({
      trust: { fingerprint: sshd.fingerprint('ed25519') },
      facts: { system: expect.any(String) as string },
    });
    const whileOpen = filesWith(home, [password]);
    await devices.close();
    const { looks, seen } = stop();
    expect(looks).toBeGreaterThan(2);
    expect(holding(seen, [password])).toEqual([]);
    expect([...whileOpen, ...filesWith(home, [password])]).toEqual([]);
    expect([...told, ...warnings, JSON.stringify(summary)].filter((text) => text.includes(password))).toEqual([]);
    expect(told.some((text) => text.includes('"kind":"secret"'))).toBe(true);
    // The search is not blind.
    writeFileSync(join(home, 'seen'), password);
    expect(filesWith(home, [password])).toEqual([join(home, 'seen')]);
  });

  it('what a program is given does not show in the process list of the device', async () => {
    const secrets = [1, 2].map(() => `canary-${randomBytes(12).toString('hex')}`);
    const connector = TestConnector.make();
    const device = deviceAt(sshd.port, 'pi', { keyFile: sshd.keyFile });
    const { remote } = await connector.connect(device, { dialogue: ScriptedUser.refusing(), acceptNew: true });
    const stop = watchProcesses();
    const program = 'sleep 2; read -r typed; printf %s "${#1} ${#typed}"';
    const run = { what: 'wait', args: [secrets[0] as string], stdin: `${secrets[1]}\n`, timeoutMs: 20_000 };
    expect((await remote.run(program, run)).stdout.toString()).toBe('31 31');
    const { looks, seen } = stop();
    expect(looks).toBeGreaterThan(2);
    expect(holding(seen, secrets)).toEqual([]);
    await connector.close();
  });
});
