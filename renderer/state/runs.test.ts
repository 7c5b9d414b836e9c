import { describe, expect, test } from 'vitest';
import type { RunListItem } from '../../main/core/api.ts';
import { changed, type RunsState } from './runs.ts';

const item = (run: string, createdAt: string, name: string | null = null): RunListItem => ({
  run,
  name,
  status: 'completed',
  live: false,
  createdAt,
  startedAt: null,
  finishedAt: null,
  policy: 'bsp',
  model: 'mlp-109k',
  dataset: 'digits',
  seed: 1,
  virtual: null,
  workers: null,
  seconds: null,
  iterations: null,
  accuracy: null,
  loss: null,
  targetAccuracy: null,
  secondsToTarget: null,
  bytes: null,
  savedPercent: null,
  error: null,
});

const state = (runs: RunListItem[], more = false): RunsState => ({ runs, more, error: null });
const names = ({ runs }: RunsState): string[] => (runs ?? []).map(({ run }) => run);

describe('a change of the runs', () => {
  test('puts a new run first and replaces a known one in its place', () => {
    const before = state([item('b', '2026-02'), item('a', '2026-01')]);
    const after = changed(before, { changed: [item('c', '2026-03'), item('a', '2026-01', 'named')], removed: [] });
    expect(names(after)).toEqual(['c', 'b', 'a']);
    expect(after.runs?.[2]?.name).toBe('named');
  });

  test('takes removed runs off, and puts a restored one back where it was', () => {
    const whole = state([item('c', '2026-03'), item('b', '2026-02'), item('a', '2026-01')]);
    const less = changed(whole, { changed: [], removed: ['b'] });
    expect(names(less)).toEqual(['c', 'a']);
    expect(names(changed(less, { changed: [item('b', '2026-02')], removed: [] }))).toEqual(['c', 'b', 'a']);
  });

  test('leaves a run of an older page there', () => {
    const page = state([item('c', '2026-03'), item('b', '2026-02')], true);
    expect(names(changed(page, { changed: [item('a', '2026-01')], removed: [] }))).toEqual(['c', 'b']);
  });

  test('is nothing before the list was asked for', () => {
    const before: RunsState = { runs: null, more: false, error: null };
    expect(changed(before, { changed: [item('a', '2026-01')], removed: [] })).toBe(before);
  });
});
