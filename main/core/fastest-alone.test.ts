import { expect, test } from 'vitest';
import { fastestAlone } from './fastest-alone.ts';

const slow = { name: 'slow', measured: 2000, samples: 50_000, computeMs: 30_000 };

test('the fastest alone is what was measured, where the run does not show more', () => {
  const fast = { name: 'fast', measured: 10_000, samples: 60_000, computeMs: 10_000 };
  expect(fastestAlone([slow, fast])).toEqual({ name: 'fast', samplesPerSecond: 10_000, isMeasured: true });
});

test('a worker that computed faster in the run than any was measured is the fastest', () => {
  const late = { name: 'late', measured: 900, samples: 207_000, computeMs: 30_000 };
  expect(fastestAlone([slow, late])).toEqual({ name: 'late', samplesPerSecond: 6900, isMeasured: false });
});

test('of devices that were never measured nothing is claimed', () => {
  expect(fastestAlone([{ name: 'new', measured: undefined, samples: 10, computeMs: 10 }])).toBeNull();
  expect(fastestAlone([])).toBeNull();
});
