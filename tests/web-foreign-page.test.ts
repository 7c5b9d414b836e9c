/**
 * A page of another port of this machine, in a real browser that has a window open: it can neither call the
 * host, nor open its socket, nor read a byte of it, by any method.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Desk } from '../main/control-plane/desk/desk.ts';
import { createDesk } from '../main/control-plane.ts';
import { WebHost } from '../main/web/web-host.ts';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
];
/** Exchanges the token as the real window does, and leaves the key where that does. */
const SCRIPT = `
  const token = location.hash.replace('#token=', '');
  const answer = await fetch('/session', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ token }) });
  localStorage.setItem('caduceus.key', (await answer.json()).key);
  const socket = new WebSocket('ws://' + location.host + '/api');
  socket.onopen = () => socket.send(JSON.stringify({ key: localStorage.getItem('caduceus.key') }));
  socket.onmessage = ({ data }) => { document.title = JSON.parse(data).kind; };
`;

describe.skipIf(!existsSync(CHROMIUM))('a page of another port (needs Chromium)', () => {
  let directory: string;
  let desk: Desk;
  let host: WebHost;
  let stranger: Server;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  /** What reached the stranger's own server, with cookies. */
  const cookiesSeen: string[] = [];

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'caduceus-foreign-'));
    const folder = join(directory, 'window');
    mkdirSync(folder);
    writeFileSync(
      join(folder, 'index.html'),
      '<!doctype html><title>waiting</title><script type="module" src="./window.js"></script>\n',
    );
    writeFileSync(join(folder, 'window.js'), SCRIPT);
    const capabilities = { choosesPaths: false, keepsSecrets: false };
    desk = createDesk({ ...process.env, CADUCEUS_HOME: join(directory, 'home') }, { host: 'browser', capabilities });
    host = await WebHost.start({ desk, folder, port: 0 });
    stranger = createServer((request, response) => {
      cookiesSeen.push(request.headers.cookie ?? '');
      response.setHeader('Content-Type', 'text/html');
      response.end('<!doctype html><title>stranger</title><body></body>');
    });
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
    context = await browser.newContext();
    const window = await context.newPage();
    await window.goto(host.newAddress());
    // Asked from here: the page's own policy lets nobody evaluate a text in it.
    await vi.waitUntil(async () => (await window.title()) === 'welcome', { timeout: 50_000, interval: 50 });
    page = await context.newPage();
    await page.goto(`http://127.0.0.1:${(stranger.address() as AddressInfo).port}/`);
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await host.close();
    await desk.close();
    stranger.close();
    rmSync(directory, { recursive: true, force: true });
  });

  /** Runs in the stranger's page; `target` is the host. */
  const inPage = <Result>(body: string, on = page): Promise<Result> =>
    on.evaluate<Result>(`(async (target) => {${body}})('http://127.0.0.1:${host.port}')`);

  test('cannot call it by any method, nor read a byte of it', async () => {
    const readable = await inPage<string[]>(`
      const readable = [];
      for (const path of ['/', '/session', '/window.js', '/api', '/files/0'])
        for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
          for (const mode of ['cors', 'no-cors']) {
            const body = method === 'GET' || method === 'HEAD' ? undefined : '{"token":"x"}';
            try {
              const answer = await fetch(target + path, { method, mode, body, credentials: 'include' });
              readable.push([mode, method, path, answer.type, await answer.text()].join(' '));
            } catch {}
          }
      return readable;`);
    expect(readable).toEqual([]);
  });

  test('cannot open its socket, nor an event source', async () => {
    const opened = await inPage<string[]>(`
      const opened = [];
      const port = new URL(target).port;
      for (const name of ['127.0.0.1', 'localhost'])
        await new Promise((resolve) => {
          const socket = new WebSocket('ws://' + name + ':' + port + '/api');
          socket.onopen = () => resolve(opened.push(name));
          socket.onclose = resolve;
        });
      await new Promise((resolve) => {
        const events = new EventSource(target + '/', { withCredentials: true });
        events.onopen = () => resolve(opened.push('events'));
        events.onerror = resolve;
      });
      return opened;`);
    expect(opened).toEqual([]);
  });

  test('cannot load it as image, script, style or frame, nor post a form to it', async () => {
    const outcome = await inPage<{ loaded: string[]; frame: boolean }>(`
      const loaded = [];
      const elements = [['img', { src: target + '/' }], ['script', { src: target + '/window.js' }],
        ['script', { src: target + '/window.js', type: 'module' }], ['link', { rel: 'stylesheet', href: target + '/window.js' }]];
      for (const [name, fields] of elements)
        await new Promise((resolve) => {
          const element = Object.assign(document.createElement(name), fields);
          element.onload = () => resolve(loaded.push(name));
          element.onerror = resolve;
          document.body.append(element);
        });
      const frame = Object.assign(document.createElement('iframe'), { src: target + '/' });
      document.body.append(frame);
      await new Promise((resolve) => setTimeout(resolve, 500));
      return { loaded, frame: frame.contentDocument !== null && frame.contentDocument.title !== '' };`);
    expect(outcome).toEqual({ loaded: [], frame: false });
    const posting = await context.newPage();
    await posting.goto(page.url());
    const answered = posting.waitForResponse((response) => response.url().endsWith('/session'));
    await inPage(
      `const form = Object.assign(document.createElement('form'), { method: 'POST', action: target + '/session' });
       document.body.append(form);
       form.submit();`,
      posting,
    );
    expect((await answered).status()).toBe(403);
    await posting.close();
  });

  test('gets the cookie, which browsers share among ports; the key, without which it opens nothing, it does not get', async () => {
    expect(cookiesSeen.some((cookie) => cookie.includes(`caduceus-${host.port}=`))).toBe(true);
    expect(await inPage('return localStorage.getItem("caduceus.key");')).toBeNull();
  });
});
