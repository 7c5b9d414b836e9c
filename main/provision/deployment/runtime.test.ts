import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cacheDirectory, compressedRuntime, fetchRuntime, ownRuntimes, sha256Of } from './runtime.ts';
import { RUNTIMES } from './runtime-catalogue.ts';

const { name, version } = RUNTIMES.arm64;

/** An npm registry that has one package, and vouches for whatever it serves. */
async function registryWith(archive: Buffer): Promise<{ server: Server; url: string }> {
  const integrity = `sha512-${createHash('sha512').update(archive).digest('base64')}`;
  const server = createServer((request, response) => {
    if (request.url?.endsWith('.tgz')) {
      response.end(archive);
      return;
    }
    const dist = { tarball: `${url}${name}/-/${name}-${version}.tgz`, integrity };
    const packument = { name, 'dist-tags': { latest: version }, versions: { [version]: { name, version, dist } } };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(packument));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`;
  return { server, url };
}

describe('the runtime for devices', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'caduceus-runtime-test-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  /** npm as its user set it up, with another registry, and nothing kept from before. */
  function environmentWith(registry: string): NodeJS.ProcessEnv {
    const own = {
      npm_config_registry: registry,
      npm_config_cache: join(directory, 'npm'),
      npm_config_update_notifier: 'false',
      npm_config_fetch_retry_mintimeout: '10',
    };
    return { ...process.env, ...own };
  }

  it('that cannot be fetched is told with the reason and what to do, and leaves nothing', async () => {
    const source = { cache: directory, candidates: [], environment: environmentWith('http://127.0.0.1:9/') };
    await expect(fetchRuntime('arm64', source)).rejects.toMatchObject({
      code: 'CAD-RUNTIME',
      message: expect.stringMatching(
        new RegExp(`^the runtime ${name}@${version} could not be fetched through npm: `),
      ) as string,
      remedy: expect.stringContaining('Connect this machine') as string,
    });
    expect(readdirSync(join(directory, 'runtimes', RUNTIMES.arm64.sha256))).toEqual([]);
  });

  it('that is not the pinned one is not used, although the registry vouches for it', async () => {
    const archive = pack();
    archive.entry({ name: 'package/package.json' }, JSON.stringify({ name, version }));
    archive.entry({ name: 'package/bin/node', mode: 0o755 }, '#!/bin/sh\necho harmful\n');
    archive.finalize();
    const { server, url } = await registryWith(gzipSync(await buffer(archive)));
    try {
      const source = { cache: directory, candidates: [], environment: environmentWith(url) };
      await expect(fetchRuntime('arm64', source)).rejects.toMatchObject({
        code: 'CAD-RUNTIME',
        message: expect.stringMatching(
          /is not the one that Caduceus was made with: its checksum is sha512-.* instead of sha512-/,
        ) as string,
      });
      expect(readdirSync(join(directory, 'runtimes', RUNTIMES.arm64.sha256))).toEqual([]);
    } finally {
      server.close();
    }
  });

  it('of another file that lies where it could be is passed over', async () => {
    const other = join(directory, 'node');
    writeFileSync(other, 'not it');
    const source = { cache: directory, candidates: [other], environment: environmentWith('http://127.0.0.1:9/') };
    await expect(fetchRuntime('arm64', source)).rejects.toMatchObject({ code: 'CAD-RUNTIME' });
  });

  it('is looked for first where a package brings its own, which is of no use to other systems', () => {
    const own = '/opt/Caduceus/resources/runtime/node';
    expect(ownRuntimes(RUNTIMES.arm64, own, { platform: 'linux', arch: 'arm64' })[0]).toBe(own);
    expect(ownRuntimes(RUNTIMES.x64, own, { platform: 'linux', arch: 'arm64' })).not.toContain(own);
    expect(ownRuntimes(RUNTIMES.arm64, own, { platform: 'darwin', arch: 'arm64' })).not.toContain(own);
  });

  it('is packed once', async () => {
    const path = join(directory, 'node');
    writeFileSync(path, 'x'.repeat(100_000));
    const runtime = { path, sha256: await sha256Of(path), bytes: 100_000, title: 'Node' };
    const [first, second] = await Promise.all([compressedRuntime(runtime), compressedRuntime(runtime)]);
    expect(first).toBe(second);
    expect(readdirSync(directory).sort()).toEqual(['node', 'node.gz']);
  });

  it('is kept where the system keeps such files', () => {
    expect(cacheDirectory({ XDG_CACHE_HOME: '/c' }, 'linux')).toBe(join('/c', 'caduceus'));
    expect(cacheDirectory({ LOCALAPPDATA: 'C:\\l' }, 'win32')).toBe(join('C:\\l', 'Caduceus', 'Cache'));
  });
});
