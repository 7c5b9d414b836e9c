/** What an admitted worker can break: its own connection, and nothing else. */
import { describe, expect, it } from 'vitest';
import { below, prng } from '../main/core/prng.ts';
import { encodeMessage, PREAMBLE_BYTES, sealFrame } from '../main/core/protocol/codec.ts';
import { RawWorker } from './raw-worker.ts';
import { eventually, TinyRun } from './tiny-run.ts';

/** A masked frame header of a client, with a mask of zeros. */
function frameHeader(first: number, length: bigint): Buffer {
  const header = Buffer.alloc(14);
  header[0] = first;
  header[1] = 0x80 | 127;
  header.writeBigUInt64BE(length, 2);
  return header;
}

function frame(opcode: number, isLast: boolean, payload: Buffer): Buffer {
  const header = Buffer.alloc(6);
  header[0] = (isLast ? 0x80 : 0) | opcode;
  header[1] = 0x80 | payload.length;
  return Buffer.concat([header, payload]);
}

function withKind(kind: number, bytes: Uint8Array): Buffer {
  const changed = Buffer.from(bytes);
  changed[1] = kind;
  return sealFrame(changed);
}

const SAMPLE = encodeMessage({ kind: 'rows-wanted', block: 0 });
const SUMMARY = { clock: 1, steps: 1, samples: 8, batch: 8, loss: 1, computeMs: 1, waitMs: 1 };

async function twoWorkers() {
  const run = await TinyRun.start({ workers: ['good', 'bad'] });
  const join = (worker: string) => RawWorker.join(run.url, { worker, token: run.tokens.get(worker) ?? '' });
  return { run, good: await join('good'), join: () => join('bad') };
}

const ATTACKS: Record<string, { codes: number[]; attack(bad: RawWorker): void }> = {
  'a frame that claims 2^31 bytes': { codes: [1009], attack: (bad) => bad.raw(frameHeader(0x82, 2n ** 31n)) },
  'a frame that claims 2^53 bytes': { codes: [1009], attack: (bad) => bad.raw(frameHeader(0x82, 2n ** 53n)) },
  'a frame that claims 2^64-1 bytes': { codes: [1009], attack: (bad) => bad.raw(frameHeader(0x82, 2n ** 64n - 1n)) },
  'a message one byte too long': {
    codes: [1009],
    attack: (bad) => bad.webSocket.send(Buffer.alloc(PREAMBLE_BYTES + 65_536 + 256 * 4 + 1)),
  },
  'an unmasked frame': { codes: [1002], attack: (bad) => bad.raw(Buffer.from([0x82, 0x01, 0x00])) },
  'fragments of one byte': {
    codes: [1008],
    attack: (bad) => {
      for (let index = 0; index < 1000; index++) bad.raw(frame(index === 0 ? 2 : 0, false, Buffer.alloc(1)));
    },
  },
  'empty fragments without end': {
    codes: [1008],
    attack: (bad) => {
      bad.raw(frame(2, false, Buffer.alloc(0)));
      bad.raw(Buffer.concat(Array.from({ length: 100_000 }, () => frame(0, false, Buffer.alloc(0)))));
    },
  },
  'an unknown kind': { codes: [1002], attack: (bad) => bad.webSocket.send(withKind(200, SAMPLE)) },
  'a kind that only servers send': { codes: [1002], attack: (bad) => bad.say({ kind: 'collect' }) },
  'a text frame': { codes: [1002], attack: (bad) => bad.webSocket.send('{}') },
  'an empty message': { codes: [1002], attack: (bad) => bad.webSocket.send(Buffer.alloc(0)) },
  'a header length beyond the message': {
    codes: [1002],
    attack: (bad) => {
      const lying = Buffer.from(SAMPLE);
      lying.writeUInt32LE(0xfffffffc, 4);
      bad.webSocket.send(sealFrame(lying));
    },
  },
  'a header that is no JSON': {
    codes: [1002],
    attack: (bad) => bad.webSocket.send(sealFrame(Buffer.from(SAMPLE).fill(0xff, PREAMBLE_BYTES))),
  },
  'a message that was damaged on its way': {
    codes: [1002],
    attack: (bad) => bad.webSocket.send(Buffer.from(SAMPLE).fill(0xff, SAMPLE.length - 1)),
  },
  'a second hello': {
    codes: [1002],
    attack: (bad) => bad.say({ kind: 'hello', protocol: 1, run: '', worker: '', nonce: '', proof: '' }),
  },
  'a push before it is ready': {
    codes: [1002],
    attack: (bad) =>
      bad.say({
        kind: 'push',
        sequence: 1,
        baseVersion: 0,
        waits: true,
        iteration: SUMMARY,
        encoding: 'f32',
        payload: new Uint8Array(4),
      }),
  },
  'rows past the end': { codes: [1002], attack: (bad) => bad.say({ kind: 'rows-wanted', block: 1000 }) },
  'rows of a block that no number can be': {
    codes: [1002],
    attack: (bad) => bad.say({ kind: 'rows-wanted', block: -1 }),
  },
};

