/** Who can read, change or take over a connection: RELIABILITY B.1, rows 2, 3 and 32. */
import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import WebSocket from 'ws';
import { encodeVector } from '../main/core/compression/encoding.ts';
import { SUBPROTOCOL, type WorkerMessage } from '../main/core/protocol/messages.ts';
import type { ServerCertificate } from '../main/server/certificate.ts';
import { EXIT } from '../main/worker/exit-codes.ts';
import { connectPinned } from '../main/worker/pinned-tls.ts';
import { ensureAgent } from '../scripts/build-worker.ts';
import { FaultProxy } from '../scripts/testbed/fault-proxy.ts';
import { newCertificate } from './certificates.ts';
import { RawWorker } from './raw-worker.ts';
import { TlsRelay } from './tls-relay.ts';
import { eventually, TinyRun } from './tiny-run.ts';

let ours: ServerCertificate;
let theirs: ServerCertificate;

beforeAll(async () => {
  await ensureAgent();
  [ours, theirs] = await Promise.all([newCertificate(), newCertificate()]);
});

async function moreIterations(run: TinyRun, count: number): Promise<void> {
  const enough = run.iterations + count;
  await eventually(
    () => run.iterations >= enough,
    () => run.incidents,
  );
}

/** A worker that pins the server's certificate, and says what a test wants said. */
function pinned(run: TinyRun, { fingerprint } = ours): RawWorker {
  return new RawWorker(run.url, { createConnection: connectPinned(fingerprint, 2000) });
}

describe('a server with a certificate', () => {
  it('trains with agents that were told its fingerprint; on the wire is neither a token nor a model', async () => {
    const run = await TinyRun.start({ certificate: ours, workers: ['a', 'b'] });
    expect(run.url).toMatch(/^wss:/);
    const proxy = await FaultProxy.start(run.port);
    const wire: Buffer[] = [];
    proxy.tap = (_connection, _direction, bytes) => wire.push(Buffer.from(bytes));
    const agents = await run.launchAll({ url: proxy.url.replace('ws:', 'wss:') });
    await moreIterations(run, 40);
    run.host.handle({ type: 'stop', reason: 'user', text: 'enough' });
    expect((await Promise.all(agents.map(({ exited }) => exited))).map(({ code }) => code)).toEqual([0, 0]);
    const captured = Buffer.concat(wire);
    expect(captured.length).toBeGreaterThan(10_000);
    for (const token of run.tokens.values()) expect(captured.includes(token)).toBe(false);
    expect(captured.includes('assignment')).toBe(false);
    const initial = Buffer.from(encodeVector('f32', run.settings.initial));
    for (let place = 0; place + 8 <= initial.length; place += 8) {
      // Eight zeros of biases are no pattern; everything else is.
      const pattern = initial.subarray(place, place + 8);
      if (pattern.some((byte) => byte !== 0)) expect(captured.includes(pattern)).toBe(false);
    }
  });

  it('and without: the same capture does show a model, so the search above finds what is there', async () => {
    const run = await TinyRun.start();
    const proxy = await FaultProxy.start(run.port);
    const wire: Buffer[] = [];
    proxy.tap = (_connection, _direction, bytes) => wire.push(Buffer.from(bytes));
    await run.launch('a', { url: proxy.url });
    await moreIterations(run, 3);
    const captured = Buffer.concat(wire);
    const initial = Buffer.from(encodeVector('f32', run.settings.initial));
    expect(captured.includes(initial.subarray(0, 64))).toBe(true);
    expect(captured.includes(run.tokens.get('a') ?? '')).toBe(false); // the token is never sent at all
  });

  it('speaks to nobody without TLS, and to nobody with an older one', async () => {
    const run = await TinyRun.start({ certificate: ours });
    const plain = new RawWorker(`ws://127.0.0.1:${run.port}/`);
    expect((await plain.closed).code).toBe(1006);
    expect(plain.received).toEqual([]);
    const old = new RawWorker(run.url, { rejectUnauthorized: false, maxVersion: 'TLSv1.2' });
    expect((await old.closed).code).toBe(1006);
  });

  it('refuses every wrong proof as it does without TLS, and admits the right one', async () => {
    const run = await TinyRun.start({ certificate: ours, workers: ['a', 'b'] });
    const tokenOf = (worker: string): string => run.tokens.get(worker) ?? '';
    const right = { worker: 'a', token: tokenOf('a'), certificate: ours.fingerprint };
    const wrong = {
      'another token': { ...right, token: 'x'.repeat(43) },
      "another worker's token": { ...right, token: tokenOf('b') },
      'another run': { ...right, run: 'other-run' },
      'another protocol version': { ...right, protocol: 2 },
      'no certificate in the proof': { worker: right.worker, token: right.token },
      'another certificate in the proof': { ...right, certificate: theirs.fingerprint },
    };
    for (const [name, identity] of Object.entries(wrong)) {
      const worker = pinned(run);
      await worker.hello(identity);
      expect(await worker.closed, name).toEqual({ code: 1008, reason: 'not admitted' });
    }
    const worker = pinned(run);
    await worker.hello(right);
    await worker.hears('welcome');
    expect(await worker.isServed()).toBe(true);
  });
});

