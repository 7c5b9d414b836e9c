/** A frame that breaks a rule is CAD-PROTOCOL, never another throw, never accepted. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CaduceusError } from '../errors.ts';
import { decodeMessage, encodeMessage, MAX_HEADER_BYTES, PREAMBLE_BYTES, sealFrame } from './codec.ts';
import type { Message } from './messages.ts';

const summary = { clock: 1, steps: 1, samples: 8, batch: 8, loss: 0.5, computeMs: 3, waitMs: 0 };
const push: Message & { kind: 'push' } = {
  kind: 'push',
  sequence: 1,
  baseVersion: 0,
  waits: true,
  iteration: summary,
  encoding: 'f32',
  payload: new Uint8Array(8),
};
const model: Message = {
  kind: 'model',
  version: 1,
  answers: 1,
  includes: 1,
  orders: { assignment: { samples: 8, batch: 8, epochs: 1 }, shard: { start: 0, length: 10 } },
  encoding: 'f32',
  payload: new Uint8Array(8),
};

/** The code of the failure that decoding ends in; anything that is not ours is thrown on. */
function outcome(frame: Uint8Array): string {
  try {
    decodeMessage(frame);
  } catch (error) {
    if (error instanceof CaduceusError) return error.code;
    throw error;
  }
  return 'accepted';
}

/** A frame around any header at all. */
function frameOf(kindNumber: number, header: string, payload: readonly number[] = []): Uint8Array {
  const json = new TextEncoder().encode(header.padEnd(Math.ceil(header.length / 4) * 4, ' '));
  const frame = Uint8Array.from([1, kindNumber, ...new Array<number>(PREAMBLE_BYTES - 2).fill(0), ...json, ...payload]);
  new DataView(frame.buffer).setUint32(4, json.length, true);
  return sealFrame(frame);
}

function changed(frame: Uint8Array, change: (view: DataView) => void): Uint8Array {
  const copy = frame.slice();
  change(new DataView(copy.buffer));
  return sealFrame(copy);
}

const PUSH = 3;
const COLLECT = 68;
const FAILED = 7;

