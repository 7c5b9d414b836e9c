/** Payloads that break the rules of an encoding, given to the machines: refused, and nobody else notices. */
import { describe, expect, it } from 'vitest';
import { present } from '../assert.ts';
import { isFinite } from '../parameters.ts';
import { decodeFromServer, decodeFromWorker, encodeMessage } from '../protocol/codec.ts';
import type { ServerMessage, WorkerMessage } from '../protocol/messages.ts';
import type { Policy, PolicyCommand, PolicyEvent } from '../policy/policy.ts';
import { inTurn, Testbed } from '../testbed.ts';
import { toyPolicy } from '../testbed/toy-policy.ts';
import type { Encoding } from './encoding.ts';

const PUSH = 3;
const MODEL = 66;

type Push = WorkerMessage & { kind: 'push' };
type Model = ServerMessage & { kind: 'model' };

function answering(carry: 'gradient' | 'parameters' | 'drift'): Policy {
  const step = (_state: null, event: PolicyEvent): PolicyCommand[] => {
    if (event.type === 'rejected') return [{ type: 'release', worker: event.worker, model: true }];
    if (event.type !== 'pushed') return [];
    const { push, worker } = event;
    return [
      { type: 'apply', pushes: [{ push, weight: 1 }] },
      { type: 'release', worker, model: true },
    ];
  };
  return toyPolicy({ carry, step });
}

function bedIn(encoding: Encoding, carry: 'gradient' | 'parameters' | 'drift' = 'gradient'): Testbed {
  const bed = new Testbed({ policy: answering(carry), workers: ['a', 'b'], encoding });
  bed.connectAll();
  return bed;
}

const applied = (bed: Testbed): number => bed.records.filter(({ type }) => type === 'push').length;

/** The next push of `a` comes changed; the code it is refused with. */
function tamper(bed: Testbed, change: (push: Push) => Push): string | undefined {
  const pushes = (): Uint8Array[] => bed.connectionOf('a')?.up.filter((frame) => frame[1] === PUSH) ?? [];
  expect(bed.run(inTurn, () => pushes().length > 0)).toBe(true);
  const connection = present(bed.connectionOf('a'), 'connection');
  const frame = present(pushes()[0], 'push');
  connection.up.splice(connection.up.indexOf(frame), 1);
  const message = change(decodeFromWorker(frame) as Push);
  const { worker, incarnation } = connection;
  const { version } = bed.server;
  try {
    bed.give({ type: 'message', nowMs: bed.nowMs, worker, incarnation, message });
  } catch (error) {
    expect(bed.server.version).toBe(version);
    return (error as { code?: string }).code;
  }
  return undefined;
}

/** The server keeps its model whole and its other worker at work, and the one that was refused can come back. */
function goesOn(bed: Testbed): void {
  if (bed.connectionOf('a')) bed.drop('a');
  bed.connect('a');
  const before = applied(bed);
  expect(bed.run(inTurn, () => applied(bed) > before + 10)).toBe(true);
  expect(isFinite(bed.server.parameters)).toBe(true);
}

describe('a push', () => {
  it.each([
    ['int8', 'one byte short', (push) => ({ ...push, payload: push.payload.slice(1) })],
    ['int8', 'one byte long', (push) => ({ ...push, payload: new Uint8Array(push.payload.length + 1) })],
    ['int8', 'in float32', (push) => ({ ...push, encoding: 'f32', payload: new Uint8Array(60) })],
    ['bf16', 'in another encoding of the same size', (push) => ({ ...push, encoding: 'f16' })],
    ['topk', 'with a position beyond the end', (push) => ({ ...push, payload: push.payload.with(0, 15) })],
    ['topk', 'with no position at all', (push) => ({ ...push, payload: push.payload.with(0, 255) })],
  ] as [Encoding, string, (push: Push) => Push][])('in %s, %s, is CAD-PROTOCOL', (encoding, _name, change) => {
    const bed = bedIn(encoding);
    expect(tamper(bed, change)).toBe('CAD-PROTOCOL');
    goesOn(bed);
  });

  it.each([undefined, 0, 2, 10, Number.MAX_SAFE_INTEGER])(
    'of parameters from model %s, which was never sent',
    (pull) => {
      const bed = bedIn('int8', 'parameters');
      expect(tamper(bed, ({ pull: _first, ...push }) => (pull === undefined ? push : { ...push, pull }))).toBe(
        'CAD-PROTOCOL',
      );
      goesOn(bed);
    },
  );

  it.each(['int8', 'topk'] as const)(
    'in %s with a scale that is no number is refused like any diverged one',
    (encoding) => {
      for (const carry of ['gradient', 'parameters', 'drift'] as const) {
        for (const scale of [NaN, Infinity, -Infinity]) {
          const bed = bedIn(encoding, carry);
          const code = tamper(bed, (push) => {
            const payload = push.payload.slice();
            new DataView(payload.buffer).setFloat32(encoding === 'topk' ? 1 : 0, scale, true);
            payload.fill(1, payload.length - 1);
            return { ...push, payload };
          });
          expect(code).toBeUndefined();
          expect(bed.records.some((record) => record.type === 'incident' && record.what === 'rejected')).toBe(true);
          goesOn(bed);
        }
      }
    },
  );
});

describe('a model', () => {
  const changes: [string, (model: Model) => Model][] = [
    ['with another checksum', (model) => ({ ...model, checksum: '00000000' })],
    ['without a checksum', ({ checksum: _none, ...model }) => model],
    ['with a flipped bit', (model) => ({ ...model, payload: model.payload.with(model.payload.length - 1, 0x55) })],
    ['one byte short', (model) => ({ ...model, payload: model.payload.slice(1) })],
  ];

  describe.each(['bf16', 'int8', 'topk'] as const)('in %s', (encoding) => {
    it.each(changes)('%s is CAD-PROTOCOL, and a new connection begins with a complete one', (_name, change) => {
      const bed = bedIn(encoding);
      const models = (): Uint8Array[] => bed.connectionOf('a')?.down.filter((frame) => frame[1] === MODEL) ?? [];
      const isDifference = (frame: Uint8Array): boolean => (decodeFromServer(frame) as Model).encoding === encoding;
      expect(bed.run(inTurn, () => models().some(isDifference))).toBe(true);
      const { down } = present(bed.connectionOf('a'), 'connection');
      const place = down.findIndex((frame) => frame[1] === MODEL && isDifference(frame));
      down[place] = encodeMessage(change(decodeFromServer(down[place] as Uint8Array) as Model));
      expect(() => bed.run(inTurn, () => false, 100)).toThrow(expect.objectContaining({ code: 'CAD-PROTOCOL' }));
      bed.drop('a');
      bed.connect('a');
      expect(bed.run(inTurn, () => models().length > 0)).toBe(true);
      expect(models().map((frame) => (decodeFromServer(frame) as Model).encoding)).toEqual(['f32']);
      goesOn(bed);
    });
  });
});
