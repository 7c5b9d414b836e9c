/** The browser host, attacked with real requests and sockets. */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Desk } from '../main/control-plane/desk/desk.ts';
import { createDesk } from '../main/control-plane.ts';
import { WebHost } from '../main/web/web-host.ts';
import { type Admitted, letIn, openWindow, raw } from './web-client.ts';

const CAPABILITIES = { choosesPaths: false, keepsSecrets: false };
const PAGE = '<!doctype html><title>Window</title>\n';

let directory: string;
let desk: Desk;
let host: WebHost;
let window: Admitted;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'caduceus-web-'));
  const folder = join(directory, 'window');
  desk = createDesk(
    { ...process.env, CADUCEUS_HOME: join(directory, 'home') },
    { host: 'browser', capabilities: CAPABILITIES },
  );
  mkdirSync(join(folder, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'index.html'), PAGE);
  writeFileSync(join(folder, 'assets', 'index-1a2b.js'), 'export {};\n');
  writeFileSync(join(directory, 'secret.html'), 'not for you');
  host = await WebHost.start({ desk, folder, port: 0 });
  window = await letIn(host.newAddress());
});
afterAll(async () => {
  await host.close();
  await desk.close();
  rmSync(directory, { recursive: true, force: true });
});

function get(path: string, headers: readonly string[] = [], method = 'GET'): Promise<Awaited<ReturnType<typeof raw>>> {
  const lines = [`${method} ${path} HTTP/1.1`, `Host: 127.0.0.1:${host.port}`, ...headers, 'Connection: close', '', ''];
  return raw(host.port, lines.join('\r\n'));
}