describe('bytes from anywhere', () => {
  it('are refused or decoded, and nothing else happens', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(['CAD-PROTOCOL', 'accepted']).toContain(outcome(bytes));
      }),
      { numRuns: 2000 },
    );
  });

  it('behind a true preamble as well', () => {
    const kinds = fc.constantFrom(1, 2, 3, 4, 5, 6, 7, 64, 65, 66, 67, 68, 69, 70, 71, 72);
    fc.assert(
      fc.property(kinds, fc.json(), fc.array(fc.integer({ min: 0, max: 255 })), (kind, json, payload) => {
        expect(['CAD-PROTOCOL', 'accepted']).toContain(outcome(frameOf(kind, json, payload)));
      }),
      { numRuns: 2000 },
    );
  });

  it('that differ from a true frame in a few bits are refused, whatever else they would be', () => {
    const frames = fc.constantFrom(encodeMessage(push), encodeMessage(model));
    fc.assert(
      fc.property(
        frames,
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 7 })), { minLength: 1, maxLength: 6 }),
        (frame, flips) => {
          const copy = frame.slice();
          for (const [place, bit] of flips) copy[place % copy.length]! ^= 1 << bit;
          const isSame = copy.every((byte, index) => byte === frame[index]);
          expect(outcome(copy)).toBe(isSame ? 'accepted' : 'CAD-PROTOCOL');
          expect(['CAD-PROTOCOL', 'accepted']).toContain(outcome(sealFrame(copy)));
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('a preamble', () => {
  const frame = encodeMessage(push);

  it.each([
    ['of another version', changed(frame, (view) => view.setUint8(0, 2))],
    ['of an unknown kind', changed(frame, (view) => view.setUint8(1, 99))],
    ['of a kind that only an object has', changed(frame, (view) => view.setUint8(1, 0))],
    ['with reserved bits', changed(frame, (view) => view.setUint16(2, 1, true))],
    ['with a header longer than the frame', changed(frame, (view) => view.setUint32(4, frame.length, true))],
    ['with a header of 4 GiB', changed(frame, (view) => view.setUint32(4, 0xfffffffc, true))],
    [
      'with a header that is no multiple of 4',
      changed(frame, (view) => view.setUint32(4, view.getUint32(4, true) - 1, true)),
    ],
    ['with a header cut short', changed(frame, (view) => view.setUint32(4, view.getUint32(4, true) - 4, true))],
    ['with an empty header', changed(frame, (view) => view.setUint32(4, 0, true))],
    ['alone', sealFrame(frame.slice(0, PREAMBLE_BYTES))],
    ['cut short', frame.subarray(0, PREAMBLE_BYTES - 1)],
    ['with a wrong checksum', frame.map((byte, place) => (place === 8 ? byte ^ 1 : byte))],
    ['missing', new Uint8Array(0)],
  ])('%s is refused', (_name, bytes) => {
    expect(outcome(bytes)).toBe('CAD-PROTOCOL');
  });

  it('with a header over the limit is refused, even if it is all there', () => {
    const filler = ' '.repeat(MAX_HEADER_BYTES - 2);
    expect(outcome(frameOf(COLLECT, `{}${filler}`))).toBe('accepted');
    expect(outcome(frameOf(COLLECT, `{}${filler}    `))).toBe('CAD-PROTOCOL');
  });
});

describe('a header', () => {
  const header = { sequence: 1, baseVersion: 0, waits: true, iteration: summary, encoding: 'f32' };
  const pushed = (fields: object): string => outcome(frameOf(PUSH, JSON.stringify({ ...header, ...fields })));
  const iterated = (fields: object): string => pushed({ iteration: { ...summary, ...fields } });

  it('as it should be is accepted', () => {
    expect(pushed({})).toBe('accepted');
    expect(pushed({ pull: 3 })).toBe('accepted');
    expect(iterated({ probeLoss: 1, gradientNormSquared: 2, notes: { z: -1 }, pushReason: 'silence' })).toBe(
      'accepted',
    );
  });

  it.each([
    ['an extra field', { extra: 1 }],
    ['the message kind again', { kind: 'stop' }],
    ['a payload of its own', { payload: 'x' }],
    ['text for a number', { sequence: '1' }],
    ['a number for a flag', { waits: 1 }],
    ['a negative count', { sequence: -1 }],
    ['a fraction for a count', { baseVersion: 0.5 }],
    ['a count beyond 2^53', { sequence: 2 ** 53 }],
    ['an unknown encoding', { encoding: 'f64' }],
    ['an encoding that every object has', { encoding: 'toString' }],
    ['a negative number of a model', { pull: -1 }],
    ['null for an object', { iteration: null }],
    ['an array for an object', { iteration: [] }],
  ])('with %s is refused', (_name, fields) => {
    expect(pushed(fields)).toBe('CAD-PROTOCOL');
  });

  it.each([
    ['a missing field', { clock: undefined }],
    ['an infinite loss', { loss: '1e999' }],
    ['null for a count', { samples: null }],
    ['null for a duration', { computeMs: null }],
    ['a negative duration', { waitMs: -1 }],
    ['text among the notes', { notes: { z: 'low' } }],
    ['a reason that there is none of', { pushReason: 'because' }],
    ['too many notes', { notes: Object.fromEntries(Array.from({ length: 17 }, (_, index) => [index, 0])) }],
  ])('with %s in the summary is refused', (_name, fields) => {
    expect(iterated(fields)).toBe('CAD-PROTOCOL');
  });

  it('with numbers that JSON reads as infinite is refused', () => {
    const json = JSON.stringify(header).replace('"loss":0.5', '"loss":1e999');
    expect(outcome(frameOf(PUSH, json))).toBe('CAD-PROTOCOL');
  });

  it('reaches nothing through __proto__ or constructor', () => {
    for (const name of ['__proto__', 'constructor', 'toString']) {
      const json = JSON.stringify(header).replace('{', `{"${name}":{"sequence":9},`);
      expect(outcome(frameOf(PUSH, json)), name).toBe('CAD-PROTOCOL');
    }
    expect(({} as { sequence?: number }).sequence).toBeUndefined();
  });

  it('in anything but UTF-8, or nested without end, is refused', () => {
    const bytes = frameOf(FAILED, '{"code":"x","message":"x"}');
    bytes[bytes.indexOf(0x78)] = 0xff;
    expect(outcome(bytes)).toBe('CAD-PROTOCOL');
    expect(outcome(frameOf(COLLECT, '['.repeat(60_000)))).toBe('CAD-PROTOCOL');
    expect(outcome(frameOf(COLLECT, `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`))).toBe('CAD-PROTOCOL');
  });

  it('with text over its limit is refused', () => {
    const failed = (length: number): string =>
      outcome(frameOf(FAILED, JSON.stringify({ code: 'x', message: 'm'.repeat(length) })));
    expect(failed(2000)).toBe('accepted');
    expect(failed(2001)).toBe('CAD-PROTOCOL');
  });
});

describe('a payload', () => {
  it('where none belongs is refused', () => {
    expect(outcome(frameOf(COLLECT, '{}'))).toBe('accepted');
    expect(outcome(frameOf(COLLECT, '{}', [0]))).toBe('CAD-PROTOCOL');
  });

  it('may be empty where one belongs: its length is its reader’s to judge', () => {
    expect(outcome(encodeMessage({ ...push, payload: new Uint8Array(0) }))).toBe('accepted');
  });
});
