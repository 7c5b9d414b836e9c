import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  CALL_WAIT_MS,
  DISCONNECTED,
  retryDelayMs,
  LONGEST_RETRY_MS,
  SocketBridge,
  type Socket,
} from './socket-bridge.ts';

/** The other end of the wire, in the hands of the test. */
class Wire implements Socket {
  onopen: Socket['onopen'] = null;
  onmessage: Socket['onmessage'] = null;
  onclose: Socket['onclose'] = null;
  onerror: Socket['onerror'] = null;
  readonly sent: Record<string, unknown>[] = [];
  send(data: unknown): void {
    this.sent.push(JSON.parse(String(data)) as Record<string, unknown>);
  }
  close(): void {}
  welcome(): void {
    this.onopen?.call(this as never, {} as Event);
    this.say({ kind: 'welcome' });
  }
  say(message: unknown): void {
    this.onmessage?.call(this as never, { data: JSON.stringify(message) } as MessageEvent);
  }
  drop(): void {
    this.onclose?.call(this as never, { code: 1006 } as CloseEvent);
  }
}

const wires: Wire[] = [];
async function opened(): Promise<SocketBridge> {
  const open = (): Wire => {
    const wire = new Wire();
    wires.push(wire);
    return wire;
  };
  const bridge = new SocketBridge(open, { key: async () => 'k', isAdmitted: async () => true });
  await vi.advanceTimersByTimeAsync(0);
  return bridge;
}
const last = (): Wire => wires.at(-1) as Wire;

describe('the bridge over a socket', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => {
    vi.useRealTimers();
    wires.length = 0;
  });

  it('keeps calls and subscriptions made before it is connected, and sends them then', async () => {
    const bridge = await opened();
    const answer = bridge.call('devices.list', {});
    bridge.subscribe('devices', {}, () => undefined);
    last().welcome();
    const [key, ...requests] = last().sent;
    expect(key).toEqual({ key: 'k' });
    expect(requests).toEqual([
      { id: 2, subscribe: 'devices', params: {} },
      { id: 1, call: 'devices.list', input: {} },
    ]);
    last().say({ id: 1, kind: 'answer', answer: { ok: true, value: [] } });
    expect(await answer).toEqual({ ok: true, value: [] });
  });

  it('answers what was on its way when the connection broke, and ends subscriptions once', async () => {
    const bridge = await opened();
    last().welcome();
    const onEnd = vi.fn();
    bridge.subscribe('runs', {}, () => undefined, onEnd);
    const answer = bridge.call('runs.stop', { run: 'r' });
    last().drop();
    expect(await answer).toEqual({ ok: false, error: DISCONNECTED });
    expect(onEnd).toHaveBeenCalledExactlyOnceWith(undefined);
    expect(bridge.connection.get()).toMatchObject({ state: 'lost', attempt: 1 });
  });

  it('comes back by itself, with what was subscribed meanwhile', async () => {
    const bridge = await opened();
    last().welcome();
    const heard: unknown[] = [];
    const start = (): void => void bridge.subscribe('load', {}, (load) => heard.push(load), start);
    start();
    last().drop();
    await vi.advanceTimersByTimeAsync(retryDelayMs(1));
    expect(wires).toHaveLength(2);
    last().welcome();
    const id = last().sent.find((request) => 'subscribe' in request)?.['id'];
    last().say({ id, kind: 'message', payload: 7 });
    expect(heard).toEqual([7]);
    expect(bridge.connection.get()).toEqual({ state: 'open' });
  });

  it('does not let a call wait for a connection for ever', async () => {
    const bridge = await opened();
    const answer = bridge.call('app.info', {});
    await vi.advanceTimersByTimeAsync(CALL_WAIT_MS);
    expect(await answer).toEqual({ ok: false, error: DISCONNECTED });
  });

  it('bears nonsense', async () => {
    const bridge = await opened();
    last().welcome();
    last().onmessage?.call(last() as never, { data: '{' } as MessageEvent);
    last().say({ id: 99, kind: 'answer', answer: { ok: true, value: 1 } });
    last().say({ id: 98, kind: 'message', payload: 1 });
    expect(bridge.connection.get()).toEqual({ state: 'open' });
  });
});

it('waits longer after each failure, up to a bound', () => {
  const delays = Array.from({ length: 8 }, (_, index) => retryDelayMs(index + 1));
  expect(delays.slice(0, 4)).toEqual([250, 500, 1000, 2000]);
  expect(Math.max(...delays)).toBe(LONGEST_RETRY_MS);
});
