/**
 * Both halves of the bridge over IPC, joined by stand-ins for Electron's two ends, which exist only inside
 * Electron: like the real ones they copy what passes, structured clone and all.
 */
import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import { describeBridge } from '../main/control-plane/bridge.contract.ts';
import { BridgeHost } from '../main/control-plane/bridge-host.ts';
import type { Transport } from '../main/control-plane/delivery.ts';
import type { NativeHandlers } from '../main/core/api.ts';
import { CaduceusError } from '../main/core/errors.ts';
import { IpcBridge } from './ipc-bridge.ts';
import { NATIVE, REQUEST, TAKEN } from './ipc-channels.ts';
import { hostWindows } from './ipc.ts';
import { MAX_UNTAKEN } from './page-link.ts';

interface Frame {
  url: string;
  parent: Frame | null;
}

const OURS: Frame = { url: 'app://caduceus/index.html#/devices', parent: null };

class Ends {
  readonly main = Object.assign(new EventEmitter(), {
    handlers: new Map<string, (event: unknown, ...args: unknown[]) => unknown>(),
    handle(channel: string, handler: (event: unknown, ...args: unknown[]) => unknown): void {
      this.handlers.set(channel, handler);
    },
  });
  readonly renderer = new EventEmitter();
  readonly contents = Object.assign(new EventEmitter(), {
    isDestroyed: () => false,
    send: (channel: string, value: unknown) => void this.renderer.emit(channel, {}, structuredClone(value)),
  });
  frame: Frame | null = OURS;

  get forPreload(): ConstructorParameters<typeof IpcBridge>[0] {
    const event = () => ({ sender: this.contents, senderFrame: this.frame });
    return {
      send: (channel: string, ...values: unknown[]) =>
        void this.main.emit(channel, event(), ...structuredClone(values)),
      on: (channel: string, listener: (...args: unknown[]) => void) => this.renderer.on(channel, listener),
      invoke: async (channel: string, ...values: unknown[]) =>
        structuredClone(await this.main.handlers.get(channel)?.(event(), ...structuredClone(values))),
    } as never;
  }
}

const FILE = { id: 'a'.repeat(32), name: 'report.html', mediaType: 'text/html', bytes: 1, path: '/report.html' };
const NONE: NativeHandlers = { 'native.handOver': async () => true, 'native.choosePath': async () => null };
const NO_DESK = new BridgeHost({ calls: {}, channels: {} } as never);

describeBridge('Electron IPC', async (desk) => {
  const ends = new Ends();
  hostWindows(ends.main as never, new BridgeHost(desk), NONE);
  const bridge = new IpcBridge(ends.forPreload, 'page');
  return { bridge, close: () => void ends.contents.emit('destroyed') };
});

interface Counted {
  host: BridgeHost;
  received: unknown[];
  opened: number;
  closed: number;
  transport: Transport | undefined;
}

/** Counts what reaches the control plane; whatever is a number is no request. */
function counting(): Counted {
  const counted = { received: [] as unknown[], opened: 0, closed: 0, transport: undefined as Transport | undefined };
  const connect = (transport: Transport) => {
    counted.opened += 1;
    counted.transport = transport;
    let isClosed = false;
    return {
      receive: (message: unknown) => {
        if (isClosed || typeof message === 'number') return false;
        counted.received.push(message);
        return true;
      },
      close: () => {
        if (!isClosed) counted.closed += 1;
        isClosed = true;
      },
    };
  };
  return Object.assign(counted, { host: { connect } as never });
}

const STRANGERS: (Frame | null)[] = [
  null,
  { url: 'https://example.org/', parent: null },
  { url: 'file:///tmp/index.html', parent: null },
  { url: 'app://caduceus.evil/index.html', parent: null },
  { url: 'app://caduceus/index.html.evil', parent: null },
  { ...OURS, parent: OURS },
];

test('only the top frame of the window’s own page is heard', () => {
  const counted = counting();
  const ends = new Ends();
  hostWindows(ends.main as never, counted.host, NONE);
  const bridge = new IpcBridge(ends.forPreload, 'page');
  for (const frame of STRANGERS) {
    ends.frame = frame;
    void bridge.call('app.info', {});
  }
  expect(counted.received).toEqual([]);
  ends.frame = OURS;
  void bridge.call('app.info', {});
  expect(counted.received).toHaveLength(1);
});

