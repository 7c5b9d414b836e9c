import { describe, expect, test } from 'vitest';
import type { ComparisonRow } from '../../../main/core/comparison.ts';
import { speedUp, trades, usualBaseline } from './compared-rows.ts';

const row = (policy: string, seconds: number | null, bytes = 100, accuracy = 0.9): ComparisonRow => ({
  policy,
  options: {},
  learningRate: 0.1,
  seeds: [1],
  reached: seconds === null ? 0 : 1,
  censored: seconds === null ? 1 : 0,
  secondsToTarget: seconds === null ? null : { median: seconds, low: seconds, high: seconds },
  ends: {},
  restrictedSeconds: seconds ?? 600,
  speedup: null,
  accuracy: { median: accuracy, low: accuracy, high: accuracy },
  loss: null,
  iterations: 1,
  pushes: 1,
  samples: 1,
  bytes: { up: bytes, down: 0, data: 0, control: 0, counterfactual: 0, savedPercent: null },
  waitShare: null,
  curves: [],
});

describe('speed-ups against a baseline', () => {
  test('are the ratio of the times to target', () => {
    expect(speedUp(row('hermes', 20), row('bsp', 50), 0.9)).toEqual({ factor: 2.5, atLeast: false });
  });

  test('are a lower bound where the baseline is censored, and unknown where that bound says nothing', () => {
    expect(speedUp(row('hermes', 200), row('bsp', null), 0.9)).toEqual({ factor: 3, atLeast: true });
    expect(speedUp(row('slow', 700), row('bsp', null), 0.9)).toBeNull();
  });

  test('are unknown for a run that did not reach the target, and without a baseline', () => {
    expect(speedUp(row('hermes', null), row('bsp', 50), 0.9)).toBeNull();
    expect(speedUp(row('hermes', 20), undefined, 0.9)).toBeNull();
  });

  test('are unknown without a target of all rows, and between simulated time and that of machines', () => {
    // The baseline had no target: it may well have been there long before.
    expect(speedUp(row('hermes', 20), row('bsp', null), null)).toBeNull();
    const [real, simulated] = [
      { ...row('hermes', 20), virtual: false },
      { ...row('bsp', 50), virtual: true },
    ];
    expect(speedUp(real, simulated, 0.9)).toBeNull();
    expect(speedUp(real, { ...simulated, virtual: false }, 0.9)?.factor).toBe(2.5);
  });

  test('are against BSP where it is there, never against a bound', () => {
    expect(usualBaseline([row('solo', 1), row('asp', 2), row('bsp', 3)])).toBe('bsp');
    expect(usualBaseline([row('solo', 1), row('asp', 2)])).toBe('asp');
  });
});

describe('accuracy against bytes', () => {
  test('marks what nothing else beats in both, and leaves the bounds out', () => {
    const rows = [row('ideal', 1, 0, 0.99), row('a', 1, 10, 0.8), row('b', 1, 20, 0.9), row('c', 1, 30, 0.85)];
    expect(trades(rows).map(({ row: name, isBest }) => [name, isBest])).toEqual([
      ['a', true],
      ['b', true],
      ['c', false],
    ]);
  });

  test('of two that are equal neither beats the other', () => {
    expect(trades([row('a', 1), row('b', 1)]).every(({ isBest }) => isBest)).toBe(true);
  });
});
