import { describe, expect, test } from 'vitest';
import { escaped, SvgSurface } from './svg-surface.ts';

describe('a drawing as an SVG document', () => {
  test('makes no markup of a worker’s name', () => {
    const surface = new SvgSurface(100, 50);
    surface.text(1, 2, '<script>alert("1")</script>&\u0000', '#000');
    const svg = surface.document('a <b> & "c"', '#fff');
    expect(svg).not.toMatch(/<script|<b>/);
    expect(svg).toContain('&#60;script&#62;');
    expect(svg).not.toContain('\u0000');
  });

  test('breaks a line where a value is not known', () => {
    const surface = new SvgSurface(100, 50);
    surface.line([0, 0, 1, 1, NaN, NaN, 2, 2, 3, 3], { color: '#000', width: 1 });
    expect(surface.document('', '#fff')).toContain('d="M0,0L1,1M2,2L3,3"');
  });

  test('joins neighbouring cells of one colour and leaves empty ones out', () => {
    const surface = new SvgSurface(100, 50);
    const rgba = new Uint8ClampedArray([1, 2, 3, 255, 1, 2, 3, 255, 0, 0, 0, 0, 4, 5, 6, 128]);
    surface.cells({ x: 0, y: 0, width: 40, height: 10 }, { columns: 4, rows: 1, rgba });
    const cells = surface.document('', '#fff').match(/<rect x/g);
    expect(cells).toHaveLength(2);
    expect(surface.document('', '#fff')).toContain('width="20"');
  });

  test('escapes what would end an attribute', () => {
    expect(escaped('"\'<>&')).toBe('&#34;&#39;&#60;&#62;&#38;');
  });
});
