import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tailscaleThatSays } from '../main/provision/discovery/tailscale-cli.fixture.ts';
import { type Sshd, startSshd, whyNoSshd } from '../main/provision/ssh/sshd.fixture.ts';
import { command, Program } from './cli-program.ts';

const missing = whyNoSshd();
let home: string;
let environment: Record<string, string>;

/** As a program of its own where a person reads the answer or could be asked something, otherwise in this process. */
async function caduceus(args: readonly string[], env: Readonly<Record<string, string>>, { mayAsk = false } = {}) {
  const isDocument = args.includes('--json');
  const data = join(home, 'data');
  const ended =
    isDocument && !mayAsk
      ? await command(args, { home: data, env })
      : await new Program(args, { home: data, cwd: home, env }).ended;
  return { ...ended, document: isDocument ? (JSON.parse(ended.stdout) as unknown) : undefined };
}

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'cad-cli-devices-'));
  const config = [
    `Host shelf-pi\n  HostName 10.1.2.3\n  User pi\n  Port 2222\n  ProxyJump gate`,
    `Host gate\n  HostName 10.1.2.1`,
    `Host *.lab !secret\n  User lab`,
    `Host *\n  UserKnownHostsFile ${join(home, 'known')}\n  GlobalKnownHostsFile none\n  IdentityFile none\n`,
  ].join('\n');
  writeFileSync(join(home, 'ssh_config'), config, { mode: 0o600 });
  environment = {
    ...{ CADUCEUS_SSH_CONFIG: join(home, 'ssh_config'), SSH_AUTH_SOCK: '' },
    CADUCEUS_TAILSCALE: tailscaleThatSays('1.80', home),
  };
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Each step starts the program anew. */
const PATIENCE_MS = 180_000;

