import { describe, expect, test } from 'vitest';
import { drawLanes, laneHeight, type Lane } from './lanes.ts';
import type { Surface } from './surface.ts';
import type { Theme } from './theme.ts';

const COLORS: Theme = {
  ...{ font: '', ground: '#fff', text: '#000', muted: '#777', grid: '#eee', rule: '#ccc', crowd: '#aaa' },
  ...{
    accent: '#00f',
    bad: '#f00',
    compute: '#010000',
    transfer: '#020000',
    wait: '#030000',
    lost: '#f00',
    series: [],
  },
};
const AXIS = { min: 0, max: 10, ticks: [] };
const INSETS = { left: 0, right: 0, top: 0, bottom: 0 };

type Cells = Parameters<Surface['cells']>;

function drawn(count: number): Cells[] {
  const all: Cells[] = [];
  const nothing = (): void => undefined;
  const surface: Surface = {
    ...{ width: 100, height: count * laneHeight(count), rect: nothing, outline: nothing, line: nothing, mark: nothing },
    text: nothing,
    cells: (...cells) => all.push(cells),
  };
  const lane = (index: number): Lane => ({
    name: `worker-${index}`,
    compute: new Float32Array([1, index === 1 ? 0.5 : 0]),
    wait: new Float32Array([0, index === 1 ? 0.5 : 0]),
    transfer: new Float32Array(2),
    lost: [],
    pushes: [],
  });
  const lanes = Array.from({ length: count }, (_, index) => lane(index));
  drawLanes(surface, COLORS, { insets: INSETS, axis: AXIS, lanes, focused: null });
  return all;
}

describe('lanes', () => {
  test('of a few workers are a picture each', () => {
    expect(drawn(4)).toHaveLength(4);
  });

  test('of a crowd are one picture, each in its own rows, computing below waiting', () => {
    const pictures = drawn(100);
    expect(pictures).toHaveLength(1);
    const [[box, { columns, rows, rgba }]] = pictures as [Cells];
    expect(box).toMatchObject({ y: 0, height: 500 });
    expect([columns, rows]).toEqual([2, 500]);
    const tone = (row: number, column: number): number => rgba[4 * (row * 2 + column)] ?? -1;
    const column = (at: number, index: number): number[] => [0, 1, 2, 3, 4].map((row) => tone(index * 5 + row, at));
    expect(column(0, 99)).toEqual([1, 1, 1, 1, 0]);
    expect(column(1, 1)).toEqual([3, 3, 1, 1, 0]);
    expect(column(1, 2)).toEqual([0, 0, 0, 0, 0]);
  });
});
