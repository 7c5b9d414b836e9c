/** The hand that slows links and cuts cables does what it says, and its counts are true. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FaultProxy, type ProxyOptions } from '../scripts/testbed/fault-proxy.ts';

/** Everything that a connection gave until it ended, and how it ended. */
interface Heard {
  bytes: number;
  end: 'end' | 'reset' | 'open';
}

describe('the fault proxy', () => {
  let echo: Server;
  let atServer: Heard[];
  let proxy: FaultProxy;

  beforeEach(async () => {
    atServer = [];
    echo = createServer((socket) => {
      atServer.push(listen(socket));
      socket.on('data', (bytes) => socket.write(bytes));
    });
    await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  });

  afterEach(async () => {
    await proxy.close();
    await new Promise((resolve) => echo.close(resolve));
  });

  const start = async (options: ProxyOptions = {}): Promise<void> => {
    proxy = await FaultProxy.start((echo.address() as { port: number }).port, options);
  };

  it('delays each direction by its latency, and no byte is lost or changed', async () => {
    await start({ shape: { up: { latencyMs: 30 }, down: { latencyMs: 50, jitterMs: 5 } } });
    const sent = Buffer.alloc(300_000, 'abcdefg');
    const socket = connect(proxy.port);
    const startMs = performance.now();
    let firstMs = 0;
    const got: Buffer[] = [];
    socket.on('data', (bytes: Buffer) => {
      firstMs ||= performance.now() - startMs;
      got.push(bytes);
    });
    socket.end(sent);
    await new Promise((resolve) => socket.once('end', resolve));
    expect(firstMs).toBeGreaterThan(30 + 50 - 20);
    expect(Buffer.concat(got).equals(sent)).toBe(true);
    await proxy.drained();
    expect(proxy.carried).toEqual({ toServer: 300_000, fromServer: 300_000, toClient: 300_000, fromClient: 300_000 });
  });

  it('carries no faster than its rate', async () => {
    await start({ shape: { up: { bitsPerSecond: 8_000_000 } } });
    const socket = connect(proxy.port);
    const startMs = performance.now();
    socket.end(Buffer.alloc(300_000));
    socket.resume();
    await new Promise((resolve) => socket.once('end', resolve));
    const elapsedMs = performance.now() - startMs;
    expect(elapsedMs).toBeGreaterThan(300);
    expect(elapsedMs).toBeLessThan(30_000);
  });

  it('drops one direction and leaves the other open', async () => {
    await start();
    const socket = connect(proxy.port);
    const heard = listen(socket);
    socket.write('12345');
    await until(() => heard.bytes === 5);
    proxy.deafen('down');
    socket.write('67890');
    await until(() => atServer[0]?.bytes === 10);
    await sleep(50);
    expect(heard).toEqual({ bytes: 5, end: 'open' });
    proxy.heal();
    socket.write('!');
    await until(() => heard.bytes === 6);
  });

  it('takes clients in and never answers them', async () => {
    await start();
    proxy.blackHole();
    const socket = connect(proxy.port);
    const heard = listen(socket);
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.write('anybody?');
    await sleep(100);
    expect(heard).toEqual({ bytes: 0, end: 'open' });
    expect(atServer).toEqual([]);
    proxy.heal();
    const other = connect(proxy.port);
    const answer = listen(other);
    other.write('again');
    await until(() => answer.bytes === 5);
  });

  for (const how of ['end', 'reset', 'hang'] as const) {
    it(`lets through so many bytes and then: ${how}; the next connection is whole`, async () => {
      await start();
      proxy.cutNext({ direction: 'up', afterBytes: 70_001, how });
      const socket = connect(proxy.port);
      const heard = listen(socket);
      socket.write(Buffer.alloc(200_000));
      if (how === 'hang') await until(() => atServer[0]?.bytes === 70_001);
      else await until(() => heard.end !== 'open' && atServer[0]?.end !== 'open');
      if (how === 'reset') expect(atServer[0]?.bytes).toBeLessThanOrEqual(70_001);
      else expect(atServer[0]?.bytes).toBe(70_001);
      expect(heard.end).toBe(how === 'hang' ? 'open' : how);
      expect(proxy.carried.toServer).toBe(70_001);
      const next = connect(proxy.port);
      const whole = listen(next);
      next.write(Buffer.alloc(200_000));
      await until(() => whole.bytes === 200_000);
    });
  }

  it('refuses with a reset', async () => {
    await start();
    proxy.refuse(true);
    const heard = listen(connect(proxy.port));
    await until(() => heard.end === 'reset');
    expect(proxy.accepted).toBe(0);
  });
});

function listen(socket: Socket): Heard {
  const heard: Heard = { bytes: 0, end: 'open' };
  socket.on('data', (bytes) => (heard.bytes += bytes.length));
  socket.on('end', () => (heard.end = 'end'));
  socket.on('error', () => (heard.end = 'reset'));
  return heard;
}

async function until(holds: () => boolean): Promise<void> {
  for (let waitedMs = 0; waitedMs < 10_000; waitedMs += 5) {
    if (holds()) return;
    await sleep(5);
  }
  throw new Error(`still not so after 10 s: ${holds.toString()}`);
}
