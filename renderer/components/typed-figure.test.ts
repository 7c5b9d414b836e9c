import { describe, expect, it } from 'vitest';
import { decimal } from '../../main/core/display/format.ts';
import { bitRate, latency } from '../views/simulate/figures.ts';
import { typedFigure } from './typed-figure.ts';

describe('a typed figure', () => {
  it.each([
    ['1500', 1500],
    ['1,500/s', 1500],
    ['25 Mbit/s', 25e6],
    ['2.5M', 2.5e6],
    ['.5 G', 5e8],
    ['3 ms', 3],
  ])('%s is %d', (text, figure) => {
    expect(typedFigure(text)).toBe(figure);
  });

  it.each(['', 'fast', '-3', '0', 'NaN', 'Infinity', '1e400'.repeat(60)])('%j is none, or a finite one', (text) => {
    const figure = typedFigure(text);
    expect(figure === undefined || Number.isFinite(figure)).toBe(true);
    if (!/^[1-9]/.test(text)) expect(figure).toBeUndefined();
  });

  it('reads what the sliders show', () => {
    for (const value of [12_000, 20e6, 1e9]) expect(typedFigure(bitRate(value))).toBe(value);
    for (const value of [0.5, 3, 120]) expect(typedFigure(latency(value))).toBe(value);
    for (const value of [7, 1500, 100_000]) expect(typedFigure(`${decimal(value)}/s`)).toBe(value);
  });
});
