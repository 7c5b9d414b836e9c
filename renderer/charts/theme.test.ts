import { expect, test } from 'vitest';
import { oneOfTwo, rgbOf } from './theme.ts';

test('a colour of the style sheet is the one for light or for dark; what is one colour stays', () => {
  for (const written of ['light-dark(#ffffff, #14181d)', 'light-dark(#ffffff,#14181d)', 'light-dark(#fff,#14181d)']) {
    expect(oneOfTwo(written, false)).toMatch(/^#fff/);
    expect(oneOfTwo(written, true)).toBe('#14181d');
  }
  expect(oneOfTwo('#0072b2', true)).toBe('#0072b2');
});

test('colours are read as they are written and as a minifier writes them', () => {
  expect(rgbOf('#0072b2')).toEqual([0, 114, 178]);
  expect(rgbOf('#fff')).toEqual([255, 255, 255]);
});