describe('requests', () => {
  test('serve the window to the three names of this host, and nothing to any other', async () => {
    const { port } = host;
    const own = [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`];
    const others = [
      ...[
        '127.0.0.1',
        'localhost',
        '[::1]',
        `LOCALHOST:${port}`,
        `localhost.:${port}`,
        `127.0.0.1:${port}.`,
        `127.1:${port}`,
      ],
      ...[
        `user@localhost:${port}`,
        `evil.example:${port}`,
        'evil.example',
        `localhost.evil.example:${port}`,
        `2130706433:${port}`,
      ],
      ...[
        `0.0.0.0:${port}`,
        `[::ffff:127.0.0.1]:${port}`,
        `localhost:${port}, localhost:${port}`,
        `localhost:${port}/`,
        `http://localhost:${port}`,
      ],
      ...[
        `localhost:0${port}`,
        `localhost:+${port}`,
        `localhost%00:${port}`,
        `localhost\u0001:${port}`,
        `l\u00f6calhost:${port}`,
        'localhost:',
        '',
      ],
    ];
    for (const name of own) {
      const answer = await raw(port, `GET / HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`);
      expect([name, answer.status, answer.body]).toEqual([name, 200, PAGE]);
    }
    for (const name of others) {
      const answer = await raw(
        port,
        Buffer.from(`GET / HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`, 'latin1'),
      );
      expect([name, answer.status === 200, answer.body]).toEqual([name, false, '']);
    }
    const strange = [
      `GET / HTTP/1.1\r\n\r\n`,
      `GET / HTTP/1.0\r\n\r\n`,
      `GET / HTTP/1.1\r\nHost: ${own[0]}\r\nHost: ${own[0]}\r\n\r\n`,
      `GET http://evil.example/ HTTP/1.1\r\nHost: ${own[0]}\r\nConnection: close\r\n\r\n`,
      `GET / HTTP/1.1\r\nHost : ${own[0]}\r\n\r\n`,
      `GET / HTTP/1.1\r\nHost:\r\n ${own[0]}\r\n\r\n`,
      `CONNECT ${own[0]} HTTP/1.1\r\nHost: ${own[0]}\r\n\r\n`,
      'GET\u0000/ HTTP/1.1\r\n\r\n',
      '\u0016\u0003\u0001\u0002\u0000\u0001',
    ];
    for (const bytes of strange) expect([bytes, (await raw(port, bytes, 300)).body]).toEqual([bytes, '']);
    expect((await get('/')).status).toBe(200);
  });

  test('carry the same protections on every answer, errors among them', async () => {
    const answers = await Promise.all([
      get('/'),
      get('/assets/index-1a2b.js'),
      get('/nothing'),
      get('/session'),
      get('/files/00000000000000000000000000000000'),
      get('/', [], 'DELETE'),
      get('/', [`Origin: http://127.0.0.1:${host.port}`], 'DELETE'),
      get('/', ['Origin: http://evil.example']),
      raw(host.port, 'GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n'),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 404, 401, 401, 403, 405, 403, 421]);
    for (const { headers } of answers) {
      expect(headers).toMatchObject({
        'content-security-policy':
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
        'x-content-type-options': 'nosniff',
        'cross-origin-resource-policy': 'same-origin',
        'cross-origin-opener-policy': 'same-origin',
        'referrer-policy': 'no-referrer',
      });
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });

  test('of other methods are refused, with or without an origin', async () => {
    for (const method of ['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'POST', 'PROPFIND', 'PURGE']) {
      expect([method, (await get('/', [], method)).status]).toEqual([method, 403]);
      const own = await get('/', [`Origin: http://127.0.0.1:${host.port}`], method);
      expect([method, own.status, own.body]).toEqual([method, 405, '']);
    }
  });

  test('name files of the window exactly; no path leads out of it', async () => {
    for (const path of [
      '/../secret.html',
      '/assets/../../secret.html',
      '/%2e%2e/secret.html',
      '/assets/',
      '/assets',
      '/index.html?x',
      '/./index.html',
      '/secret.html',
      '/files/../index.html',
      '/files/%2e%2e',
    ]) {
      expect([path, (await get(path)).status]).toEqual([path, 404]);
    }
  });
});

describe('the exchange of a token', () => {
  const post = (body: string, headers: readonly string[]) =>
    raw(
      host.port,
      [
        `POST /session HTTP/1.1`,
        `Host: 127.0.0.1:${host.port}`,
        ...headers,
        `Content-Length: ${Buffer.byteLength(body)}`,
        'Connection: close',
        '',
        body,
      ].join('\r\n'),
    );

  test('works once, as JSON of its own page, with a cookie that scripts cannot read', async () => {
    const origin = `Origin: http://127.0.0.1:${host.port}`;
    const token = new URL(host.newAddress()).hash.replace('#token=', '');
    const body = JSON.stringify({ token });
    expect((await post(body, [origin])).status).toBe(415);
    expect((await post(body, [origin, 'Content-Type: text/plain'])).status).toBe(415);
    expect((await post(body, ['Content-Type: application/json'])).status).toBe(403);
    expect((await post(body, ['Content-Type: application/json', 'Origin: http://127.0.0.1:1'])).status).toBe(403);
    const json = [origin, 'Content-Type: application/json'];
    expect((await post(`${body}${' '.repeat(2000)}`, json)).status).toBe(413);
    const answer = await post(body, json);
    expect(answer.status).toBe(200);
    expect(answer.headers['set-cookie']).toMatch(/^caduceus-\d+=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/);
    expect((await post(body, json)).status).toBe(401);
    for (const wrong of ['', 'null', '[]', '{"token":{"length":1}}', '{"__proto__":{"token":"x"}}']) {
      expect([wrong, (await post(wrong, json)).status]).toEqual([wrong, 401]);
    }
  });
});

describe('files that were made for the user', () => {
  test('go to a window that was let in, as downloads, and to nobody else', async () => {
    const { bridge, socket } = await openWindow(host.newAddress());
    const made = await bridge.call('app.diagnostics', {});
    socket.close();
    if (!made.ok) throw new Error(made.error.message);
    const { id, name, path, bytes } = made.value;
    expect((await get(`/files/${id}`)).status).toBe(401);
    expect((await get(`/files/${id}`, ['Cookie: caduceus=1; x'])).status).toBe(401);
    expect((await get(`/files/${id}`, [`Cookie: ${window.cookie}`, 'Sec-Fetch-Site: same-site'])).status).toBe(403);
    const answer = await get(`/files/${id}`, [`Cookie: ${window.cookie}`, 'Sec-Fetch-Site: same-origin']);
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name)}`,
      'content-security-policy': "default-src 'none'; sandbox",
    });
    expect(readFileSync(path)).toHaveLength(bytes);
    expect((await get(`/files/${'0'.repeat(32)}`, [`Cookie: ${window.cookie}`])).status).toBe(404);
  });
});

describe('sockets', () => {
  const upgrade = (headers: Readonly<Record<string, string>>, path = '/api'): Promise<number> =>
    new Promise((resolve) => {
      const socket = new WebSocket(`ws://127.0.0.1:${host.port}${path}`, { headers });
      socket.on('open', () => resolve((socket.close(), 101)));
      socket.on('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
      socket.on('error', () => undefined);
    });

  test('are opened for the cookie, the host and the origin of an own page, and not without one of them', async () => {
    const { origin, cookie } = window;
    const port = String(host.port);
    expect(await upgrade({ Origin: origin, Cookie: cookie })).toBe(101);
    expect(await upgrade({ Cookie: cookie })).toBe(403);
    expect(await upgrade({ Origin: `http://127.0.0.1:1`, Cookie: cookie })).toBe(403);
    expect(await upgrade({ Origin: `http://localhost:${port}`, Cookie: cookie })).toBe(403);
    expect(await upgrade({ Origin: 'null', Cookie: cookie })).toBe(403);
    expect(await upgrade({ Origin: origin, Cookie: cookie, Host: 'evil.example' })).toBe(421);
    expect(await upgrade({ Origin: origin, Cookie: cookie, 'Sec-Fetch-Site': 'same-site' })).toBe(403);
    expect(await upgrade({ Origin: origin })).toBe(401);
    expect(await upgrade({ Origin: origin, Cookie: `${cookie}x` })).toBe(401);
    expect(await upgrade({ Origin: origin, Cookie: cookie }, '/api/')).toBe(404);
    expect(await upgrade({ Origin: origin, Cookie: cookie }, '/')).toBe(404);
  });

  const closing = async (...messages: (string | Buffer)[]): Promise<number> => {
    const socket = new WebSocket(`ws://127.0.0.1:${host.port}/api`, {
      headers: { Origin: window.origin, Cookie: window.cookie },
    });
    await once(socket, 'open');
    socket.on('error', () => undefined);
    for (const message of messages) socket.send(message);
    const [code] = (await once(socket, 'close')) as [number];
    return code;
  };

  test('say nothing before the key, and end at a wrong one or at what is no request', async () => {
    const key = JSON.stringify({ key: window.key });
    expect(await closing('{"id":1,"call":"app.info","input":{}}')).toBe(1008);
    expect(await closing('{"key":"wrong"}')).toBe(1008);
    expect(await closing('{"key":{"toString":1}}')).toBe(1008);
    expect(await closing(key, 'nonsense')).toBe(1008);
    expect(await closing(key, '{"id":-1,"call":"app.info"}')).toBe(1008);
    expect(await closing(key, '{"__proto__":{"id":1,"call":"app.info"}}')).toBe(1008);
    expect(await closing(key, Buffer.from('{"id":1,"call":"app.info"}'))).toBe(1008);
    expect(await closing(key, `"${'x'.repeat(3_000_000)}"`)).toBe(1009);
  });

  test('that never send a key are ended', async () => {
    expect(await closing()).toBe(1008);
  });

  test('of a window that is gone leave nothing behind', async () => {
    const { bridge, socket } = await openWindow(host.newAddress());
    bridge.subscribe('load', {}, () => undefined);
    await bridge.call('settings.get', {});
    socket.terminate();
    await once(socket, 'close');
    const again = await openWindow(host.newAddress());
    expect(await again.bridge.call('settings.get', {})).toMatchObject({ ok: true });
    again.socket.close();
  });
});
