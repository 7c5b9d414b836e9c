import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LINE_PX, type NamedPoint, type PlacedName, placeAlong, placeNames } from './label-places.ts';

const LENGTHS = fc.integer({ min: 120, max: 1600 });

describe('words in a line', () => {
  const words = fc.array(
    fc.record({ at: fc.integer({ min: -50, max: 1700 }), widthPx: fc.integer({ min: 1, max: 300 }) }),
    {
      maxLength: 30,
    },
  );

  test('lie on no other word and do not leave the line, whatever its length', () => {
    fc.assert(
      fc.property(words, LENGTHS, (wanted, length) => {
        const placed = placeAlong(wanted, length).flatMap((middle, index) => {
          const half = (wanted[index]?.widthPx ?? 0) / 2;
          return middle === null ? [] : [{ from: middle - half, to: middle + half }];
        });
        for (const { from, to } of placed) {
          expect(from).toBeGreaterThanOrEqual(0);
          expect(to).toBeLessThanOrEqual(length);
        }
        const inOrder = placed.toSorted((left, right) => left.from - right.from);
        inOrder.slice(1).forEach(({ from }, index) => expect(from).toBeGreaterThan(inOrder[index]?.to ?? 0));
      }),
    );
  });

  test('the first one always has its place, where it stands or moved in from the end', () => {
    expect(placeAlong([{ at: 100, widthPx: 40 }], 100)).toEqual([80]);
    expect(placeAlong([{ at: 0, widthPx: 40 }], 100)).toEqual([20]);
    expect(
      placeAlong(
        [
          { at: 99, widthPx: 40 },
          { at: 90, widthPx: 20 },
          { at: 20, widthPx: 20 },
        ],
        100,
      ),
    ).toEqual([80, null, 20]);
    expect(placeAlong([{ at: 50, widthPx: 101 }], 100)).toEqual([null]);
  });
});

describe('names of points', () => {
  const area = { left: 50, right: 450, top: 20, bottom: 240 };
  const point = fc.record({
    x: fc.integer({ min: area.left, max: area.right }),
    y: fc.integer({ min: area.top, max: area.bottom }),
    radius: fc.constantFrom(4, 6),
    widthPx: fc.integer({ min: 10, max: 180 }),
  });
  const box = ({ x, y, align }: PlacedName, { widthPx }: NamedPoint) => {
    const left = align === 'left' ? x : align === 'right' ? x - widthPx : x - widthPx / 2;
    return { left, right: left + widthPx, top: y - LINE_PX / 2, bottom: y + LINE_PX / 2 };
  };

  test('lie on no other name and on no other mark, and stay inside the plot', () => {
    fc.assert(
      fc.property(fc.array(point, { maxLength: 16 }), (points) => {
        const named = placeNames(points, area).flatMap((place, index) =>
          place === null ? [] : [{ index, box: box(place, points[index] as NamedPoint) }],
        );
        const apart = (a: ReturnType<typeof box>, b: ReturnType<typeof box>): boolean =>
          a.left >= b.right || b.left >= a.right || a.top >= b.bottom || b.top >= a.bottom;
        for (const one of named) {
          expect(one.box.left).toBeGreaterThanOrEqual(area.left);
          expect(one.box.right).toBeLessThanOrEqual(area.right);
          expect(one.box.top).toBeGreaterThanOrEqual(area.top);
          expect(one.box.bottom).toBeLessThanOrEqual(area.bottom);
          for (const other of named) if (other !== one) expect(apart(one.box, other.box)).toBe(true);
          points.forEach(({ x, y, radius }, index) => {
            const mark = { left: x - radius, right: x + radius, top: y - radius, bottom: y + radius };
            if (index !== one.index) expect(apart(one.box, mark)).toBe(true);
          });
        }
      }),
    );
  });

  test('stand beside their point where there is room, and on its other side at the edge', () => {
    const at = (x: number, y: number): NamedPoint => ({ x, y, radius: 4, widthPx: 60 });
    const [near, far] = placeNames([at(100, 100), at(440, 200)], area);
    expect(near).toMatchObject({ align: 'left', y: 100 });
    expect(far).toMatchObject({ align: 'right', y: 200 });
  });

  test('keep off a line as long as there is another place', () => {
    const one = [{ x: 100, y: 100, radius: 4, widthPx: 60 }];
    const line = { left: 100, right: 450, top: 99, bottom: 101 };
    const wall = { left: area.left, right: area.right, top: area.top, bottom: area.bottom };
    expect(placeNames(one, area, [line])).toEqual([{ x: 100, y: 89, align: 'center' }]);
    expect(placeNames(one, area, [wall])).toEqual(placeNames(one, area));
  });

  test('of two points beside each other both are named', () => {
    const pair = [
      { x: 300, y: 200, radius: 4, widthPx: 110 },
      { x: 350, y: 198, radius: 4, widthPx: 110 },
    ];
    expect(placeNames(pair, area)).not.toContain(null);
  });
});
