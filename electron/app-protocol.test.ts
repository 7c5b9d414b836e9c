import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answer, fileFor } from './app-protocol.ts';
import { mayOpenOutside } from '../main/core/outside-page.ts';
import { mayNavigate } from './confinement.ts';

let root: string;

beforeAll(() => {
  const place = mkdtempSync(join(tmpdir(), 'caduceus-app-protocol-'));
  root = join(place, 'window');
  mkdirSync(join(root, 'assets'), { recursive: true });
  writeFileSync(join(root, 'index.html'), '<!doctype html>');
  writeFileSync(join(root, 'assets', 'main.js'), '1');
  writeFileSync(join(place, 'secret.json'), 'secret');
});
afterAll(() => rmSync(join(root, '..'), { recursive: true, force: true }));

const get = (url: string): Promise<Response> => answer({ url, method: 'GET' }, root);

describe('app://caduceus', () => {
  test('serves the files of the window, with their types and the content policy', async () => {
    for (const [url, type] of [
      ['app://caduceus/index.html', 'text/html; charset=utf-8'],
      ['app://caduceus/', 'text/html; charset=utf-8'],
      ['app://caduceus/assets/main.js?v=1#x', 'text/javascript; charset=utf-8'],
    ] as const) {
      const response = await get(url);
      expect([response.status, response.headers.get('content-type')]).toEqual([200, type]);
      expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(response.headers.get('content-security-policy')).not.toContain('unsafe');
    }
  });

  test.each([
    ...['app://caduceus/../secret.json', 'app://caduceus/%2e%2e/secret.json', 'app://caduceus/..%2fsecret.json'],
    ...['app://caduceus/assets/..%5c..%5csecret.json', 'app://caduceus/%2fetc%2fpasswd', 'app://other/index.html'],
    ...['app://caduceus/index.html%00.js', 'app://caduceus/assets', 'file:///etc/passwd', 'app://caduceus/x.sh', '%'],
  ])('has nothing at %s', async (url) => {
    const response = await get(url);
    expect(response.status).toBe(404);
    expect(await response.text()).toBe('');
  });

  test('whatever the address, a file lies inside the window’s folder', () => {
    fc.assert(
      fc.property(fc.webPath(), fc.string(), (path, tail) => {
        const file = fileFor(`app://caduceus${path}${tail}`, '/window');
        expect(file === undefined || file.startsWith('/window/')).toBe(true);
      }),
    );
  });

  test('only reading is possible', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'HEAD']) {
      expect((await answer({ url: 'app://caduceus/index.html', method }, root)).status).toBe(405);
    }
  });
});

describe('web content', () => {
  test.each(['app://caduceus/index.html#/devices', 'app://caduceus/'])('may go to %s', (url) => {
    expect(mayNavigate(url)).toBe(true);
  });

  test.each([
    'https://example.org',
    'file:///etc/passwd',
    'app://other/index.html',
    'app://caduceus.evil/',
    'javascript:1',
  ])('may not go to %s', (url) => expect(mayNavigate(url)).toBe(false));

  test('opens in the system’s browser only what is on the list', () => {
    expect(mayOpenOutside('https://login.tailscale.com/a/1234')).toBe(true);
    const others = ['http://login.tailscale.com/', 'https://login.tailscale.com.evil.org/', 'https://x@tailscale.com/'];
    const schemes = ['file:///etc/passwd', 'javascript:alert(1)', 'smb://host/share', 'ms-msdt:/id', 'not an address'];
    for (const url of [...others, ...schemes]) expect(mayOpenOutside(url), url).toBe(false);
  });
});
