/** Both ends of the downlink: the worker has what the server says it has, and loses nothing for good. */
import { describe, expect, it } from 'vitest';
import { difference, squaredNorm } from '../aggregate.ts';
import { checksum, type Vector } from '../parameters.ts';
import { normal, prng } from '../prng.ts';
import type { ModelBody } from '../protocol/messages.ts';
import { ModelReceiver, ModelSender } from './downlink.ts';
import { type Encoding, encodedBytes, ENCODINGS, hasFeedback } from './encoding.ts';

const SIZE = 300;
const FEEDBACK = ENCODINGS.filter(hasFeedback);
const plan = (encoding: Encoding, more: object = {}) => ({ carry: 'gradient' as const, encoding, ...more });

/** Versions of a model that moves a little every time. */
function versions(count: number, seed = 1): Vector[] {
  const chance = prng(seed, 'versions');
  let model: Vector = Float32Array.from({ length: SIZE }, () => normal(chance));
  return Array.from({ length: count }, () => (model = model.map((value) => value + 0.01 * normal(chance))));
}

const distance = (left: Vector, right: Vector): number => Math.sqrt(squaredNorm(difference(left, right)));
const outcome = (receiver: ModelReceiver, body: ModelBody): string => {
  try {
    return checksum(receiver.receive(body));
  } catch (error) {
    return String((error as { code?: string }).code);
  }
};

describe.each(FEEDBACK)('models in %s', (encoding) => {
  it('begin with a complete one, to the bit; then differences of the stated size with checksums that hold', () => {
    const sender = new ModelSender(plan(encoding));
    const receiver = new ModelReceiver(plan(encoding), SIZE);
    versions(1000).forEach((model, version) => {
      const body = sender.encode('a', version, model);
      const received = receiver.receive(body);
      if (version === 0) {
        expect([body.encoding, body.checksum, checksum(received)]).toEqual(['f32', undefined, checksum(model)]);
      } else {
        expect([body.encoding, body.checksum]).toEqual([encoding, checksum(received)]);
        expect(body.payload.length).toBe(encodedBytes(encoding, SIZE));
      }
    });
  });

  it('lead to the model when it stands still: what one difference loses the next ones bring', () => {
    const sender = new ModelSender(plan(encoding));
    const receiver = new ModelReceiver(plan(encoding), SIZE);
    const [first, last] = versions(2) as [Vector, Vector];
    receiver.receive(sender.encode('a', 0, first));
    let received = first;
    // The same version, over and over: nothing but what is still missing can travel.
    for (let turn = 0; turn < SIZE + 10; turn++) received = receiver.receive(sender.encode('a', 1, last));
    expect(distance(received, last)).toBeLessThan(1e-5 * distance(first, last));
  });

  it('are complete again after a connection ends', () => {
    const sender = new ModelSender(plan(encoding));
    const models = versions(4);
    for (const version of [0, 1]) sender.encode('a', version, models[version] as Vector);
    sender.forget('a');
    expect(sender.encode('a', 2, models[2] as Vector).encoding).toBe('f32');
    expect(sender.encode('a', 3, models[3] as Vector).encoding).toBe(encoding);
  });

  it('are the same bytes for workers with the same history, made once', () => {
    const sender = new ModelSender(plan(encoding));
    const models = versions(3);
    for (const [version, model] of models.entries()) {
      const [one, other] = ['a', 'b'].map((worker) => sender.encode(worker, version, model));
      expect(other?.payload).toBe(one?.payload);
    }
    const late = sender.encode('c', 2, models[2] as Vector);
    expect(late.encoding).toBe('f32');
  });

  it('are complete where a difference would leave the range of numbers', () => {
    const sender = new ModelSender(plan(encoding));
    const receiver = new ModelReceiver(plan(encoding), SIZE);
    const ends = [-3e38, 3e38, 3e38].map((value) => new Float32Array(SIZE).fill(value));
    const encodings = ends.map((model, version) => {
      const body = sender.encode('a', version, model);
      expect(checksum(receiver.receive(body))).toBe(checksum(version === 2 ? (ends[1] as Vector) : model));
      return body.encoding;
    });
    expect(encodings).toEqual(['f32', 'f32', encoding]);
  });

  it('are refused when they do not lead to where the server is', () => {
    const make = (): [ModelSender, ModelReceiver] => [
      new ModelSender(plan(encoding)),
      new ModelReceiver(plan(encoding), SIZE),
    ];
    const models = versions(3);
    const [sender, receiver] = make();
    const [whole, lost, next] = models.map((model, version) => sender.encode('a', version, model)) as [
      ModelBody,
      ModelBody,
      ModelBody,
    ];
    expect(outcome(new ModelReceiver(plan(encoding), SIZE), lost)).toBe('CAD-PROTOCOL'); // a difference to nothing
    receiver.receive(whole);
    expect(outcome(receiver, next)).toBe('CAD-PROTOCOL'); // one in between was lost
    const { checksum: _none, ...unsigned } = lost;
    expect(outcome(receiver, unsigned)).toBe('CAD-PROTOCOL');
    expect(outcome(receiver, { ...lost, payload: lost.payload.slice(1) })).toBe('CAD-PROTOCOL');
    expect(outcome(receiver, { ...lost, encoding: 'f16', payload: new Uint8Array(2 * SIZE) })).toBe('CAD-PROTOCOL');
    // None of that has moved it.
    expect(outcome(receiver, lost)).toBe(lost.checksum);
    expect(outcome(receiver, next)).toBe(next.checksum);
  });
});

describe('models as they are', () => {
  it.each(['f32', 'f16'] as const)('in %s come without checksums and leave nothing behind', (encoding) => {
    const sender = new ModelSender(plan(encoding));
    const models = versions(3);
    for (const [version, model] of models.entries()) {
      const body = sender.encode('a', version, model);
      expect([body.encoding, body.checksum]).toEqual([encoding, undefined]);
      expect(sender.encode('b', version, model).payload).toBe(body.payload);
      expect(sender.sentTo('a', version + 1)).toBeUndefined();
    }
  });

  it('can go down in another encoding than updates go up', () => {
    const sender = new ModelSender(plan('int8', { encodingDown: 'f32' }));
    expect(sender.encode('a', 0, versions(1)[0] as Vector).encoding).toBe('f32');
    const [first, second] = versions(2) as [Vector, Vector];
    const down = new ModelSender(plan('f32', { encodingDown: 'int8' }));
    expect([down.encode('a', 0, first).encoding, down.encode('a', 1, second).encoding]).toEqual(['f32', 'int8']);
  });
});

describe.each(ENCODINGS)('models that pushes of parameters start from, in %s', (encodingDown) => {
  const parameters = { carry: 'parameters' as const, encoding: 'int8' as const, encodingDown };

  it('are what the worker has, by number, until it names a later one', () => {
    const sender = new ModelSender(parameters);
    const receiver = new ModelReceiver(parameters, SIZE);
    const received = versions(8).map((model, version) => receiver.receive(sender.encode('a', version, model)));
    for (const number of [1, 3, 3, 8]) {
      const model = sender.sentTo('a', number) as Vector;
      expect(checksum(model)).toBe(checksum(received[number - 1] as Vector));
    }
    expect([0, 1, 7, 9].map((number) => sender.sentTo('a', number))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(sender.sentTo('b', 1)).toBeUndefined();
  });

  it('are kept 64 at most', () => {
    const sender = new ModelSender(parameters);
    for (const [version, model] of versions(80).entries()) sender.encode('a', version, model);
    expect(sender.sentTo('a', 16)).toBeUndefined();
    expect(sender.sentTo('a', 17)).toBeDefined();
  });
});
