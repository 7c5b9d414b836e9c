import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clampToScreens, readWindowState, SMALLEST, writeWindowState } from './window-state.ts';

const laptop = { x: 0, y: 25, width: 1440, height: 875 };
const beside = { x: 1440, y: 0, width: 1920, height: 1080 };

describe('the place of the window', () => {
  test('is kept where it can be reached', () => {
    expect(clampToScreens({ x: 100, y: 100, width: 1200, height: 700 }, [laptop])).toEqual({
      ...{ x: 100, y: 100 },
      ...{ width: 1200, height: 700 },
    });
  });

  test('on a screen that is gone is forgotten', () => {
    expect(clampToScreens({ x: 2000, y: 100, width: 1200, height: 700 }, [laptop])).toBeUndefined();
    expect(clampToScreens({ x: 2000, y: 100, width: 1200, height: 700 }, [laptop, beside])).toBeDefined();
  });

  test('never hangs over the edge, is never too small, whatever was kept', () => {
    const side = fc.integer({ min: -5000, max: 5000 });
    const rectangle = fc.record({ x: side, y: side, width: fc.integer({ min: 0, max: 9000 }), height: fc.nat(9000) });
    fc.assert(
      fc.property(rectangle, (bounds) => {
        const place = clampToScreens(bounds, [laptop, beside]);
        if (place === undefined) return;
        const screen =
          [laptop, beside].find(({ x }) => place.x >= x && place.x < x + (x === 0 ? 1440 : 1920)) ?? laptop;
        expect(place.width).toBeGreaterThanOrEqual(SMALLEST.width);
        expect(place.height).toBeGreaterThanOrEqual(SMALLEST.height);
        expect(place.x + place.width).toBeLessThanOrEqual(screen.x + screen.width);
        expect(place.y + place.height).toBeLessThanOrEqual(screen.y + screen.height);
      }),
    );
  });

  test('comes back from its file; a damaged file is no place', () => {
    const folder = mkdtempSync(join(tmpdir(), 'caduceus-window-'));
    const file = join(folder, 'window.json');
    try {
      expect(readWindowState(file)).toEqual({ isMaximized: false });
      const state = { bounds: { x: 1, y: 2, width: 1000, height: 700 }, isMaximized: true };
      writeWindowState(file, state);
      expect(readWindowState(file)).toEqual(state);
      expect(readdirSync(folder)).toEqual(['window.json']);
      for (const damaged of [
        '',
        '{',
        'null',
        '{"bounds":{"x":1}}',
        '{"bounds":{"x":"a","y":1,"width":1,"height":1}}',
      ]) {
        writeFileSync(file, damaged);
        expect(readWindowState(file)).toEqual({ isMaximized: false });
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
