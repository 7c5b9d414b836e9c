import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fingerprintOf } from '../trust/host-key.ts';
import { deviceAt, ScriptedUser, TestConnector } from './connector.fixture.ts';
import { type Sshd, startSshd, whyNoSshd } from './sshd.fixture.ts';

const missing = whyNoSshd();

/** What sshd logs when the client asks to authenticate at all. */
function authenticationPackets(log: string): number {
  return log.match(/userauth-request|SSH2_MSG_USERAUTH|service_accept: ssh-userauth|userauth_/g)?.length ?? 0;
}

describe.skipIf(missing !== undefined)(`the host key before any credential${missing ? `: ${missing}` : ''}`, () => {
  let sshd: Sshd;
  let connector: TestConnector;

  beforeAll(async () => {
    sshd = await startSshd({ users: [{ name: 'pi', password: 'canary-4711' }], hostKeyTypes: ['ed25519', 'rsa'] });
  });
  beforeEach(() => {
    connector = TestConnector.make();
  });
  afterEach(() => connector.close());
  afterAll(() => sshd?.stop());

  const device = () => deviceAt(sshd.port, 'pi', { keyFile: sshd.keyFile });
  const logOf = async (work: () => Promise<unknown>): Promise<string> => {
    const before = sshd.log().length;
    await work();
    await new Promise((resolve) => setTimeout(resolve, 100));
    return sshd.log().slice(before);
  };

  it('shows an unknown key, sends nothing before the yes, and remembers the yes', async () => {
    const user = new ScriptedUser((question) => {
      expect(authenticationPackets(sshd.log())).toBe(0);
      return question.kind === 'trust'
        ? { kind: 'trust', question: '', fingerprint: question.fingerprint }
        : { kind: 'refuse', question: '' };
    });
    const stages: string[] = [];
    const lease = await connector.connect(device(), {
      dialogue: user,
      onStage: (stage, detail) => stages.push(`${stage} ${detail ?? ''}`),
    });
    expect(user.asked).toEqual([
      {
        kind: 'trust',
        host: `127.0.0.1:${sshd.port}`,
        fingerprint: sshd.fingerprint('ed25519'),
        keyType: 'ssh-ed25519',
        knownToTailnet: false,
        checkCommand: 'ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub',
      },
    ]);
    expect(connector.hostKeys.keys).toMatchObject([{ keyType: 'ssh-ed25519', by: 'user' }]);
    expect(stages).toContain(`host-key ssh-ed25519 ${sshd.fingerprint('ed25519')}`);
    expect(stages.at(-1)).toMatch(/^authenticate OpenSSH/);
    await lease.release();
    await connector.connect(device(), { dialogue: user });
    expect(user.asked).toHaveLength(1);
    // The count is not blind: this login is in it.
    expect(authenticationPackets(sshd.log())).toBeGreaterThan(2);
  });

  it('sends no authentication when nobody says yes', async () => {
    const log = await logOf(() =>
      expect(connector.connect(device(), { dialogue: ScriptedUser.refusing() })).rejects.toMatchObject({
        code: 'CAD-SSH-HOST-KEY',
      }),
    );
    expect(log).toMatch(/SSH2_MSG_KEXINIT sent|kex/);
    expect(authenticationPackets(log)).toBe(0);
    expect(connector.hostKeys.keys).toEqual([]);
  });

  it('takes a new key without asking where that was asked for, and marks one that the tailnet knows', async () => {
    const key = Buffer.from(sshd.publicKey('ed25519').split(' ')[1] ?? '', 'base64');
    const other = TestConnector.make([], { tailnetKeys: async () => [key] });
    const user = ScriptedUser.refusing();
    await other.connect(device(), { dialogue: user, acceptNew: true });
    expect(user.asked).toEqual([]);
    expect(other.hostKeys.keys).toMatchObject([{ by: 'tailnet' }]);
    other.hostKeys.keys = [];
    await other.close();
    const third = TestConnector.make([], { tailnetKeys: async () => [key] });
    await third.connect(device(), { dialogue: user }).catch(() => undefined);
    expect(user.asked).toMatchObject([{ kind: 'trust', knownToTailnet: true }]);
    await third.close();
  });

  it('refuses a changed key whatever it is told, sends nothing, and replaces it only by name', async () => {
    connector.hostKeys.trust({
      address: '127.0.0.1',
      port: sshd.port,
      keyType: 'ssh-ed25519',
      key: Buffer.from('0000000b7373682d65643235353139', 'hex'),
      by: 'user',
    });
    const old = fingerprintOf(Buffer.from('0000000b7373682d65643235353139', 'hex'));
    const trusting = new ScriptedUser((question) => ({
      kind: 'trust',
      question: '',
      fingerprint: 'fingerprint' in question ? question.fingerprint : '',
    }));
    const log = await logOf(() =>
      expect(connector.connect(device(), { dialogue: trusting, acceptNew: true })).rejects.toMatchObject({
        code: 'CAD-SSH-HOST-KEY-CHANGED',
        message: expect.stringContaining(old) as string,
        remedy: expect.stringContaining(sshd.fingerprint('ed25519')) as string,
      }),
    );
    expect(authenticationPackets(log)).toBe(0);
    expect(trusting.asked).toMatchObject([
      {
        kind: 'key-changed',
        trustedFingerprint: old,
        trustedSince: '2026-01-02T03:04:05.000Z',
        fingerprint: sshd.fingerprint('ed25519'),
      },
    ]);
    const wrong = new ScriptedUser(() => ({ kind: 'replace-key', question: '', fingerprint: 'SHA256:another' }));
    await expect(connector.connect(device(), { dialogue: wrong })).rejects.toMatchObject({
      code: 'CAD-SSH-HOST-KEY-CHANGED',
    });
    const replacing = new ScriptedUser(() => ({
      kind: 'replace-key',
      question: '',
      fingerprint: sshd.fingerprint('ed25519'),
    }));
    const { remote } = await connector.connect(device(), { dialogue: replacing });
    expect((await remote.run('id -un', { what: 'ask', timeoutMs: 10_000 })).stdout.toString()).toBe('pi\n');
  });

  it('asks for the type of key that it knows, and does not take another type for a change', async () => {
    const rsa = Buffer.from(sshd.publicKey('rsa').split(' ')[1] ?? '', 'base64');
    connector.hostKeys.trust({ address: '127.0.0.1', port: sshd.port, keyType: 'ssh-rsa', key: rsa, by: 'user' });
    const user = ScriptedUser.refusing();
    await connector.connect(device(), { dialogue: user });
    expect(user.asked).toEqual([]);
    // A machine that is known by a type that it no longer has is not met for the first time.
    connector.hostKeys.keys = [];
    await connector.close();
    const other = TestConnector.make();
    other.hostKeys.trust({
      address: '127.0.0.1',
      port: sshd.port,
      keyType: 'ecdsa-sha2-nistp256',
      key: rsa,
      by: 'user',
    });
    await expect(other.connect(device(), { dialogue: user, acceptNew: true })).rejects.toMatchObject({
      code: 'CAD-SSH-HOST-KEY',
    });
    expect(user.asked).toMatchObject([{ kind: 'trust' }]);
    await other.close();
  });

  describe('known_hosts', () => {
    const write = (lines: readonly string[]) =>
      writeFileSync(join(connector.directory, 'known_hosts'), lines.join('\n') + '\n');
    const name = () => `[127.0.0.1]:${sshd.port}`;
    const tries = () => connector.connect(device(), { dialogue: ScriptedUser.refusing() });

    it('is believed: [host]:port, patterns, among lines that make no sense', async () => {
      write([
        '# comment',
        'garbage',
        `x ssh-ed25519 !!!`,
        `@cert-authority * ${sshd.publicKey('ed25519')}`,
        `${name()} ${sshd.publicKey('ed25519')} comment`,
      ]);
      await tries();
      expect(connector.hostKeys.keys).toMatchObject([{ by: 'known-hosts' }]);
      expect(connector.warnings).toHaveLength(2);
      expect(connector.warnings[0]).toMatch(/line 2 /);
    });

    it('is believed when its names are hashed', async () => {
      write([`${name()} ${sshd.publicKey('ed25519')}`]);
      execFileSync('ssh-keygen', ['-q', '-H', '-f', join(connector.directory, 'known_hosts')], { stdio: 'ignore' });
      await tries();
      expect(connector.hostKeys.keys).toMatchObject([{ by: 'known-hosts' }]);
    });

    it('does not vouch for another port, for a negated name, nor through a certificate authority', async () => {
      write([
        `127.0.0.1 ${sshd.publicKey('ed25519')}`,
        `!${name()},[127.0.0.*]:* ${sshd.publicKey('ed25519')}`,
        `@cert-authority ${name()} ${sshd.publicKey('ed25519')}`,
      ]);
      await expect(tries()).rejects.toMatchObject({ code: 'CAD-SSH-HOST-KEY' });
    });

    it('revokes, also what is in our own store, whatever the user says', async () => {
      connector.hostKeys.trust({
        ...{ address: '127.0.0.1', port: sshd.port, keyType: 'ssh-ed25519', by: 'user' },
        key: Buffer.from(sshd.publicKey('ed25519').split(' ')[1] ?? '', 'base64'),
      });
      write([`@revoked * ${sshd.publicKey('ed25519')}`]);
      const log = await logOf(() =>
        expect(
          connector.connect(device(), { dialogue: ScriptedUser.refusing(), acceptNew: true }),
        ).rejects.toMatchObject({
          message: expect.stringContaining('revoked') as string,
        }),
      );
      expect(authenticationPackets(log)).toBe(0);
    });

    it('shows a key that differs from its own as changed', async () => {
      write([
        `${name()} ${sshd.publicKey('rsa').replace('rsa', 'rsa')}`,
        `${name()} ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA`,
      ]);
      const user = ScriptedUser.refusing();
      await expect(connector.connect(device(), { dialogue: user, acceptNew: true })).rejects.toMatchObject({
        code: 'CAD-SSH-HOST-KEY-CHANGED',
      });
      expect(user.asked).toMatchObject([{ kind: 'key-changed', trustedSince: null }]);
    });

    it('stops everything when it is there and cannot be read', async () => {
      connector.hostKeys.trust({
        ...{ address: '127.0.0.1', port: sshd.port, keyType: 'ssh-ed25519', by: 'user' },
        key: Buffer.from(sshd.publicKey('ed25519').split(' ')[1] ?? '', 'base64'),
      });
      // A directory, since root reads files of any mode.
      execFileSync('mkdir', [join(connector.directory, 'known_hosts')]);
      const log = await logOf(() => expect(tries()).rejects.toMatchObject({ code: 'CAD-SSH-HOST-KEY' }));
      expect(log).toBe('');
      rmSync(join(connector.directory, 'known_hosts'), { recursive: true });
      chmodSync(connector.directory, 0o700);
      await tries();
    });
  });

  it('holds for every hop on its own', async () => {
    const far = await startSshd({ users: [{ name: 'pi' }] });
    try {
      writeFileSync(
        join(connector.directory, 'known_hosts'),
        `[127.0.0.1]:${sshd.port} ${sshd.publicKey('ed25519')}\n`,
      );
      const jump = [`pi@127.0.0.1:${sshd.port}`];
      const config = TestConnector.make([`Host 127.0.0.1`, `  IdentityFile ${sshd.keyFile}`]);
      writeFileSync(join(config.directory, 'known_hosts'), `[127.0.0.1]:${sshd.port} ${sshd.publicKey('ed25519')}\n`);
      const user = ScriptedUser.refusing();
      const behind = deviceAt(far.port, 'pi', { keyFile: far.keyFile, jump });
      await expect(config.connect(behind, { dialogue: user })).rejects.toMatchObject({ code: 'CAD-SSH-HOST-KEY' });
      expect(user.asked).toMatchObject([{ host: `127.0.0.1:${far.port}`, fingerprint: far.fingerprint('ed25519') }]);
      expect(authenticationPackets(far.log())).toBe(0);
      const { remote } = await config.connect(behind, { dialogue: user, acceptNew: true });
      expect(
        (await remote.run('echo "$SSH_CONNECTION"', { what: 'ask', timeoutMs: 10_000 })).stdout.toString(),
      ).toContain(String(far.port));
      await config.close();
      // The first hop unknown: the second is not even dialled.
      const other = TestConnector.make([`Host 127.0.0.1`, `  IdentityFile ${sshd.keyFile}`]);
      const farBefore = far.log().length;
      await expect(other.connect(behind, { dialogue: user })).rejects.toMatchObject({ code: 'CAD-SSH-HOST-KEY' });
      expect(far.log().length).toBe(farBefore);
      await other.close();
    } finally {
      await far.stop();
    }
  });
});