describe('native services', () => {
  test('answer only to it, and only to what they offer, checked as every call is', async () => {
    const asked: unknown[] = [];
    const ends = new Ends();
    hostWindows(ends.main as never, NO_DESK, {
      'native.handOver': async ({ file }) => (asked.push(file), true),
      'native.choosePath': async ({ what }) => (asked.push(what), '/chosen'),
    });
    const bridge = new IpcBridge(ends.forPreload, 'page');
    expect(await bridge.choosePath('file')).toEqual({ ok: true, value: '/chosen' });
    expect(await bridge.handOver(FILE)).toEqual({ ok: true, value: true });
    expect(asked).toEqual(['file', FILE.id]);
    const { invoke } = ends.forPreload;
    for (const [name, input] of [
      ['native.choosePath', { what: 'disk' }],
      ['native.choosePath', { what: 'file', path: '/etc' }],
      ['native.handOver', { file: '../../etc/passwd' }],
      ['native.handOver', { file: { path: '/etc/passwd' } }],
      ['native.handOver', undefined],
      ['toString', {}],
      [7, {}],
    ]) {
      expect(await invoke(NATIVE, name, input)).toMatchObject({ ok: false, error: { code: 'CAD-CALL' } });
    }
    for (const frame of STRANGERS) {
      ends.frame = frame;
      expect(await bridge.choosePath('file')).toMatchObject({ ok: false, error: { code: 'CAD-CALL' } });
    }
    expect(asked).toHaveLength(2);
  });

  test('a failure of theirs is an answer with code and remedy, never a rejection', async () => {
    const ends = new Ends();
    const gone = new CaduceusError('CAD-FILE-UNKNOWN', 'there is no such file', 'Make it again.');
    hostWindows(ends.main as never, NO_DESK, {
      'native.handOver': () => Promise.reject(gone),
      'native.choosePath': () => Promise.reject(new Error('no dialog')),
    });
    const bridge = new IpcBridge(ends.forPreload, 'page');
    expect(await bridge.handOver(FILE)).toEqual({
      ok: false,
      error: { code: 'CAD-FILE-UNKNOWN', message: gone.message, remedy: gone.remedy },
    });
    expect(await bridge.choosePath('file')).toMatchObject({ ok: false, error: { code: 'CAD-INTERNAL' } });
  });
});

test('a page that is loaded again, or whose process died, starts anew; what it had is given back', () => {
  const counted = counting();
  const ends = new Ends();
  hostWindows(ends.main as never, counted.host, NONE);
  const { send } = ends.forPreload;
  send(REQUEST, 'one', { id: 1, call: 'app.info', input: {} });
  ends.contents.emit('did-start-navigation', { isMainFrame: true, isSameDocument: true });
  expect(counted.closed).toBe(0);
  ends.contents.emit('did-start-navigation', { isMainFrame: true, isSameDocument: false });
  expect(counted.closed).toBe(1);
  // The page that is being left may still ask: the next one does not inherit what it asked for.
  send(REQUEST, 'one', { id: 2, call: 'app.info', input: {} });
  send(REQUEST, 'two', { id: 1, call: 'app.info', input: {} });
  expect(counted).toMatchObject({ opened: 3, closed: 2 });
  ends.contents.emit('render-process-gone', {}, { reason: 'crashed' });
  expect(counted.closed).toBe(3);
});

test('a window that is loaded a hundred times is listened to once', () => {
  const ends = new Ends();
  hostWindows(ends.main as never, counting().host, NONE);
  for (let page = 0; page < 100; page++) {
    ends.forPreload.send(REQUEST, `page ${page}`, { id: 1, call: 'app.info', input: {} });
    ends.contents.emit('did-start-navigation', { isMainFrame: true, isSameDocument: false });
  }
  for (const event of ['did-start-navigation', 'render-process-gone', 'destroyed'])
    expect(ends.contents.listenerCount(event), event).toBe(1);
});

