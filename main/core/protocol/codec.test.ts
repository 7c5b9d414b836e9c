/** Every message survives the wire; what a frame looks like is fixed to the byte. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ENCODINGS } from '../compression/encoding.ts';
import { CaduceusError } from '../errors.ts';
import { PUSH_REASONS } from '../policy/policy.ts';
import {
  decodeFromServer,
  decodeFromWorker,
  decodeMessage,
  encodeMessage,
  PREAMBLE_BYTES,
  sealFrame,
} from './codec.ts';
import type { Message, ServerMessage, WorkerMessage } from './messages.ts';

const count = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const real = fc.double({ noDefaultInfinity: true, noNaN: true }).map((value) => value + 0); // −0 is 0 in JSON
const duration = real.map(Math.abs);
const figure = fc.oneof(real, fc.constant(NaN));
const text = (maxLength: number) => fc.string({ unit: 'binary', maxLength: maxLength / 2 });
const maybe = <T>(name: string, value: fc.Arbitrary<T>) =>
  fc.option(value, { nil: undefined }).map((given) => (given === undefined ? {} : { [name]: given }));
const merged = (...parts: fc.Arbitrary<object>[]) =>
  fc.tuple(...parts).map((all) => Object.assign({}, ...all) as object);

const iteration = merged(
  fc.record({ clock: count, steps: count, samples: count, batch: count, loss: figure }),
  fc.record({ computeMs: duration, waitMs: duration }),
  maybe('probeLoss', figure),
  maybe('gradientNormSquared', figure),
  maybe('pushReason', fc.constantFrom(...PUSH_REASONS)),
  maybe('notes', fc.dictionary(fc.string({ maxLength: 8 }), figure, { maxKeys: 16, noNullPrototype: true })),
);
const assignment = merged(
  fc.record({ samples: count, batch: count, epochs: count }),
  maybe('commitPeriodMs', duration),
  maybe('untilClock', count),
);
const orders = fc.record({ assignment, shard: fc.record({ start: count, length: count }) });
const profile = merged(
  fc.record({ engine: text(64), cores: count, architecture: text(64), platform: text(64), memoryBytes: count }),
  maybe('samplesPerSecond', duration),
  maybe('throttle', text(128)),
);
const encoding = fc.constantFrom(...ENCODINGS);
const payload = fc.uint8Array({ maxLength: 100 });
const kind = <Kind extends string>(name: Kind) => fc.constant(name);

const fromWorker = fc.oneof(
  fc.record({
    kind: kind('hello'),
    protocol: count,
    run: text(128),
    worker: text(128),
    nonce: text(128),
    proof: text(128),
  }),
  fc.record({ kind: kind('ready'), profile }),
  fc.record({
    kind: kind('push'),
    sequence: count,
    baseVersion: count,
    waits: fc.boolean(),
    iteration,
    encoding,
    payload,
  }),
  fc.record({
    kind: kind('push'),
    sequence: count,
    baseVersion: count,
    waits: fc.boolean(),
    iteration,
    encoding,
    pull: count,
    payload,
  }),
  fc.record({ kind: kind('report'), sequence: count, iteration }),
  fc.record({ kind: kind('flag'), sequence: count, iteration }),
  fc.record({ kind: kind('rows-wanted'), block: count }),
  fc.record({ kind: kind('failed'), code: text(64), message: text(2000) }),
) as unknown as fc.Arbitrary<WorkerMessage>;
const fromServer = fc.oneof(
  fc.record({ kind: kind('challenge'), nonce: text(128) }),
  fc.record({
    kind: kind('welcome'),
    incarnation: count,
    plan: fc.dictionary(fc.string({ maxLength: 8 }), count, { noNullPrototype: true }),
  }),
  fc.record({ kind: kind('model'), version: count, answers: count, includes: count, orders, encoding, payload }),
  fc.record({
    kind: kind('model'),
    version: count,
    answers: count,
    includes: count,
    orders,
    encoding,
    checksum: text(8),
    payload,
  }),
  fc.record({ kind: kind('orders'), orders }),
  fc.record({
    kind: kind('options'),
    options: fc.dictionary(fc.string({ maxLength: 8 }), fc.oneof(real, fc.boolean(), text(200)), {
      maxKeys: 64,
      noNullPrototype: true,
    }),
  }),
  fc.record({ kind: kind('release'), answers: count, orders }),
  fc.record({ kind: kind('collect') }),
  fc.record({ kind: kind('rows'), block: count, count, payload }),
  fc.record({ kind: kind('stop'), reason: text(2000) }),
) as unknown as fc.Arbitrary<ServerMessage>;

describe('a message', () => {
  it('comes back as it was, of every kind', () => {
    fc.assert(
      fc.property(fc.oneof(fromWorker, fromServer), (message) => {
        expect(decodeMessage(encodeMessage(message))).toEqual(message);
      }),
      { numRuns: 1500 },
    );
  });

  it('is accepted from its own side only', () => {
    fc.assert(
      fc.property(fromWorker, fromServer, (up, down) => {
        expect(decodeFromWorker(encodeMessage(up)).kind).toBe(up.kind);
        expect(decodeFromServer(encodeMessage(down)).kind).toBe(down.kind);
        expect(() => decodeFromServer(encodeMessage(up))).toThrow(CaduceusError);
        expect(() => decodeFromWorker(encodeMessage(down))).toThrow(CaduceusError);
      }),
    );
  });

  it('has its payload at a multiple of 4, where it can be read as numbers', () => {
    fc.assert(
      fc.property(fc.oneof(fromWorker, fromServer), (message) => {
        const frame = encodeMessage(message);
        const decoded = decodeMessage(frame);
        if ('payload' in decoded) expect((frame.length - decoded.payload.length) % 4).toBe(0);
      }),
    );
  });

  it('cut short anywhere is refused, but for a payload, whose end only its reader knows', () => {
    fc.assert(
      fc.property(fc.oneof(fromWorker, fromServer), (message) => {
        const frame = encodeMessage(message);
        const header = new DataView(frame.buffer).getUint32(4, true);
        for (let length = 0; length < PREAMBLE_BYTES + header; length++) {
          const short = frame.slice(0, length);
          if (length >= PREAMBLE_BYTES) sealFrame(short);
          expect(refusal(short), `${length} of ${frame.length} bytes`).toBe('CAD-PROTOCOL');
        }
      }),
      { numRuns: 100 },
    );
  });

  it('owns the payload that was encoded into it', () => {
    const bytes = Uint8Array.of(1, 2, 3, 4);
    const frame = encodeMessage({ kind: 'rows', block: 0, count: 1, payload: bytes });
    bytes.fill(9);
    const decoded = decodeMessage(frame);
    expect('payload' in decoded && [...decoded.payload]).toEqual([1, 2, 3, 4]);
  });
});

describe('a frame on the wire', () => {
  const release: Message = {
    kind: 'release',
    answers: 7,
    orders: { assignment: { samples: 16, batch: 8, epochs: 1 }, shard: { start: 0, length: 100 } },
  };

  it('is version, kind, zero, header length, checksum, header padded with spaces, payload: to the byte', () => {
    const json =
      '{"answers":7,"orders":{"assignment":{"samples":16,"batch":8,"epochs":1},"shard":{"start":0,"length":100}}}';
    expect(json.length % 4).toBe(2);
    const bytes = (numbers: number[], header: string): number[] => [...numbers, ...new TextEncoder().encode(header)];
    const preamble = [1, 67, 0, 0, json.length + 2, 0, 0, 0];
    expect([...encodeMessage(release)]).toEqual(bytes([...preamble, 77, 239, 168, 138], `${json}  `));
    const rows = encodeMessage({ kind: 'rows', block: 2, count: 1, payload: Uint8Array.of(255, 0) });
    expect([...rows]).toEqual([
      ...bytes([1, 69, 0, 0, 24, 0, 0, 0, 148, 242, 12, 208], '{"block":2,"count":1}   '),
      ...[255, 0],
    ]);
  });

  it('can be read from the middle of a larger buffer', () => {
    const frame = encodeMessage(release);
    const larger = new Uint8Array(frame.length + 10).fill(0xaa);
    larger.set(frame, 5);
    expect(decodeMessage(larger.subarray(5, 5 + frame.length))).toEqual(release);
  });
});

/** The code of the failure that decoding ends in; anything that is not ours is thrown on. */
function refusal(frame: Uint8Array): string {
  try {
    decodeMessage(frame);
  } catch (error) {
    if (error instanceof CaduceusError) return error.code;
    throw error;
  }
  return 'accepted';
}