describe('caduceus devices', { timeout: PATIENCE_MS }, () => {
  it('adds by address, lists, shows, changes and removes, one document each', async () => {
    const added = await caduceus(
      ['devices', 'add', 'pi@10.0.0.1:2222', '10.0.0.2', 'box=me@10.0.0.3:22', '--tag', 'shelf', '--json'],
      environment,
    );
    expect(added.document).toMatchObject({
      devices: [
        { name: '10.0.0.1', user: 'pi', port: 2222, tags: ['shelf'] },
        { name: '10.0.0.2', port: 22 },
        { name: 'box', address: '10.0.0.3', user: 'me', port: 22, isPortSaid: true },
      ],
    });
    const again = await caduceus(['devices', 'add', '10.0.0.2', '--json'], environment);
    expect(again).toMatchObject({ code: 1, document: { error: { code: 'CAD-DEVICE-EXISTS' } } });
    const changed = await caduceus(
      ['devices', 'set', '10.0.0.2', '--name', 'nano', '--cpu', '50', '--json'],
      environment,
    );
    expect(changed.document).toMatchObject({ device: { name: 'nano', caps: { cpuPercent: 50 }, tags: ['shelf'] } });
    const shown = await caduceus(['devices', 'show', 'nano'], environment);
    expect(shown.stdout).toMatch(/^nano \(d-\w{8}\): new\n/);
    await caduceus(['devices', 'remove', 'nano', 'box', '10.0.0.1', '--json'], environment);
    expect((await caduceus(['devices', '--json'], environment)).document).toEqual({ devices: [] });
  });

  it('imports lists and names the line of a mistake', async () => {
    writeFileSync(join(home, 'list.csv'), 'name,address,tags\none,10.0.1.1,a;b\ntwo,not an address,\n');
    const bad = await caduceus(['devices', 'import', join(home, 'list.csv'), '--json'], environment);
    expect(bad.document).toMatchObject({
      error: { code: 'CAD-DEVICE-INVALID', message: expect.stringMatching(/^line 3: address/) as string },
    });
    expect((await caduceus(['devices', '--json'], environment)).document).toEqual({ devices: [] });
  });

  it('discovers hosts of the ssh configuration, without the patterns, and adds them', async () => {
    const { document } = await caduceus(
      ['devices', 'discover', '--from', 'ssh-config', '--add', '--json'],
      environment,
    );
    expect(document).toMatchObject({
      devices: [
        { input: { name: 'shelf-pi', address: 'shelf-pi', user: 'pi', port: 2222 }, note: '10.1.2.3, through gate' },
        { input: { name: 'gate', address: 'gate' }, note: '10.1.2.1' },
      ],
      added: [{ name: 'shelf-pi' }, { name: 'gate' }],
    });
    await caduceus(['devices', 'remove', 'shelf-pi', 'gate', '--json'], environment);
  });

  it('discovers nodes of the tailnet, and adds those that are online and run Linux', async () => {
    const { document } = await caduceus(['devices', 'discover', '--from', 'tailnet', '--add', '--json'], environment);
    expect(document).toMatchObject({
      where: 'shelf.ts.net',
      added: [{ name: 'pi-4', nodeId: 'n1', tags: ['worker'] }, { name: 'nano' }, { name: 'old' }],
    });
    const added = { devices: (document as { added: { name: string; address: string }[] }).added };
    // A node that got another address is the same node.
    const moved = added.devices.find(({ name }) => name === 'pi-4');
    await caduceus(['devices', 'set', 'pi-4', '--address', '100.64.9.9', '--json'], environment);
    await caduceus(['devices', 'discover', '--from', 'tailnet', '--json'], environment);
    expect((await caduceus(['devices', 'show', 'pi-4', '--json'], environment)).document).toMatchObject({
      device: { nodeId: 'n1', address: moved?.address },
    });
    const stopped = { ...environment, CADUCEUS_TAILSCALE: tailscaleThatSays('stopped', home) };
    const failed = await caduceus(['devices', 'discover', '--from', 'tailnet', '--json'], stopped);
    expect(failed).toMatchObject({
      code: 1,
      document: { error: { code: 'CAD-TAILNET', remedy: 'Start it: tailscale up' } },
    });
    await caduceus(['devices', 'remove', 'pi-4', 'nano', 'old', '--json'], environment);
  });

  it.each([
    [['frobnicate'], /no "frobnicate"/],
    [['add'], /one operand or more/],
    [['list', 'x'], /no operand/],
    [['remove', 'x', '--port', '3'], /takes no --port/],
    [['replace-key', 'x'], /needs --fingerprint/],
    [['discover'], /--from/],
  ])('refuses devices %j', async (args, message) => {
    const { code, document } = await caduceus(['devices', ...args, '--json'], environment);
    expect(code).toBe(2);
    expect(document).toMatchObject({ error: { code: 'CAD-USAGE', message: expect.stringMatching(message) as string } });
  });

  describe.skipIf(missing !== undefined)(`trust${missing ? `: ${missing}` : ''}`, () => {
    let sshd: Sshd;
    beforeAll(async () => {
      sshd = await startSshd({ users: [{ name: 'pi' }] });
    });
    afterAll(() => sshd?.stop());

    it('is given by a flag or a fingerprint, never by silence; a changed key needs its name', async () => {
      const key = ['--key', sshd.keyFile, '--user', 'pi', '--port', String(sshd.port)];
      await caduceus(['devices', 'add', '127.0.0.1', '--name', 'real', ...key, '--json'], environment);
      writeFileSync(join(home, 'known'), 'not a line of known_hosts\n');
      const silent = await caduceus(['devices', 'trust', 'real', '--json'], environment, { mayAsk: true });
      expect(silent).toMatchObject({ code: 1, document: { error: { code: 'CAD-SSH-HOST-KEY' } } });
      const other = await caduceus(
        ['devices', 'trust', 'real', '--fingerprint', 'SHA256:other', '--json'],
        environment,
      );
      expect(other.document).toMatchObject({ error: { code: 'CAD-SSH-HOST-KEY' } });
      const named = await caduceus(
        ['devices', 'trust', 'real', '--fingerprint', sshd.fingerprint('ed25519'), '--json'],
        environment,
      );
      expect(named.document).toMatchObject({
        devices: [{ trust: { fingerprint: sshd.fingerprint('ed25519'), by: 'user' } }],
      });
      const old = sshd.fingerprint('ed25519');
      await sshd.renewHostKeys();
      const changed = await caduceus(['devices', 'trust', 'real', '--accept-new', '--json'], environment, {
        mayAsk: true,
      });
      expect(changed.document).toMatchObject({
        error: { code: 'CAD-SSH-HOST-KEY-CHANGED', message: expect.stringContaining(old) as string },
      });
      const wrong = await caduceus(['devices', 'replace-key', 'real', '--fingerprint', old, '--json'], environment);
      expect(wrong.document).toMatchObject({ error: { code: 'CAD-SSH-HOST-KEY-CHANGED' } });
      const replaced = await caduceus(
        ['devices', 'replace-key', 'real', '--fingerprint', sshd.fingerprint('ed25519'), '--json'],
        environment,
      );
      expect(replaced.document).toMatchObject({
        devices: [
          { trust: { fingerprint: sshd.fingerprint('ed25519') }, facts: { system: expect.any(String) as string } },
        ],
      });
    });
  });
});