test('a page that sends what is no request is heard no more; the next page is', () => {
  const counted = counting();
  const ends = new Ends();
  hostWindows(ends.main as never, counted.host, NONE);
  const { send } = ends.forPreload;
  send(REQUEST, 'one', { id: 1, call: 'app.info', input: {} });
  send(REQUEST, 'one', 7);
  send(REQUEST, 'one', { id: 2, call: 'app.info', input: {} });
  expect(counted).toMatchObject({ opened: 1, closed: 1 });
  expect(counted.received).toHaveLength(1);
  send(REQUEST, 'two', { id: 1, call: 'app.info', input: {} });
  expect(counted.received).toHaveLength(2);
});

describe('what is on its way to a page', () => {
  const reply = { id: 1, kind: 'message', payload: null } as const;

  function linked(isHung: boolean) {
    const counted = counting();
    const ends = new Ends();
    if (isHung) ends.contents.send = () => undefined;
    hostWindows(ends.main as never, counted.host, NONE);
    const bridge = new IpcBridge(ends.forPreload, 'page');
    void bridge.call('app.info', {});
    const { transport } = counted;
    if (transport === undefined) throw new Error('not connected');
    return { transport, ends };
  }

  test('is bounded when the page has hung, however many turns of the loop pass', async () => {
    const { transport } = linked(true);
    for (let sent = 0; sent < MAX_UNTAKEN; sent++) {
      expect(transport.isCongested()).toBe(false);
      transport.send(reply);
      if (sent % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(transport.isCongested()).toBe(true);
  });

  test('never stops a page that takes what it is sent', () => {
    const { transport } = linked(false);
    for (let sent = 0; sent < 20 * MAX_UNTAKEN; sent++) {
      expect(transport.isCongested()).toBe(false);
      transport.send(reply);
    }
  });

  test('is not believed to have been taken before it was sent, nor by another page', () => {
    const { transport, ends } = linked(true);
    for (let sent = 0; sent < MAX_UNTAKEN; sent++) transport.send(reply);
    for (const count of [MAX_UNTAKEN + 1, Infinity, NaN, -1, 1.5, '5', null]) {
      ends.forPreload.send(TAKEN, 'page', count);
      expect(transport.isCongested(), String(count)).toBe(true);
    }
    ends.forPreload.send(TAKEN, 'another', 10);
    expect(transport.isCongested()).toBe(true);
    ends.forPreload.send(TAKEN, 'page', 10);
    expect(transport.isCongested()).toBe(false);
  });
});

describe('what the native menu asks', () => {
  test('reaches the page at once, or as soon as it is there and listens', () => {
    const ends = new Ends();
    const pages = hostWindows(ends.main as never, counting().host, NONE);
    const contents = ends.contents as never;
    pages.command(contents, { kind: 'go', route: '#/devices' });
    const bridge = new IpcBridge(ends.forPreload, 'page');
    void bridge.call('app.info', {});
    const heard: unknown[] = [];
    const stop = bridge.onCommand((command) => heard.push(command));
    pages.command(contents, { kind: 'palette' });
    expect(heard).toEqual([{ kind: 'go', route: '#/devices' }, { kind: 'palette' }]);
    stop();
    pages.command(contents, { kind: 'palette' });
    expect(heard).toHaveLength(2);
  });

  test('waits for the next page while one is being loaded, and not without bound', () => {
    const ends = new Ends();
    const pages = hostWindows(ends.main as never, counting().host, NONE);
    const contents = ends.contents as never;
    void new IpcBridge(ends.forPreload, 'one').call('app.info', {});
    ends.contents.emit('did-start-navigation', { isMainFrame: true, isSameDocument: false });
    ends.renderer.removeAllListeners();
    for (let index = 0; index < 50; index++) pages.command(contents, { kind: 'go', route: `#/${index}` });
    const bridge = new IpcBridge(ends.forPreload, 'two');
    void bridge.call('app.info', {});
    const heard: string[] = [];
    bridge.onCommand((command) => heard.push(command.kind === 'go' ? command.route : ''));
    expect(heard).toHaveLength(8);
    expect(heard.at(-1)).toBe('#/49');
  });
});
