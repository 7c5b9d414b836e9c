import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { downsample, MAX_POINTS, type Point } from '../downsample.ts';
import { LABEL_SPACING_PX, spreadLabels } from './labels.ts';
import { lineChart } from './line-chart.ts';
import { countAxis, niceAxis, place, shareAxis, timeAxis } from './scale.ts';

const values = fc.double({ min: -1e9, max: 1e9, noNaN: true });

describe('axes', () => {
  test('ticks are few, round, inside the axis, and hold every value between them', () => {
    fc.assert(
      fc.property(values, values, (one, other) => {
        const [min, max] = [Math.min(one, other), Math.max(one, other)];
        const axis = niceAxis(min, max);
        expect(axis.ticks.length).toBeGreaterThanOrEqual(2);
        expect(axis.ticks.length).toBeLessThanOrEqual(8);
        if (max > min) {
          const slack = 1e-9 * Math.max(Math.abs(min), Math.abs(max), 1);
          expect(axis.min).toBeLessThanOrEqual(min + slack);
          expect(axis.max).toBeGreaterThanOrEqual(max - slack);
        }
        for (const { value } of axis.ticks) expect(place(axis, value)).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  test('time ends where the run ends; shares end at 100 %; counts are whole', () => {
    expect(timeAxis(92)).toMatchObject({ min: 0, max: 92 });
    expect(timeAxis(92).ticks.map(({ text }) => text)).toEqual(['0 s', '30 s', '60 s', '90 s']);
    expect(timeAxis(484).ticks.map(({ text }) => text)).toEqual(['0 min', '2 min', '4 min', '6 min', '8 min']);
    expect(timeAxis(0).max).toBeGreaterThan(0);
    expect(shareAxis(0.1, 0.973).ticks.at(-1)?.text).toBe('100 %');
    expect(countAxis(3, 17).ticks.map(({ value }) => value)).toEqual([5, 10, 15]);
  });

  test('nothing to show is an axis all the same', () => {
    for (const axis of [niceAxis(Infinity, -Infinity), niceAxis(0, 0), shareAxis(NaN, NaN), countAxis(0, 0)]) {
      expect(axis.max).toBeGreaterThan(axis.min);
    }
  });
});

describe('labels at the end of lines', () => {
  test('do not overlap, keep their order and stay inside while there is room', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 176 }), { minLength: 1, maxLength: 12 }), (places) => {
        const placed = spreadLabels(
          places.map((y) => ({ y, text: '' })),
          4,
          174,
        );
        placed.forEach((label, index) => {
          expect(label.labelY).toBeGreaterThanOrEqual(4 - 0.1);
          expect(label.labelY).toBeLessThanOrEqual(174.1);
          const above = placed[index - 1];
          if (above === undefined) return;
          expect(label.labelY - above.labelY).toBeGreaterThanOrEqual(LABEL_SPACING_PX - 0.11);
          expect(label.y).toBeGreaterThanOrEqual(above.y);
        });
      }),
    );
  });
});

describe('downsampling', () => {
  test('keeps the ends, the extremes and gaps, in order, in no more than 400 points', () => {
    const points: Point[] = Array.from({ length: 20_000 }, (_, x) => [
      x,
      x === 7777 ? 99 : x === 8888 ? -99 : x === 9999 ? null : Math.sin(x),
    ]);
    const kept = downsample(points);
    expect(kept.length).toBeLessThanOrEqual(MAX_POINTS);
    expect(kept[0]).toEqual(points[0]);
    expect(kept.at(-1)).toEqual(points.at(-1));
    expect(kept).toContainEqual([7777, 99]);
    expect(kept).toContainEqual([8888, -99]);
    expect(kept).toContainEqual([9999, null]);
    expect(kept.every(([x], index) => index === 0 || x > (kept[index - 1] as Point)[0])).toBe(true);
  });

  test('short series are left alone', () => {
    const points: Point[] = [
      [0, 1],
      [0, 2],
      [5, null],
    ];
    expect(downsample(points)).toBe(points);
    expect(downsample([])).toEqual([]);
  });
});

describe('a line chart', () => {
  const chart = (points: Point[]): string =>
    lineChart({
      id: 'c',
      title: 'Title',
      description: 'Words',
      heightPx: 100,
      x: timeAxis(10),
      y: niceAxis(0, 10),
      series: [{ label: '<b>', points, style: 0, shape: 'line', labelled: true }],
    }).text;

  test('has a title and a description for those who cannot see it, and escaped labels', () => {
    const text = chart([
      [0, 0],
      [10, 10],
    ]);
    expect(text).toContain('role="img" aria-labelledby="c-t c-d"');
    expect(text).toContain('<title id="c-t">Title</title><desc id="c-d">Words</desc>');
    expect(text).toContain('&lt;b&gt;');
    expect(text).toContain('d="M0,100L1000,0"');
  });

  test('what is held until it is measured again is drawn in steps, with a dot where it was measured', () => {
    const held = (shape: 'line' | 'step' | 'held'): string =>
      lineChart({
        ...{ id: 'c', title: 'T', description: 'W', heightPx: 100, x: timeAxis(10), y: niceAxis(0, 10) },
        series: [
          {
            points: [
              [0, 0],
              [5, 10],
              [10, 10],
            ],
            ...{ label: 'l', style: 0, shape, labelled: true },
          },
        ],
      }).text;
    expect(held('held')).toContain('d="M0,100H500V0H1000V0"');
    expect(held('held').match(/class="dot /g)).toHaveLength(3);
    expect(held('step')).not.toContain('class="dot ');
  });

  test('a gap breaks the line, a single point is a dot, and none at all is no mistake', () => {
    expect(
      chart([
        [0, 0],
        [2, null],
        [4, 5],
        [10, 5],
      ]),
    ).toContain('d="M0,100M400,50L1000,50"');
    expect(chart([[5, 5]])).toContain('<circle');
    expect(chart([])).not.toContain('NaN');
  });
});