describe('a hostile worker', () => {
  it.each(Object.entries(ATTACKS))(
    'that sends %s loses its connection and nobody else does',
    async (_name, { codes, attack }) => {
      const { run, good, join } = await twoWorkers();
      const bad = await join();
      attack(bad);
      expect(codes).toContain((await bad.closed).code);
      expect(await good.isServed()).toBe(true);
      expect(await (await join()).isServed()).toBe(true); // and it may come back
      expect(run.host.version).toBe(0);
    },
  );

  it('is named, with what it did, in the record of the run', async () => {
    const { run, join } = await twoWorkers();
    const bad = await join();
    bad.webSocket.send(withKind(200, SAMPLE));
    await bad.closed;
    expect(run.incidents).toContainEqual('rejected bad: It broke the protocol: unknown message kind 200');
  });

  it('that sends 2,000 mangled messages changes nothing and brings nothing down', async () => {
    const { run, good, join } = await twoWorkers();
    const chance = prng(11, 'mangle');
    const originals = [
      SAMPLE,
      encodeMessage({ kind: 'report', sequence: 1, iteration: SUMMARY }),
      encodeMessage({ kind: 'failed', code: 'x', message: 'y' }),
    ];
    let bad = await join();
    let connections = 1;
    for (let index = 0; index < 2000; index++) {
      const mangled = Buffer.from(originals[below(chance, originals.length)] as Uint8Array);
      for (let flips = 1 + below(chance, 4); flips > 0; flips--) {
        mangled[below(chance, mangled.length)] = below(chance, 256);
      }
      const sent = mangled.subarray(0, 1 + below(chance, mangled.length));
      // Half of them with a checksum that fits, so that what lies behind it is tried as well.
      if (sent.length >= PREAMBLE_BYTES && below(chance, 2) === 0) sealFrame(sent);
      if (bad.webSocket.readyState !== bad.webSocket.OPEN) {
        bad = await join();
        connections += 1;
      }
      bad.webSocket.send(sent);
      if (index % 20 === 0) await bad.isServed();
    }
    expect(connections).toBeGreaterThan(20);
    expect(await good.isServed()).toBe(true);
    expect(run.host.version).toBe(0);
    expect(run.iterations).toBe(0);
  });
});

describe('two holders of one token', () => {
  it('cannot both take part: the newer connection wins and the older is told not to come back', async () => {
    const { run, good } = await twoWorkers();
    const newer = await RawWorker.join(run.url, { worker: 'good', token: run.tokens.get('good') ?? '' });
    expect(await good.closed).toEqual({ code: 4000, reason: 'the same worker connected again' });
    expect((await newer.hears('welcome')).incarnation).toBe(2);
    expect(await newer.isServed()).toBe(true);
  });

  it('a late message of the older connection is not applied', async () => {
    const run = await TinyRun.start({ policy: 'asp', workers: ['a'] });
    const identity = { worker: 'a', token: run.tokens.get('a') ?? '' };
    const older = await RawWorker.ready(run.url, identity);
    await older.hears('model');
    const newer = await RawWorker.ready(run.url, identity);
    older.say({ kind: 'report', sequence: 1, iteration: SUMMARY });
    await newer.hears('model');
    await eventually(
      () => run.incidents.some((text) => text.startsWith('rejoined')),
      () => run.incidents,
    );
    expect(run.iterations).toBe(0);
  });
});
