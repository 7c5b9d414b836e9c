import { describe, expect, it } from 'vitest';
import { framingBytes } from '../core/accounting.ts';
import { encodeMessage } from '../core/protocol/codec.ts';
import type { Message, WorkerPlan } from '../core/protocol/messages.ts';
import { directionOf, frameBytes, ownPayloadBytes } from './frame-size.ts';
import { clusterOf, plainRequest } from './plain-learning.fixture.ts';

const { plan } = plainRequest(clusterOf({ a: 100 }), { policy: 'hermes' });
const iteration = {
  clock: 3,
  steps: 2,
  samples: 32,
  batch: 16,
  loss: 0.1 + 0.2,
  computeMs: 1.5,
  waitMs: 0,
  notes: { z: -1.25 },
  pushReason: 'silence' as const,
};
const orders = { assignment: { samples: 16, batch: 16, epochs: 1 }, shard: { start: 0, length: 100 } };
const messages: Message[] = [
  { kind: 'hello', protocol: 1, run: 'größer €', worker: '🙂-1', nonce: 'n', proof: 'p' },
  { kind: 'ready', profile: { engine: 'x', cores: 1, architecture: 'a', platform: 'p', memoryBytes: 5 } },
  {
    kind: 'push',
    sequence: 1,
    baseVersion: 0,
    waits: true,
    iteration,
    encoding: 'f32',
    payload: new Uint8Array(70_000),
  },
  { kind: 'report', sequence: 2, iteration },
  { kind: 'flag', sequence: 3, iteration },
  { kind: 'rows-wanted', block: 12 },
  { kind: 'failed', code: 'CAD-ENGINE', message: 'ä'.repeat(90) },
  { kind: 'challenge', nonce: '0'.repeat(43) },
  { kind: 'welcome', incarnation: 1, plan: plan satisfies WorkerPlan },
  { kind: 'model', version: 7, answers: 1, includes: 1, orders, encoding: 'f32', payload: new Uint8Array(101) },
  { kind: 'orders', orders },
  { kind: 'release', answers: 9, orders },
  { kind: 'collect' },
  { kind: 'pause' },
  { kind: 'resume' },
  { kind: 'rows', block: 0, count: 0, payload: new Uint8Array(0) },
  { kind: 'stop', reason: 'all is said' },
];

describe('the size of a message', () => {
  it.each(messages.map((message) => [message.kind, message] as const))(
    '%s is as large as the codec makes it',
    (_, message) => {
      const direction = directionOf(message);
      const frame = encodeMessage(message);
      expect(frameBytes(message, direction, ownPayloadBytes(message))).toBe(
        frame.length + framingBytes(frame.length, direction),
      );
    },
  );
});
