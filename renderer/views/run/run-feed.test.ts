import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Bridge, RunDetail, RunMessage } from '../../../main/core/api.ts';
import type { ErrorReport } from '../../../main/core/errors.ts';
import { Coalescer } from '../../../main/core/live/coalescer.ts';
import { RunFeed } from './run-feed.ts';
import { shortRecords, shortRun } from './run-picture.fixture.ts';

/** The other half of the bridge, with a run that grows record by record: the real coalescer makes the ticks. */
class Server {
  readonly coalescer = new Coalescer();
  seq = 0;
  opened = 0;
  refusal: ErrorReport | undefined;
  next: ((message: RunMessage) => void) | undefined;
  end: ((error: ErrorReport | undefined) => void) | undefined;
  readonly records = shortRecords();

  readonly bridge = {
    call: async () => {
      this.opened += 1;
      if (this.refusal !== undefined) return { ok: false as const, error: this.refusal };
      const picture = structuredClone(this.coalescer.picture);
      return {
        ok: true as const,
        value: { detail: { status: 'running' } as RunDetail, picture, seq: this.seq, paths: [] },
      };
    },
    subscribe: (_name: string, _params: unknown, next: (message: RunMessage) => void, end: typeof this.end) => {
      this.next = next;
      this.end = end;
      return () => (this.next = undefined);
    },
  } as unknown as Bridge;

  /** Takes `count` records in, and tells of them unless the message is lost. */
  grow(count: number, isLost = false): void {
    for (const record of this.records.splice(0, count)) this.coalescer.add(record);
    const tick = this.coalescer.take();
    if (tick === undefined) return;
    this.seq += 1;
    if (!isLost) this.next?.({ kind: 'tick', seq: this.seq, tick: structuredClone(tick) });
  }
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const settled = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

describe('a run that is followed', () => {
  test('is the same picture in the end, whenever it was opened', async () => {
    for (const before of [0, 9, 20]) {
      const server = new Server();
      if (before > 0) server.grow(before);
      const feed = new RunFeed(server.bridge, 'r');
      feed.open();
      // A tick that comes while the run is being opened is not lost, and not merged twice.
      server.grow(3);
      await settled();
      while (server.records.length > 0) server.grow(5);
      expect(feed.picture).toEqual(shortRun());
      feed.close();
    }
  });

  test('is opened again when a tick was missed', async () => {
    const server = new Server();
    server.grow(5);
    const feed = new RunFeed(server.bridge, 'r');
    feed.open();
    await settled();
    server.grow(5, true);
    server.grow(5);
    await settled();
    while (server.records.length > 0) server.grow(5);
    expect(server.opened).toBe(2);
    expect(feed.picture).toEqual(shortRun());
    feed.close();
  });

  test('stays shown when the connection is lost, and goes on when it is back', async () => {
    const server = new Server();
    server.grow(9);
    const feed = new RunFeed(server.bridge, 'r');
    feed.open();
    await settled();
    server.end?.(undefined);
    expect(feed.state().kind).toBe('disconnected');
    expect(feed.picture.workers).toHaveLength(2);
    server.grow(9);
    await vi.advanceTimersByTimeAsync(2000);
    expect(feed.state().kind).toBe('open');
    while (server.records.length > 0) server.grow(5);
    expect(feed.picture).toEqual(shortRun());
    feed.close();
  });

  test('that cannot be opened says why; a closed one asks for nothing more', async () => {
    const server = new Server();
    server.refusal = { code: 'CAD-RUN-UNKNOWN', message: 'no run', remedy: 'List them.' };
    const feed = new RunFeed(server.bridge, 'r');
    feed.open();
    await settled();
    expect(feed.state()).toEqual({ kind: 'failed', error: server.refusal });
    feed.close();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.opened).toBe(1);
  });
});
