import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { counterfactualBytes, framingBytes, Ledger, modelBytes, reportBytes, type Traffic } from './accounting.ts';
import { encodeMessage } from './protocol/codec.ts';
import { type Category, categoryOf, type MessageKind } from './protocol/messages.ts';

describe('WebSocket framing', () => {
  it.each([
    [0, 2],
    [125, 2],
    [126, 4],
    [65_535, 4],
    [65_536, 10],
    [2 ** 31, 10],
  ])('of a message of %i bytes takes %i from the server, and a mask of 4 more from a worker', (bytes, framing) => {
    expect(framingBytes(bytes, 'down')).toBe(framing);
    expect(framingBytes(bytes, 'up')).toBe(framing + 4);
  });
});

const category = fc.constantFrom<Category>('model', 'update', 'data', 'control');
const entries = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', '__proto__'), category, fc.nat({ max: 1e9 })));

describe('a message is counted', () => {
  it('as what it carries: a model, an update or rows; all else is control', () => {
    expect(['model', 'push', 'rows', 'rows-wanted'].map((kind) => categoryOf(kind as MessageKind))).toEqual([
      'model',
      'update',
      'data',
      'data',
    ]);
    const rest = ['hello', 'ready', 'report', 'flag', 'failed', 'welcome', 'release', 'orders', 'collect', 'stop'];
    for (const kind of rest) expect(categoryOf(kind as MessageKind)).toBe('control');
  });
});

describe('a ledger', () => {
  it('has a total that is the sum over workers, category by category', () => {
    fc.assert(
      fc.property(entries, (all) => {
        const ledger = new Ledger();
        const expected: Traffic = { model: 0, update: 0, data: 0, control: 0 };
        for (const [worker, of, bytes] of all) {
          ledger.count(worker, of, bytes);
          expected[of] += bytes;
        }
        expect(ledger.total()).toEqual(expected);
        const sum: Traffic = { model: 0, update: 0, data: 0, control: 0 };
        for (const worker of new Set(all.map(([name]) => name))) {
          for (const of of Object.keys(sum) as Category[]) sum[of] += ledger.ofWorker(worker)[of];
        }
        expect(sum).toEqual(expected);
      }),
    );
  });

  it('goes on from a snapshot, read back from JSON', () => {
    fc.assert(
      fc.property(entries, entries, (before, after) => {
        const whole = new Ledger();
        for (const entry of [...before, ...after]) whole.count(...entry);
        const first = new Ledger();
        for (const entry of before) first.count(...entry);
        const second = new Ledger();
        second.restore(JSON.parse(JSON.stringify(first.snapshot())) as Record<string, Traffic>);
        for (const entry of after) second.count(...entry);
        expect(second.total()).toEqual(whole.total());
      }),
    );
  });

  it('hands out copies: nobody changes the books by looking into them', () => {
    const ledger = new Ledger();
    ledger.count('a', 'model', 10);
    ledger.total().model = 0;
    ledger.ofWorker('a').model = 0;
    ledger.snapshot()['a']!.model = 0;
    expect([ledger.total().model, ledger.ofWorker('a').model]).toEqual([10, 10]);
  });

  it('has nothing of a worker it never saw', () => {
    expect(new Ledger().ofWorker('toString')).toEqual({ model: 0, update: 0, data: 0, control: 0 });
  });
});

describe('the counterfactual', () => {
  it('is BSP in float32: a push and a pull of every local iteration, without headers', () => {
    // 109,386 parameters: 437,544 bytes, a preamble of 12, framing of 14 up (masked) and 10 down.
    expect(counterfactualBytes(1, 109_386)).toBe(437_544 + 12 + 14 + (437_544 + 12 + 10));
    expect(counterfactualBytes(1000, 109_386)).toBe(1000 * counterfactualBytes(1, 109_386));
  });

  it('never costs more than the real thing: a true frame has a header as well', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.constantFrom('f32' as const, 'f16' as const),
        (size, encoding) => {
          const payload = new Uint8Array(size * (encoding === 'f32' ? 4 : 2));
          const frame = encodeMessage({
            kind: 'push',
            sequence: 1,
            baseVersion: 0,
            waits: true,
            iteration: { clock: 1, steps: 1, samples: 1, batch: 1, loss: 0, computeMs: 0, waitMs: 0 },
            encoding,
            payload,
          });
          expect(modelBytes(encoding, size, 'up')).toBeLessThan(frame.length + framingBytes(frame.length, 'up'));
        },
      ),
    );
  });
});

describe('a byte report', () => {
  const traffic: Traffic = { model: 300, update: 200, data: 5000, control: 100 };

  it('says what was saved of the counterfactual; rows are the same on both sides and count on neither', () => {
    const counterfactual = counterfactualBytes(2, 100);
    const report = reportBytes(traffic, 2, 100);
    expect(report).toMatchObject({ up: 200, down: 300, data: 5000, control: 100, counterfactual });
    expect(report.savedPercent).toBeCloseTo(100 * (1 - 600 / counterfactual), 12);
  });

  it('is negative when more was spent, and unknown without iterations', () => {
    expect(reportBytes(traffic, 1, 1).savedPercent).toBeLessThan(0);
    expect(reportBytes(traffic, 0, 100).savedPercent).toBeNull();
  });
});
