import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DeviceAnswer } from '../../core/device.ts';
import { SecretKeeper } from '../secrets/secret-keeper.ts';
import type { Vault } from '../secrets/vault.ts';
import { deviceAt, ScriptedUser, TestConnector } from './connector.fixture.ts';
import { makeKey, type Sshd, startSshd, whyNoSshd } from './sshd.fixture.ts';

const missing = whyNoSshd();
const PASSWORD = 'right-horse-4711';

const typing = (value: string, remember = false): ScriptedUser =>
  new ScriptedUser((question): DeviceAnswer =>
    question.kind === 'secret' ? { kind: 'secret', question: '', value, remember } : { kind: 'refuse', question: '' },
  );

describe.skipIf(missing !== undefined)(`authentication at a real sshd${missing ? `: ${missing}` : ''}`, () => {
  let sshd: Sshd;
  let keys: string;
  let connector: TestConnector | undefined;

  beforeAll(async () => {
    keys = mkdtempSync(join(tmpdir(), 'cad-keys-'));
    sshd = await startSshd({
      users: [
        { name: 'pi', password: PASSWORD },
        { name: 'both', password: PASSWORD },
      ],
      config: ['PasswordAuthentication yes', 'Match User both', 'AuthenticationMethods publickey,password'],
    });
    for (const name of ['wrong-1', 'wrong-2', 'wrong-3', 'wrong-4', 'wrong-5', 'wrong-6'])
      makeKey(join(keys, name), 'ed25519');
  });
  afterEach(() => connector?.close());
  afterAll(async () => {
    rmSync(keys, { recursive: true, force: true });
    await sshd?.stop();
  });

  const logOf = async (work: () => Promise<unknown>): Promise<string> => {
    const before = sshd.log().length;
    await work();
    await new Promise((resolve) => setTimeout(resolve, 150));
    return sshd.log().slice(before);
  };
  const failures = (log: string, method: string): number =>
    log.match(new RegExp(`Failed ${method} for`, 'g'))?.length ?? 0;
  const attempts = (log: string, method: string): number =>
    log.match(new RegExp(`userauth-request for user \\S+ service ssh-connection method ${method}`, 'g'))?.length ?? 0;

  it('types a password once, keeps it for the session, and says who asks', async () => {
    connector = TestConnector.make();
    const user = typing(PASSWORD);
    const { remote } = await connector.connect(deviceAt(sshd.port, 'pi'), { dialogue: user, acceptNew: true });
    expect((await remote.run('id -un', { what: 'ask', timeoutMs: 10_000 })).stdout.toString()).toBe('pi\n');
    expect(user.asked).toMatchObject([
      {
        kind: 'secret',
        secret: 'password',
        host: `127.0.0.1:${sshd.port}`,
        isShown: false,
        canRemember: false,
        prompt: `Password of pi@127.0.0.1:${sshd.port}`,
      },
    ]);
    await remote.close();
    await connector.connect(deviceAt(sshd.port, 'pi'), { dialogue: user });
    expect(user.asked).toHaveLength(1);
  });

  it('sends a wrong password once, tells each method and what came of it, and forgets it', async () => {
    connector = TestConnector.make([`Host *`, `IdentityFile ${join(keys, 'wrong-1')}`]);
    const user = typing('wrong-horse');
    const log = await logOf(() =>
      expect(connector?.connect(deviceAt(sshd.port, 'pi'), { dialogue: user, acceptNew: true })).rejects.toMatchObject({
        code: 'CAD-SSH-AUTH',
        message: expect.stringMatching(
          /did not let us in: key .*wrong-1: refused; (keyboard-interactive: refused; )?password: refused/,
        ) as string,
        remedy: expect.stringContaining('password') as string,
      }),
    );
    expect(failures(log, 'password')).toBe(1);
    expect(attempts(log, 'password')).toBe(1);
    expect(user.asked).toHaveLength(1);
    await connector.connect(deviceAt(sshd.port, 'pi'), { dialogue: user }).catch(() => undefined);
    expect(user.asked).toHaveLength(2);
  });

  it('says that there was no key to try where a device asks for nothing else', async () => {
    connector = TestConnector.make(['Host *', 'IdentityFile none']);
    await expect(
      connector.connect(deviceAt(sshd.port, 'both'), { dialogue: typing('unasked'), acceptNew: true }),
    ).rejects.toMatchObject({
      code: 'CAD-SSH-AUTH',
      message: expect.stringMatching(
        /^both@.* did not let us in: there was no key to try; the device does not ask for .*password$/,
      ) as string,
    });
  });

  it('does not authenticate again and again: at most four keys, each once', async () => {
    const config = [1, 2, 3, 4, 5, 6].map((number) => `IdentityFile ${join(keys, `wrong-${number}`)}`);
    connector = TestConnector.make(['Host *', ...config]);
    const log = await logOf(() =>
      expect(
        connector?.connect(deviceAt(sshd.port, 'pi'), { dialogue: ScriptedUser.refusing(), acceptNew: true }),
      ).rejects.toMatchObject({
        code: 'CAD-SSH-AUTH',
        message: expect.stringMatching(/other keys: 2 not tried.*password: not given/) as string,
      }),
    );
    expect(attempts(log, 'publickey')).toBe(4);
    expect(attempts(log, 'none')).toBe(1);
    expect(attempts(log, 'password')).toBe(0);
  });

  it('asks for a passphrase only once the device wants the key, and again when it is wrong', async () => {
    const locked = join(keys, 'locked');
    copyFileSync(sshd.keyFile, locked);
    execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'open sesame', '-f', locked]);
    connector = TestConnector.make();
    const device = deviceAt(sshd.port, 'pi', { keyFile: locked });
    let tries = 0;
    const user = new ScriptedUser(() => ({
      kind: 'secret',
      question: '',
      value: ++tries === 1 ? 'wrong' : 'open sesame',
      remember: false,
    }));
    await connector.connect(device, { dialogue: user, acceptNew: true });
    expect(user.asked).toMatchObject([
      { secret: 'passphrase', prompt: `Passphrase of ${locked}` },
      { secret: 'passphrase' },
    ]);
    await connector.close();
    // A key that the device does not want is never unlocked.
    const unwanted = join(keys, 'unwanted');
    makeKey(unwanted, 'ed25519', 'secret');
    connector = TestConnector.make();
    const nobody = ScriptedUser.refusing();
    await connector
      .connect(deviceAt(sshd.port, 'pi', { keyFile: unwanted }), { dialogue: nobody, acceptNew: true })
      .catch(() => undefined);
    expect(nobody.asked.filter((question) => question.kind === 'secret' && question.secret === 'passphrase')).toEqual(
      [],
    );
  });

  it('reads keys of every kind that OpenSSH writes', async () => {
    for (const [type, format] of [
      ['rsa', []],
      ['ecdsa', []],
      ['rsa', ['-m', 'PEM']],
      ['ed25519', []],
    ] as const) {
      const path = join(keys, `kind-${type}-${format.length}`);
      makeKey(path, type, '', format);
      execFileSync('sh', ['-c', `cat "$1" >> "$2"`, 'sh', `${path}.pub`, join(sshd.directory, 'authorized_keys')]);
      connector = TestConnector.make();
      await connector.connect(deviceAt(sshd.port, 'pi', { keyFile: path }), {
        dialogue: ScriptedUser.refusing(),
        acceptNew: true,
      });
      await connector.close();
    }
  });

  it('uses the agent first, and a key of its for a device that wants this very one', async () => {
    const socket = join(keys, 'agent');
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
    try {
      await new Promise((resolve) => setTimeout(resolve, 300));
      const environment = { SSH_AUTH_SOCK: socket };
      const add = (path: string): unknown =>
        execFileSync('ssh-add', ['-q', path], { env: { ...process.env, ...environment }, stdio: 'ignore' });
      for (const name of ['wrong-1', 'wrong-2', 'wrong-3', 'wrong-4']) add(join(keys, name));
      add(sshd.keyFile);
      connector = TestConnector.make([], { environment });
      const log = await logOf(
        () =>
          connector?.connect(deviceAt(sshd.port, 'pi', { keyFile: sshd.keyFile }), {
            dialogue: ScriptedUser.refusing(),
            acceptNew: true,
          }) as Promise<unknown>,
      );
      expect(log).toContain('Accepted publickey');
      expect(log).not.toContain('Failed publickey');
    } finally {
      agent.kill();
    }
  });

  it('gives a device that wants a key and a password both, one after the other', async () => {
    connector = TestConnector.make();
    const user = typing(PASSWORD);
    const { remote } = await connector.connect(deviceAt(sshd.port, 'both', { keyFile: sshd.keyFile }), {
      dialogue: user,
      acceptNew: true,
    });
    expect((await remote.run('id -un', { what: 'ask', timeoutMs: 10_000 })).stdout.toString()).toBe('both\n');
    expect(user.asked).toHaveLength(1);
  });

  it('keeps a password in a real vault when it is told to, and takes it out when it is refused', async () => {
    const kept = new Map<string, string>();
    const vault: Vault = {
      canKeep: async () => true,
      get: async (name) => kept.get(name),
      set: async (name, secret) => void kept.set(name, secret),
      delete: async (name) => void kept.delete(name),
    };
    connector = TestConnector.make([], { secrets: new SecretKeeper(vault) });
    await connector.connect(deviceAt(sshd.port, 'pi'), { dialogue: typing(PASSWORD, true), acceptNew: true });
    expect([...kept.values()]).toEqual([PASSWORD]);
    await connector.close();
    connector = TestConnector.make([], { secrets: new SecretKeeper(vault) });
    await connector.connect(deviceAt(sshd.port, 'pi'), { dialogue: ScriptedUser.refusing(), acceptNew: true });
    await connector.close();
    kept.set([...kept.keys()][0] as string, 'changed meanwhile');
    connector = TestConnector.make([], { secrets: new SecretKeeper(vault) });
    await connector
      .connect(deviceAt(sshd.port, 'pi'), { dialogue: ScriptedUser.refusing(), acceptNew: true })
      .catch(() => undefined);
    expect(kept.size).toBe(0);
  });

  it('uses an answer that comes after the server has given up', async () => {
    const impatient = await startSshd({ users: [{ name: 'pi', password: PASSWORD }], config: ['LoginGraceTime 2'] });
    try {
      connector = TestConnector.make();
      const slow = new ScriptedUser(async () => {
        await new Promise((resolve) => setTimeout(resolve, 3500));
        return { kind: 'secret', question: '', value: PASSWORD, remember: false };
      });
      await connector.connect(deviceAt(impatient.port, 'pi'), { dialogue: slow, acceptNew: true });
      expect(slow.asked).toHaveLength(1);
    } finally {
      await impatient.stop();
    }
  });
});
