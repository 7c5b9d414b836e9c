/** Both ends of the uplink: what was decoded and what is still to come add up to what was to be sent. */
import { describe, expect, it } from 'vitest';
import { difference, squaredNorm, sum } from '../aggregate.ts';
import { checksum, isFinite, type Vector } from '../parameters.ts';
import type { Carry } from '../policy/policy.ts';
import { normal, prng } from '../prng.ts';
import { type Encoding, ENCODINGS, decodeVector, encodeVector, hasFeedback } from './encoding.ts';
import { PushReceiver, PushSender } from './uplink.ts';

const SIZE = 300;
const FEEDBACK = ENCODINGS.filter(hasFeedback);
const nobody = (): undefined => undefined;

function ends(carry: Carry, encoding: Encoding, sentTo: ConstructorParameters<typeof PushReceiver>[1] = nobody) {
  const plan = { carry, encoding };
  return { sender: new PushSender(plan), receiver: new PushReceiver(plan, sentTo) };
}

function draws(count: number, scale = 1, seed = 1): Vector[] {
  const chance = prng(seed, 'draws');
  return Array.from({ length: count }, () => Float32Array.from({ length: SIZE }, () => scale * normal(chance)));
}

const norm = (vector: Vector): number => Math.sqrt(squaredNorm(vector));
const distance = (left: Vector, right: Vector): number => norm(difference(left, right));
const poisoned = (): Vector => new Float32Array(SIZE).fill(NaN);

describe.each(FEEDBACK)('%s', (encoding) => {
  describe.each(['gradient', 'delta'] as const)('%ss', (carry) => {
    it('add up: the sum of what was decoded and the residual is the sum of what was to be sent', () => {
      const { sender, receiver } = ends(carry, encoding);
      let [wanted, decoded] = [new Float32Array(SIZE), new Float32Array(SIZE)];
      let residual: Vector = new Float32Array(SIZE);
      for (const value of draws(400)) {
        // The residual by its definition, apart from the sender's own.
        const owed = sum(value, residual);
        residual = difference(owed, decodeVector(encoding, encodeVector(encoding, owed), SIZE));
        wanted = sum(wanted, value);
        decoded = sum(decoded, receiver.decode('a', sender.encode(value), SIZE));
        expect(distance(sum(decoded, residual), wanted)).toBeLessThan(1e-5 * (1 + norm(wanted)));
      }
    });

    it('are refused when they are not finite, and what was owed before stays owed', () => {
      const [first, second] = draws(2) as [Vector, Vector];
      const clean = ends(carry, encoding);
      const disturbed = ends(carry, encoding);
      for (const { sender } of [clean, disturbed]) sender.encode(first);
      for (let turn = 0; turn < 3; turn++) {
        expect(isFinite(disturbed.receiver.decode('a', disturbed.sender.encode(poisoned()), SIZE))).toBe(false);
      }
      expect(disturbed.sender.encode(second).payload).toEqual(clean.sender.encode(second).payload);
    });
  });

  it('drifts are the same at both ends after every push, and catch up with one that stands still', () => {
    const { sender, receiver } = ends('drift', encoding);
    let drift: Vector = new Float32Array(SIZE);
    let has: Vector = drift;
    for (const [turn, step] of draws(1000, 0.01).entries()) {
      drift = sum(drift, step);
      const push = sender.encode(turn % 50 === 7 ? poisoned() : drift);
      const decoded = receiver.decode('a', push, SIZE);
      expect(isFinite(decoded)).toBe(turn % 50 !== 7);
      if (isFinite(decoded)) has = decoded;
    }
    for (let turn = 0; turn < SIZE + 10; turn++) has = receiver.decode('a', sender.encode(drift), SIZE);
    // Were the two ends' sums apart, the error between them would stay.
    expect(distance(has, drift)).toBeLessThan(1e-5 * norm(drift));
  });

  describe('parameters', () => {
    it('add up: all that was told beyond the models sent is all that was moved, once nothing is owed', () => {
      const models = draws(60 + SIZE);
      const moves = draws(60, 0.01, 2);
      const { sender, receiver } = ends('parameters', encoding, (_worker, number) => models[number - 1]);
      let [moved, told] = [new Float32Array(SIZE), new Float32Array(SIZE)];
      for (const [turn, model] of models.entries()) {
        sender.pulled(model, turn + 1);
        const local = turn < moves.length ? sum(model, moves[turn] as Vector) : model;
        moved = sum(moved, difference(local, model));
        told = sum(told, difference(receiver.decode('a', sender.encode(local), SIZE), model));
        if (turn === moves.length - 1) expect(distance(told, moved)).toBeGreaterThan(2e-4); // something is owed
      }
      expect(distance(told, moved)).toBeLessThan(5e-5);
    });

    it('are not owed what they missed until a pull has taken it from the local model', () => {
      const model = draws(1)[0] as Vector;
      const local = sum(model, draws(1, 0.01, 2)[0] as Vector);
      const { sender, receiver } = ends('parameters', encoding, () => model);
      sender.pulled(model, 1);
      const [once, again] = [sender.encode(local), sender.encode(local)];
      expect(again.payload).toEqual(once.payload);
      const standing = receiver.decode('a', once, SIZE);
      sender.pulled(model, 2);
      // Without any movement, what is left to tell is what was missed.
      const rest = receiver.decode('a', sender.encode(model), SIZE);
      expect(distance(sum(standing, difference(rest, model)), local)).toBeLessThan(distance(standing, local) || 1e-9);
    });

    it('name the model that they start from, and only one that is known', () => {
      const known = draws(1)[0] as Vector;
      const { sender, receiver } = ends('parameters', encoding, (worker, number) =>
        worker === 'a' && number === 5 ? known : undefined,
      );
      sender.pulled(known, 5);
      const push = sender.encode(known);
      expect(push.pull).toBe(5);
      expect(checksum(receiver.decode('a', push, SIZE))).toBe(checksum(known));
      const { pull: _none, ...nameless } = push;
      for (const [worker, body] of [
        ['b', push],
        ['a', { ...push, pull: 4 }],
        ['a', nameless],
      ] as const) {
        expect(() => receiver.decode(worker, body, SIZE)).toThrow(expect.objectContaining({ code: 'CAD-PROTOCOL' }));
      }
    });
  });

  it('loses less in the long run than it would without feedback', () => {
    const { sender, receiver } = ends('gradient', encoding);
    // One large value drowns the small ones of its block, over and over.
    const value = new Float32Array(SIZE).fill(1e-4);
    value[0] = 1;
    let [withFeedback, without] = [new Float32Array(SIZE), new Float32Array(SIZE)];
    const turns = 1000;
    for (let turn = 0; turn < turns; turn++) {
      withFeedback = sum(withFeedback, receiver.decode('a', sender.encode(value), SIZE));
      without = sum(without, decodeVector(encoding, encodeVector(encoding, value), SIZE));
    }
    const total = value.map((each) => each * turns);
    expect(distance(withFeedback, total)).toBeLessThan(0.6 * distance(without, total));
  });
});

