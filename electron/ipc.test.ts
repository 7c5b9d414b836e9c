/**
 * Both halves of the bridge over IPC, joined by stand-ins for Electron's two ends, which exist only inside
 * Electron: like the real ones they copy what passes, structured clone and all.
 */
import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { describeBridge } from '../main/control-plane/bridge.contract.ts';
import { BridgeHost } from '../main/control-plane/bridge-host.ts';
import { IpcBridge } from './ipc-bridge.ts';
import { CHOOSE_PATH, HAND_OVER, REQUEST } from './ipc-channels.ts';
import { hostWindows, type NativeServices } from './ipc.ts';

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
      send: (channel: string, value: unknown) => void this.main.emit(channel, event(), structuredClone(value)),
      on: (channel: string, listener: (...args: unknown[]) => void) => this.renderer.on(channel, listener),
      invoke: async (channel: string, value: unknown) =>
        this.main.handlers.get(channel)?.(event(), structuredClone(value)),
    } as never;
  }
}

const NONE: NativeServices = { handOver: async () => undefined, choosePath: async () => null };

describeBridge('Electron IPC', async (desk) => {
  const ends = new Ends();
  hostWindows(ends.main as never, new BridgeHost(desk), NONE);
  const bridge = new IpcBridge(ends.forPreload);
  return { bridge, close: () => void ends.contents.emit('destroyed') };
});

/** Counts what reaches the control plane. */
function counting(): { host: BridgeHost; received: unknown[]; closed: number } {
  const counted = { received: [] as unknown[], closed: 0 };
  const connect = () => ({
    receive: (message: unknown) => counted.received.push(message),
    close: () => (counted.closed += 1),
  });
  return Object.assign(counted, { host: { connect } as never });
}

test('only the top frame of the window’s own page is heard', () => {
  const counted = counting();
  const ends = new Ends();
  hostWindows(ends.main as never, counted.host, NONE);
  const bridge = new IpcBridge(ends.forPreload);
  const strangers: (Frame | null)[] = [
    null,
    { url: 'https://example.org/', parent: null },
    { url: 'file:///tmp/index.html', parent: null },
    { url: 'app://caduceus.evil/index.html', parent: null },
    { ...OURS, parent: OURS },
  ];
  for (const frame of strangers) {
    ends.frame = frame;
    void bridge.call('app.info', {});
  }
  expect(counted.received).toEqual([]);
  ends.frame = OURS;
  void bridge.call('app.info', {});
  expect(counted.received).toHaveLength(1);
});

test('native services answer only to it, and only to what they offer', async () => {
  const asked: unknown[] = [];
  const ends = new Ends();
  const native = {
    handOver: async (file: string) => void asked.push(file),
    choosePath: async (what: string) => (asked.push(what), '/chosen'),
  };
  hostWindows(ends.main as never, counting().host, native);
  const ipc = ends.forPreload;
  expect(await ipc.invoke(CHOOSE_PATH, 'file')).toBe('/chosen');
  expect(await ipc.invoke(CHOOSE_PATH, { evil: true })).toBe('/chosen');
  await ipc.invoke(HAND_OVER, 'abc');
  await ipc.invoke(HAND_OVER, { path: '/etc/passwd' });
  expect(asked).toEqual(['file', 'folder', 'abc']);
  ends.frame = { url: 'https://example.org/', parent: null };
  expect(await ipc.invoke(CHOOSE_PATH, 'file')).toBeNull();
  expect(asked).toHaveLength(3);
});

test('a page that is loaded again, or whose process died, starts anew; what it had is given back', () => {
  const counted = counting();
  const ends = new Ends();
  hostWindows(ends.main as never, counted.host, NONE);
  const { send } = ends.forPreload;
  send(REQUEST, { id: 1, call: 'app.info', input: {} });
  ends.contents.emit('did-start-navigation', { isMainFrame: true, isSameDocument: true });
  expect(counted.closed).toBe(0);
  ends.contents.emit('did-start-navigation', { isMainFrame: true, isSameDocument: false });
  expect(counted.closed).toBe(1);
  send(REQUEST, { id: 1, call: 'app.info', input: {} });
  ends.contents.emit('render-process-gone', {}, { reason: 'crashed' });
  expect(counted.closed).toBe(2);
});
