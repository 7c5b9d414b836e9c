import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseJump, resolveHops } from './resolve.ts';
import { hostConfig } from './ssh-config.ts';

const hasOpenSsh = spawnSync('ssh', ['-V']).error === undefined;
const READERS = [...(hasOpenSsh ? [['OpenSSH', undefined] as const] : []), ['the library', null] as const];

describe.each(READERS)('the ssh configuration as %s reads it', (_name, ssh) => {
  let directory: string;
  let file: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'cad-config-'));
    file = join(directory, 'config');
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));
  const source = (config: string) => {
    writeFileSync(file, config, { mode: 0o600 });
    return { file, ...(ssh === null && { ssh }) };
  };

  it('gives host, port, user, keys in order, agent and known_hosts', async () => {
    const config = source(`
      Host pi
        HostName 10.1.2.3
        Port 2222
        User me
        IdentityFile ${directory}/one
        IdentityFile ${directory}/two
        IdentitiesOnly yes
        IdentityAgent none
      Host *
        UserKnownHostsFile ${directory}/known ${directory}/known2
        User everybody`);
    expect(await hostConfig('pi', undefined, config)).toMatchObject({
      ...{ host: '10.1.2.3', port: 2222, user: 'me', identitiesOnly: true, agent: 'none', jump: [] },
      keyFiles: [`${directory}/one`, `${directory}/two`],
      knownHostsFiles: expect.arrayContaining([`${directory}/known`, `${directory}/known2`]) as string[],
    });
    expect(await hostConfig('other', undefined, config)).toMatchObject({ host: 'other', port: 22, user: 'everybody' });
    expect(await hostConfig('other', 'root', config)).toMatchObject({ user: 'root' });
  });

  it('leads through every jump host, each with its own settings', async () => {
    const config = source(`
      Host inner
        HostName 10.0.0.9
        ProxyJump gate,me@middle:2200
      Host gate
        HostName gate.example
        User porter
        ProxyJump outer
      Host middle
        HostName middle.example`);
    const hops = await resolveHops({ address: 'inner', port: 22, user: 'pi', jump: [] }, config, () => undefined);
    expect(hops.map(({ host, port, user }) => [host, port, user])).toMatchObject([
      ['outer', 22, expect.any(String)],
      ['gate.example', 22, 'porter'],
      ['middle.example', 2200, 'me'],
      ['10.0.0.9', 22, 'pi'],
    ]);
  });

  it('gives the port where none was said; one that was said on purpose stays, the usual one too', async () => {
    const config = source('Host pi\n Port 2222\n');
    const portOf = async (device: { port: number; isPortSaid?: boolean }) =>
      (await resolveHops({ address: 'pi', jump: [], ...device }, config, () => undefined)).at(-1)?.port;
    expect(await portOf({ port: 22 })).toBe(2222);
    expect(await portOf({ port: 22, isPortSaid: true })).toBe(22);
    expect(await portOf({ port: 2200 })).toBe(2200);
  });

  it('is not followed in circles, nor through a program', async () => {
    const circle = source('Host a\n ProxyJump b\nHost b\n ProxyJump a\n');
    await expect(resolveHops({ address: 'a', port: 22, jump: [] }, circle, () => undefined)).rejects.toMatchObject({
      code: 'CAD-SSH-CONFIG',
    });
    const command = source(`Host a\n ProxyCommand touch ${directory}/ran\n`);
    await expect(hostConfig('a', undefined, command)).rejects.toMatchObject({ code: 'CAD-SSH-CONFIG' });
    expect(existsSync(join(directory, 'ran'))).toBe(false);
  });
});

describe('the library', () => {
  it('runs no program that a configuration names', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'cad-config-'));
    const file = join(directory, 'config');
    writeFileSync(file, `Match exec "touch ${directory}/ran"\n  User evil\nHost *\n  User good\n`);
    expect(await hostConfig('h', undefined, { file, ssh: null })).toMatchObject({ user: 'good' });
    expect(existsSync(join(directory, 'ran'))).toBe(false);
    rmSync(directory, { recursive: true, force: true });
  });
});

describe('a jump host', () => {
  it('is user@host:port, and never looks like an option', () => {
    expect(parseJump('me@gate:2200')).toEqual({
      ...{ address: 'gate', port: 2200, isPortSaid: true, user: 'me', jump: [] },
    });
    expect(parseJump('[fd7a::1]:22')).toMatchObject({ address: 'fd7a::1', port: 22 });
    for (const text of ['-oProxyCommand=x', 'a b', '', 'h:port', 'a@b@-c', 'h;id'])
      expect(() => parseJump(text), text).toThrow();
  });
});
