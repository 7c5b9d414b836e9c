import { describe, expect, it } from 'vitest';
import type { LinkSpec } from '../core/cluster.ts';
import { prng } from '../core/prng.ts';
import { Channel } from './channel.ts';
import { Pipe } from './pipe.ts';
import { SharedPipe } from './shared-pipe.ts';
import { Timeline } from './timeline.ts';

/** 8 Mbit/s: a byte takes a microsecond. */
const LINK: LinkSpec = { upBitsPerSecond: 8e6, downBitsPerSecond: 8e6, latencyMs: 10, lossProbability: 0 };

function network(link: Partial<LinkSpec> = {}) {
  const timeline = new Timeline();
  const arrivals: [string, number][] = [];
  const channel = (direction: 'up' | 'down', own = new Pipe(8e6), shared = new SharedPipe(timeline, Infinity)) => {
    const route = { direction, own, shared, link: { ...LINK, ...link } };
    return new Channel<string>(timeline, route, prng(1, direction), (item) => arrivals.push([item, timeline.nowMs]));
  };
  const settle = (untilMs = Infinity): [string, number][] => {
    timeline.at(Math.min(untilMs, 1e9), () => undefined);
    while (timeline.nowMs < untilMs && timeline.advance());
    return arrivals;
  };
  return { timeline, channel, settle };
}

describe('a channel', () => {
  it('takes bytes × 8 / bandwidth, then the latency; messages go one after the other', () => {
    const { channel, settle } = network();
    const up = channel('up');
    up.send('first', 5000);
    up.send('second', 1000);
    expect(settle()).toEqual([
      ['first', 15],
      ['second', 16],
    ]);
  });

  it('is full duplex: up and down do not wait for each other', () => {
    const { channel, settle } = network();
    channel('up').send('up', 5000);
    channel('down').send('down', 5000);
    expect(settle()).toEqual([
      ['up', 15],
      ['down', 15],
    ]);
  });

  it('has room again when what was sent has left, before it arrives', () => {
    for (const limit of [Infinity, 8e6]) {
      const { channel, settle, timeline } = network();
      const down = channel('down', new Pipe(8e6), new SharedPipe(timeline, limit));
      const clearMs: number[] = [];
      down.send('model', 5000);
      down.whenClear(() => clearMs.push(timeline.nowMs));
      expect(down.isClear).toBe(false);
      expect(settle()).toEqual([['model', 15]]);
      expect(clearMs).toEqual([5]);
      expect(down.isClear).toBe(true);
    }
  });

  it('has no room while it is severed, and says when it has', () => {
    const { channel, settle, timeline } = network();
    const down = channel('down');
    const clearMs: number[] = [];
    timeline.at(1, () => down.sever());
    timeline.at(2, () => down.whenClear(() => clearMs.push(timeline.nowMs)));
    timeline.at(50, () => down.heal());
    settle();
    expect(clearMs).toEqual([50]);
  });

  it('shares the server’s link: three models at once take three times as long, all of them', () => {
    for (const direction of ['up', 'down'] as const) {
      const { channel, settle, timeline } = network();
      const server = new SharedPipe(timeline, 4e6); // half as fast as the devices’ links
      for (const name of ['a', 'b', 'c']) channel(direction, new Pipe(8e6), server).send(name, 5000);
      expect(settle()).toEqual([
        ['a', 40],
        ['b', 40],
        ['c', 40],
      ]);
    }
  });

  it('gives a flow more of the server’s link when others are through', () => {
    const { channel, settle, timeline } = network();
    const server = new SharedPipe(timeline, 8e6);
    channel('down', new Pipe(8e7), server).send('long', 6000);
    timeline.at(2, () => channel('down', new Pipe(8e7), server).send('short', 1000));
    // 2 ms alone: 2000 bytes. 2 ms by halves: 1000 bytes each. 3 ms alone: the last 3000.
    expect(settle()).toEqual([
      ['short', 14],
      ['long', 17],
    ]);
  });

  it('serves the messages of one connection one after the other, however many there are', () => {
    const { channel, settle, timeline } = network();
    const server = new SharedPipe(timeline, 8e6);
    const many = channel('down', new Pipe(8e7), server);
    for (const name of ['1', '2', '3']) many.send(name, 1000);
    channel('down', new Pipe(8e7), server).send('other', 4000);
    expect(many.isClear).toBe(false);
    expect(settle()).toEqual([
      ['1', 12],
      ['2', 14],
      ['3', 16],
      ['other', 17],
    ]);
  });

  it('is as slow as the slower of the two links', () => {
    const { channel, settle, timeline } = network();
    channel('down', new Pipe(8e6), new SharedPipe(timeline, 80e6)).send('slow device', 5000);
    channel('up', new Pipe(8e6), new SharedPipe(timeline, 80e6)).send('slow device', 5000);
    expect(settle()).toEqual([
      ['slow device', 15],
      ['slow device', 15],
    ]);
  });

  it('carries again, in order, what a partition swallowed', () => {
    const { channel, settle, timeline } = network();
    const up = channel('up');
    up.send('before', 5000);
    timeline.at(12, () => up.sever());
    timeline.at(14, () => up.send('during', 1000));
    timeline.at(100, () => up.heal());
    timeline.at(101, () => up.send('after', 1000));
    expect(settle()).toEqual([
      ['before', 115],
      ['during', 116],
      ['after', 117],
    ]);
    expect(up.resentBytes).toBe(5000);
  });

  it('loses what a dead sender had not got out, and delivers what had left', () => {
    for (const limit of [Infinity, 1e9]) {
      const { channel, settle, timeline } = network();
      const up = channel('up', new Pipe(8e6), new SharedPipe(timeline, limit));
      up.send('left', 2000);
      up.send('cut', 5000);
      up.send('cut too', 5000);
      timeline.at(3, () => {
        up.cut();
        up.send('end', 0);
      });
      expect(settle().map(([item, atMs]) => [item, Math.round(atMs)])).toEqual([
        ['left', 12],
        ['end', 13],
      ]);
    }
  });

  it('with losses carries more bytes, comes later and keeps the order', () => {
    const clean = network();
    const lossy = network({ lossProbability: 0.1 });
    for (const { channel, settle } of [clean, lossy]) {
      const up = channel('up');
      for (let index = 0; index < 50; index++) up.send(`${index}`, 1460);
      settle();
      if (channel === clean.channel) expect(up.resentBytes).toBe(0);
      else expect(up.resentBytes).toBeCloseTo(50 * 1460 * (1 / 0.9 - 1), 6);
    }
    const [onTime, late] = [clean.settle(), lossy.settle()];
    expect(late.map(([item]) => item)).toEqual(onTime.map(([item]) => item));
    expect(late.every(([, atMs], index) => atMs > (onTime[index]?.[1] ?? NaN))).toBe(true);
    // Mathis: 1.22 × 1460 × 8 / (20 ms × √0.1) = 2253 bit/ms, against 8000 without losses
    expect(late.at(-1)?.[1]).toBeGreaterThan((50 * 1460 * 8) / 2253);
  });
});