describe.each(['f32', 'f16'] as const)('%s', (encoding) => {
  it('carries every value as it is; parameters, which training goes on to change, in a payload of their own', () => {
    for (const carry of ['gradient', 'delta', 'parameters', 'drift'] as const) {
      const { sender, receiver } = ends(carry, encoding);
      for (const value of draws(3)) {
        sender.pulled(value, 1);
        const push = sender.encode(value);
        const expected = checksum(decodeVector(encoding, encodeVector(encoding, value), SIZE));
        if (carry === 'parameters') value.fill(7);
        expect(Object.keys(push)).toEqual(['encoding', 'payload']);
        expect(checksum(receiver.decode('a', push, SIZE))).toBe(expected);
      }
    }
  });
});

it('refuses a push in another encoding, or of another size, and forgets a worker’s drift with its connection', () => {
  const { sender, receiver } = ends('drift', 'int8');
  const value = new Float32Array(SIZE).fill(0.5);
  const push = sender.encode(value);
  const refused: unknown = expect.objectContaining({ code: 'CAD-PROTOCOL' });
  const whole = { encoding: 'f32', payload: encodeVector('f32', value) } as const;
  expect(() => receiver.decode('a', whole, SIZE)).toThrow(refused);
  expect(() => receiver.decode('a', { ...push, payload: push.payload.slice(1) }, SIZE)).toThrow(refused);
  const first = receiver.decode('a', push, SIZE);
  expect(receiver.decode('a', push, SIZE)[0]).toBeCloseTo(2 * (first[0] as number), 6);
  receiver.forget('a');
  expect(checksum(receiver.decode('a', push, SIZE))).toBe(checksum(first));
});
