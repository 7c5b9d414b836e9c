import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import { confine, mayNavigate } from './confinement.ts';

const LOGIN = 'https://login.tailscale.com/a/1f2e3d';
const FOREIGN = [
  'http://login.tailscale.com/a/1',
  'https://login.tailscale.com.evil.example/a',
  'https://evil.example/?https://login.tailscale.com/',
  'https://login.tailscale.com@evil.example/',
  'https://login.tailscale.com:8443/',
  'https://evil.example\\@login.tailscale.com/',
  'javascript:alert(1)//login.tailscale.com',
  'file:///etc/passwd',
  'data:text/html,hello',
  'not an address',
  '',
];

/** A shell with one web content in it, and what it opened outside. */
function confined() {
  const app = new EventEmitter();
  const opened: string[] = [];
  const openExternal = (url: string): Promise<void> => (opened.push(url), Promise.resolve());
  confine(app as never, { openExternal });
  let answer: ((details: { url: string }) => unknown) | undefined;
  const contents = Object.assign(new EventEmitter(), {
    setWindowOpenHandler: (handler: typeof answer) => (answer = handler),
  });
  app.emit('web-contents-created', {}, contents);
  return { contents, opened, open: (url: string) => answer?.({ url }) };
}

describe('a device that asks for a log-in on the tailnet', () => {
  test('has its page opened by the system’s browser, never by a window', () => {
    const { open, opened } = confined();
    expect(open(LOGIN)).toEqual({ action: 'deny' });
    expect(opened).toEqual([LOGIN]);
  });

  test.each(FOREIGN)('opens nothing for %j', (url) => {
    const { open, opened } = confined();
    expect(open(url)).toEqual({ action: 'deny' });
    expect(opened).toEqual([]);
  });
});

test.each(['will-navigate', 'will-redirect'])('%s leaves the window’s own page for nothing', (event) => {
  const { contents } = confined();
  const refused = (url: string): boolean => {
    let isRefused = false;
    contents.emit(event, { url, preventDefault: () => (isRefused = true) });
    return isRefused;
  };
  expect(refused(LOGIN)).toBe(true);
  expect(refused('app://caduceus/index.html#/devices')).toBe(false);
});

test.each([
  'app://caduceus/index.html.evil',
  'app://caduceus/index.html/../evil',
  'app://caduceus/index.html?x',
  'app://caduceus/assets/main.js',
  'APP://caduceus/index.html',
])('%s is not the window’s own page', (url) => expect(mayNavigate(url)).toBe(false));

test('no session grants what its page asks for, the one that prints among them', () => {
  const app = new EventEmitter();
  confine(app as never, { openExternal: async () => undefined });
  for (const _session of ['default', 'print']) {
    const set = new Map<string, (...args: never[]) => unknown>();
    const session = new Proxy({}, { get: (_, name: string) => (given: never) => set.set(name, given) });
    app.emit('session-created', session);
    const granted: unknown[] = [];
    const decide = (isGranted: unknown): number => granted.push(isGranted);
    const asked = ['media', 'geolocation', 'notifications', 'clipboard-read', 'clipboard-sanitized-write'];
    for (const permission of asked) {
      set.get('setPermissionRequestHandler')?.(...([{}, permission, decide] as never[]));
      granted.push(set.get('setPermissionCheckHandler')?.(...([{}, permission] as never[])));
    }
    expect(granted).toEqual([...Array<boolean>(8).fill(false), true, true]);
    expect(set.get('setDevicePermissionHandler')?.()).toBe(false);
    expect(set.get('setSpellCheckerEnabled')).toBe(false);
  }
});
