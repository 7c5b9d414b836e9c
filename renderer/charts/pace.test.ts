import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { paced } from './pace.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function source() {
  const listeners = new Set<() => void>();
  let version = 0;
  return {
    version: () => version,
    subscribe: (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    change: () => {
      version += 1;
      for (const listener of listeners) listener();
    },
    listeners,
  };
}

test('a hundred changes in a second are shown ten times at most, and the last one is shown', () => {
  const fast = source();
  const seen: number[] = [];
  const stop = paced(fast, 100, () => seen.push(fast.version()));
  for (let at = 0; at < 100; at++) {
    fast.change();
    vi.advanceTimersByTime(10);
  }
  vi.advanceTimersByTime(200);
  expect(seen.length).toBeLessThanOrEqual(11);
  expect(seen.at(-1)).toBe(100);
  stop();
  expect(fast.listeners.size).toBe(0);
});

test('after the end nothing is shown, even when something was due', () => {
  const fast = source();
  const listener = vi.fn();
  const stop = paced(fast, 100, listener);
  fast.change();
  stop();
  vi.advanceTimersByTime(1000);
  expect(listener).not.toHaveBeenCalled();
});

test('what is out of sight rests, and shows the last change when it comes back', () => {
  const fast = source();
  const seen: number[] = [];
  let isSeen = false;
  let come: () => void = () => undefined;
  const sight = {
    isSeen: () => isSeen,
    onSeen: (listener: () => void) => {
      come = listener;
      return () => undefined;
    },
  };
  const stop = paced(fast, 100, () => seen.push(fast.version()), sight);
  for (let at = 0; at < 10; at++) {
    fast.change();
    vi.advanceTimersByTime(100);
  }
  expect(seen).toEqual([]);
  isSeen = true;
  come();
  vi.advanceTimersByTime(100);
  expect(seen).toEqual([10]);
  // Nothing was missed this time.
  come();
  vi.advanceTimersByTime(200);
  expect(seen).toEqual([10]);
  stop();
});