describe('somebody in the middle', () => {
  it('with another certificate hears not one byte, and the agent says so and gives up', async () => {
    const run = await TinyRun.start({ certificate: ours });
    const relay = await TlsRelay.start(run.port, theirs);
    const agent = await run.launch('a', { url: relay.url });
    expect((await agent.exited).code).toBe(EXIT.refused);
    expect(agent.lastLines().at(-1)).toContain(
      `it shows the certificate ${theirs.fingerprint.slice(0, 16)}… instead of ${ours.fingerprint.slice(0, 16)}…`,
    );
    expect(relay.connections).toBe(3);
    expect(relay.heardBytes).toBe(0);
    expect(run.records.filter(({ type }) => type === 'worker')).toEqual([]);
  });

  it('that a careless worker talks to cannot pass its proof on', async () => {
    const run = await TinyRun.start({ certificate: ours });
    const relay = await TlsRelay.start(run.port, theirs);
    const careless = new RawWorker(relay.url, { rejectUnauthorized: false });
    await careless.hello({ worker: 'a', token: run.tokens.get('a') ?? '', certificate: theirs.fingerprint });
    expect(await careless.closed).toEqual({ code: 1008, reason: 'not admitted' });
  });

  it('cannot talk the ends down: a changed version breaks the proof', async () => {
    const run = await TinyRun.start();
    const worker = new RawWorker(run.url);
    const change = (hello: WorkerMessage & { kind: 'hello' }): void => void (hello.protocol = 0);
    await worker.hello({ worker: 'a', token: run.tokens.get('a') ?? '' }, change);
    expect(await worker.closed).toEqual({ code: 1008, reason: 'not admitted' });
  });

  it('cannot use a certificate that is right by name, date or key: only the very one is', async () => {
    const run = await TinyRun.start({ certificate: theirs });
    const worker = pinned(run, ours);
    expect((await worker.closed).code).toBe(1006);
    expect(worker.received).toEqual([]);
  });
});

describe('one run at several addresses', () => {
  it('has workers of this machine on the loopback without TLS, and others elsewhere with it', async () => {
    const run = await TinyRun.start({
      workers: ['a', 'b'],
      moreDoors: [{ host: '127.0.0.2', port: 0, certificate: ours }],
    });
    const [, secure] = run.doors;
    expect(secure).toMatchObject({ host: '127.0.0.2', certificate: ours.fingerprint });
    const plain = await RawWorker.join(run.url, { worker: 'a', token: run.tokens.get('a') ?? '' });
    const other = new RawWorker(secure?.url ?? '', { createConnection: connectPinned(ours.fingerprint, 2000) });
    await other.hello({ worker: 'b', token: run.tokens.get('b') ?? '', certificate: ours.fingerprint });
    await other.hears('welcome');
    expect(await plain.isServed()).toBe(true);
    // A door is an address, not every address.
    const elsewhere = new WebSocket(`ws://127.0.0.3:${run.port}/`, SUBPROTOCOL);
    const code = await new Promise((resolve) => {
      elsewhere.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
      elsewhere.on('open', () => resolve('open'));
    });
    expect(code).toBe('ECONNREFUSED');
  });
});

describe('a connection without TLS', () => {
  /** One flipped bit in a push on its way up; the agent's frames of this size are pushes and nothing else. */
  it('drops a push with a flipped bit: nothing of it is applied, and the worker comes back by itself', async () => {
    const run = await TinyRun.start({ policy: 'asp' });
    const proxy = await FaultProxy.start(run.port);
    let flipped = 0;
    await run.launch('a', { url: proxy.url });
    await moreIterations(run, 10);
    const before = appliedPushes(run);
    // The proxy carries what its listener leaves it.
    proxy.tap = (_connection, direction, bytes) => {
      if (direction !== 'up' || bytes.length < 900 || flipped > 0) return;
      flipped += 1;
      bytes[bytes.length - 10]! ^= 0x40; // an exponent bit of a weight
    };
    await eventually(
      () => run.incidents.some((text) => text.startsWith('rejoined a')),
      () => [flipped, ...run.incidents],
    );
    expect(flipped).toBe(1);
    expect(run.incidents).toContainEqual(
      expect.stringMatching(/^rejected a: It broke the protocol: a frame of \d+ bytes was damaged on its way$/),
    );
    await moreIterations(run, 10);
    const sequences = appliedPushes(run).map(({ sequence }) => sequence);
    // Counting starts anew with the connection: the damaged one is the gap in between.
    const restart = sequences.indexOf(1, before.length);
    expect(sequences.slice(0, restart)).toEqual(Array.from({ length: restart }, (_, index) => index + 1));
    onTestFinished(() => proxy.close());
  });

  it('drops a model with a flipped bit: the worker does not train on it, and comes back by itself', async () => {
    const run = await TinyRun.start({ policy: 'asp' });
    const proxy = await FaultProxy.start(run.port);
    const agent = await run.launch('a', { url: proxy.url });
    await moreIterations(run, 10);
    let flipped = 0;
    // The proxy carries what its listener leaves it.
    proxy.tap = (_connection, direction, bytes) => {
      if (direction !== 'down' || bytes.length < 900 || flipped > 0) return;
      flipped += 1;
      bytes[bytes.length - 10]! ^= 0x40;
    };
    await eventually(
      () => run.incidents.some((text) => text.startsWith('rejoined a')),
      () => [flipped, ...run.incidents],
    );
    expect(agent.lastLines().join('\n')).toMatch(/a frame of \d+ bytes was damaged on its way/);
    await moreIterations(run, 10);
    onTestFinished(() => proxy.close());
  });
});

function appliedPushes(run: TinyRun) {
  return run.records.filter((record) => record.type === 'push').filter(({ outcome }) => outcome === 'applied');
}

it('a fingerprint is what other tools print for the certificate', () => {
  const der = Buffer.from(ours.certificate.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  expect(createHash('sha256').update(der).digest('hex')).toBe(ours.fingerprint);
});
