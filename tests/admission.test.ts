/** Who gets in, and who does not. */
import { request } from 'node:http';
import { connect } from 'node:net';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { Ledger } from '../main/core/accounting.ts';
import { SUBPROTOCOL, type WorkerMessage } from '../main/core/protocol/messages.ts';
import { Listener } from '../main/server/listener.ts';
import { RawWorker } from './raw-worker.ts';
import { eventually, TinyRun } from './tiny-run.ts';

type Hello = WorkerMessage & { kind: 'hello' };

const REFUSED = { code: 1008, reason: 'not admitted' };

async function admissionRun() {
  const run = await TinyRun.start({ workers: ['a', 'b'] });
  const tokenOf = (worker: string): string => run.tokens.get(worker) ?? '';
  return { run, tokenOf };
}

describe('admission', () => {
  it('refuses every wrong proof with the same code, reason and number of bytes, and changes nothing', async () => {
    const { run, tokenOf } = await admissionRun();
    const right = { worker: 'a', token: tokenOf('a') };
    const before = run.host.snapshot().state;
    const attempts: Record<string, (worker: RawWorker) => Promise<void>> = {
      'another token': (worker) => worker.hello({ ...right, token: 'x'.repeat(43) }),
      'an empty token': (worker) => worker.hello({ ...right, token: '' }),
      "another worker's token": (worker) => worker.hello({ ...right, token: tokenOf('b') }),
      'a worker that does not exist': (worker) => worker.hello({ ...right, worker: 'nobody' }),
      'another run': (worker) => worker.hello({ ...right, run: 'other-run' }),
      'another protocol version': (worker) => worker.hello({ ...right, protocol: 2 }),
      'no proof': (worker) => worker.hello(right, (hello) => (hello.proof = '')),
      'a truncated proof': (worker) => worker.hello(right, (hello) => (hello.proof = hello.proof.slice(0, -1))),
      'a longer proof': (worker) => worker.hello(right, (hello) => (hello.proof += 'AAAA')),
      'a proof for another nonce': (worker) => worker.hello(right, (hello) => (hello.nonce = 'x')),
      'the token itself': (worker) => worker.hello(right, (hello: Hello) => (hello.proof = right.token)),
      'another message first': async (worker) => {
        await worker.nonce();
        worker.say({ kind: 'rows-wanted', block: 0 });
      },
      'text instead of a message': async (worker) => {
        await worker.nonce();
        worker.webSocket.send('hello');
      },
      'bytes that are no message': async (worker) => {
        await worker.nonce();
        worker.webSocket.send(Buffer.alloc(64, 0xff));
      },
    };
    const bytes = new Set<number>();
    for (const [name, attempt] of Object.entries(attempts)) {
      const worker = new RawWorker(run.url);
      await attempt(worker);
      expect(await worker.closed, name).toEqual(REFUSED);
      bytes.add(worker.bytesRead);
    }
    expect(bytes.size).toBe(1);
    expect(run.records.filter(({ type }) => type === 'worker')).toEqual([]);
    const { ledger: _before, ...stateBefore } = before;
    const { ledger, ...stateAfter } = run.host.snapshot().state;
    expect(stateAfter).toEqual(stateBefore);
    expect(Object.keys(ledger)).toEqual(['(unknown)']);
  });

  it('accepts a proof once: replayed on another connection it is worth nothing', async () => {
    const { run, tokenOf } = await admissionRun();
    const first = new RawWorker(run.url);
    let proven: Hello | undefined;
    await first.hello({ worker: 'a', token: tokenOf('a') }, (hello) => (proven = { ...hello }));
    await first.hears('welcome');
    const second = new RawWorker(run.url);
    await second.nonce();
    second.say(proven as Hello);
    expect(await second.closed).toEqual(REFUSED);
    expect(await first.isServed()).toBe(true);
  });

  it('refuses whoever does not prove itself in time', async () => {
    const run = await TinyRun.start({ authenticateMs: 150 });
    const silent = new RawWorker(run.url);
    const startedMs = performance.now();
    expect(await silent.closed).toEqual(REFUSED);
    // What it is given where nothing else is said takes longer.
    expect(performance.now() - startedMs).toBeLessThan(2500);
  });

  it('cuts a stranger off that sends more than a hello, before its message is complete', async () => {
    const { run } = await admissionRun();
    const talker = new RawWorker(run.url);
    await talker.nonce();
    talker.raw(Buffer.from([0x82, 0xfe, 0xea, 0x60, 0, 0, 0, 0])); // 60,000 bytes are to come
    talker.raw(Buffer.alloc(3000));
    // Waited for, it would have been refused in the end.
    expect((await talker.closed).code).toBe(1006);
  });

  it('turns away browsers, other paths, other protocols and plain requests', async () => {
    const { run } = await admissionRun();
    const upgrade = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
      'sec-websocket-protocol': SUBPROTOCOL,
    };
    const statusOf = async (headers: Record<string, string>, path = '/'): Promise<number | undefined> => {
      const asked = request({ port: run.port, host: '127.0.0.1', path, headers }).end();
      const answered = once(asked, 'response').then(([response]) => (response as { statusCode: number }).statusCode);
      const upgraded = once(asked, 'upgrade').then(([, socket]) => {
        (socket as { destroy(): void }).destroy();
        return 101;
      });
      return Promise.race([answered, upgraded]);
    };
    expect(await statusOf(upgrade)).toBe(101);
    expect(await statusOf({ ...upgrade, origin: 'http://127.0.0.1' })).toBe(403);
    expect(await statusOf(upgrade, '/other')).toBe(404);
    expect(await statusOf({ ...upgrade, 'sec-websocket-protocol': 'other' })).toBe(400);
    expect(await statusOf({ ...upgrade, 'sec-websocket-key': 'short' })).toBe(400);
    expect(await statusOf({})).toBe(426);
  });

  it('cuts a connection that dribbles its request or sends endless headers', async () => {
    const ledger = new Ledger();
    const settings = { maxMessageBytes: 1000, ledger, upgradeMs: 200 };
    const listener = new Listener({ ...settings, onConnection: () => undefined });
    const { port } = await listener.open({ host: '127.0.0.1', port: 0 });
    const ends = [
      'GET / HTTP/1.1\r\n',
      `GET / HTTP/1.1\r\nx: ${'y'.repeat(9000)}\r\n`,
      '\x16\x03\x01garbage\r\n\r\n',
      '',
    ].map(async (text) => {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      socket.resume().write(text);
      const dribble = setInterval(() => socket.write('x'), 20);
      await new Promise((resolve) => socket.on('close', resolve));
      clearInterval(dribble);
    });
    await Promise.all(ends);
    await listener.close(500);
    expect(ledger.total().control).toBeGreaterThan(9000);
  });

  it('keeps strangers in small numbers, whoever they are, and those admitted do not notice', async () => {
    const { run, tokenOf } = await admissionRun();
    const member = await RawWorker.join(run.url, { worker: 'a', token: tokenOf('a') });
    const strangers = Array.from({ length: 300 }, () =>
      connect(run.port, '127.0.0.1')
        .on('error', () => undefined)
        .resume(),
    );
    await eventually(
      () => strangers.every((socket) => socket.destroyed || socket.readyState === 'open'),
      () => strangers.filter((socket) => socket.readyState === 'opening').length,
    );
    await eventually(
      () => strangers.filter((socket) => socket.destroyed).length >= 300 - 128,
      () => strangers.filter((socket) => socket.destroyed).length,
    );
    expect(await member.isServed()).toBe(true);
    for (const socket of strangers) socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 300)); // the server learns of it
    expect(await (await RawWorker.join(run.url, { worker: 'b', token: tokenOf('b') })).isServed()).toBe(true);
  });

  it('says which port is taken and what to do, and which address cannot be used', async () => {
    const { run } = await admissionRun();
    const other = TinyRun.start({ port: run.port });
    await expect(other).rejects.toMatchObject({
      code: 'CAD-PORT-IN-USE',
      message: expect.stringContaining(String(run.port)) as string,
    });
    const ledger = new Ledger();
    const listener = new Listener({
      maxMessageBytes: 1000,
      ledger,
      onConnection: () => undefined,
    });
    await expect(listener.open({ host: '203.0.113.1', port: 0 })).rejects.toMatchObject({ code: 'CAD-LISTEN' });
  });
});
