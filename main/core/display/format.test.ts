import { describe, expect, test } from 'vitest';
import {
  bytes,
  chosenPercent,
  clock,
  compareNames,
  count,
  figure,
  percent,
  plural,
  rate,
  roundBytes,
  seconds,
  timestamp,
} from './format.ts';

const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

describe('numbers for people', () => {
  test('what is not known is a dash, never 0', () => {
    for (const format of [bytes, count, figure, percent, seconds, clock, rate]) {
      for (const unknown of [null, undefined, NaN, Infinity]) expect(format(unknown)).toBe('–');
    }
    expect(timestamp(null)).toBe('–');
  });

  test('bytes are decimal, with three digits', () => {
    expect([0, 999, 1000, 437_544, 999_499, 999_500, 12_345_678, 6.5e9].map((value) => plain(bytes(value)))).toEqual([
      '0 B',
      '999 B',
      '1.00 kB',
      '438 kB',
      '999 kB',
      '1.00 MB',
      '12.3 MB',
      '6.50 GB',
    ]);
    expect(plain(roundBytes(20e6))).toBe('20 MB');
  });

  test('durations change their unit and carry over', () => {
    expect([0, 0.842, 9.999, 42.34, 99.96, 484, 3599.6, 7500].map((value) => plain(seconds(value)))).toEqual([
      '0.00 s',
      '0.84 s',
      '10.0 s',
      '42.3 s',
      '1 min 40 s',
      '8 min 04 s',
      '1 h 00 min',
      '2 h 05 min',
    ]);
    expect([0, 42.34, 59.96, 484, 7510].map(clock)).toEqual(['0:00.0', '0:42.3', '1:00.0', '8:04.0', '2:05:10']);
  });

  test('shares are percent, minus is a minus, and what rounds to zero has no sign', () => {
    expect([0.931, -0.12, -0.0001, 1].map((value) => plain(percent(value)))).toEqual([
      '93.1 %',
      '−12.0 %',
      '0.0 %',
      '100.0 %',
    ]);
    expect([0.95, 0.975].map((value) => plain(chosenPercent(value)))).toEqual(['95 %', '97.5 %']);
  });

  test('the rest: figures, rates, plurals, dates, the order of names', () => {
    expect([0, 0.01234, 1.234, 123.4, 12_345].map(figure)).toEqual(['0', '0.0123', '1.23', '123', '12,345']);
    expect([-1_665_951, 8.4e24, -0.00012].map(figure)).toEqual(['−1.7e6', '8.4e24', '−1.2e−4']);
    expect(plain(rate(2914.4))).toBe('2,914 samples/s');
    expect([1, 4].map((value) => plain(plural(value, 'worker')))).toEqual(['1 worker', '4 workers']);
    expect(timestamp('2026-11-21T14:30:55.123Z')).toBe('2026-11-21 14:30:55 UTC');
    expect(['pi-10', 'pi-2', 'nuc'].sort(compareNames)).toEqual(['nuc', 'pi-2', 'pi-10']);
  });
});
