import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { BridgeReply } from '../core/bridge-messages.ts';
import { Delivery } from './delivery.ts';

describe('delivery to a window', () => {
  let sent: BridgeReply[];
  let isCongested: boolean;
  let delivery: Delivery;

  beforeEach(() => {
    vi.useFakeTimers();
    sent = [];
    isCongested = false;
    delivery = new Delivery({ send: (reply) => sent.push(reply), isCongested: () => isCongested });
  });
  afterEach(() => {
    delivery.close();
    vi.useRealTimers();
  });

  const payloads = (): unknown[] => sent.map((reply) => (reply.kind === 'message' ? reply.payload : reply.kind));

  test('passes everything on at once, in order, while the window takes it', () => {
    delivery.reply({ id: 1, kind: 'answer', answer: { ok: true, value: 1 } });
    delivery.message(2, 'run', { kind: 'tick', seq: 1 });
    delivery.message(3, 'load', 'a');
    delivery.end(3, undefined);
    expect(payloads()).toEqual(['answer', { kind: 'tick', seq: 1 }, 'a', 'end']);
  });

  test('keeps only the newest of what the next message replaces', () => {
    isCongested = true;
    for (let index = 0; index < 5000; index++) expect(delivery.message(3, 'devices', index)).toBe(true);
    delivery.message(4, 'devices', 'other window part');
    expect(sent).toEqual([]);
    isCongested = false;
    vi.advanceTimersByTime(60);
    expect(payloads()).toEqual([4999, 'other window part']);
  });

  test('leaves ticks out, never what says that a run has ended', () => {
    isCongested = true;
    for (let seq = 1; seq < 5000; seq++) expect(delivery.message(2, 'run', { kind: 'tick', seq })).toBe(true);
    delivery.message(2, 'run', { kind: 'detail', seq: 4999 });
    isCongested = false;
    vi.advanceTimersByTime(60);
    delivery.message(2, 'run', { kind: 'tick', seq: 5000 });
    expect(payloads()).toEqual([
      { kind: 'detail', seq: 4999 },
      { kind: 'tick', seq: 5000 },
    ]);
  });

  test('queues all else up to a bound, and says when that is reached', () => {
    isCongested = true;
    let taken = 0;
    while (taken < 10_000 && delivery.message(5, 'jobs', taken)) taken += 1;
    expect(taken).toBe(2000);
    isCongested = false;
    vi.advanceTimersByTime(60);
    expect(payloads()).toEqual(Array.from({ length: 2000 }, (_, index) => index));
  });

  test('sends nothing more to a subscription that is over, nor to a window that is closed', () => {
    isCongested = true;
    delivery.message(5, 'jobs', 'old');
    delivery.message(6, 'jobs', 'kept');
    delivery.forget(5);
    isCongested = false;
    vi.advanceTimersByTime(60);
    expect(payloads()).toEqual(['kept']);
    isCongested = true;
    delivery.message(6, 'jobs', 'late');
    delivery.close();
    isCongested = false;
    vi.advanceTimersByTime(1000);
    expect(payloads()).toEqual(['kept']);
  });
});
