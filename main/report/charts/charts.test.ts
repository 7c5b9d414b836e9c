import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { niceAxis, timeAxis } from '../../core/display/axis.ts';
import type { Point } from '../../core/display/downsample.ts';
import { LABEL_SPACING_PX, spreadLabels } from './labels.ts';
import { lineChart } from './line-chart.ts';
import { placedWords } from './plot.ts';

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

describe('words of events', () => {
  test('lie on no other at any width that they are shown at, whatever happened when', () => {
    const words = fc.array(
      fc.record({ share: fc.double({ min: 0, max: 1, noNaN: true }), widthPx: fc.integer({ min: 10, max: 200 }) }),
      {
        maxLength: 12,
      },
    );
    const widths = [160, 200, 250, 300, 340, 391, 500, 978];
    fc.assert(
      fc.property(words, fc.constantFrom(...widths), (some, plotPx) => {
        const inOrder = some.toSorted((left, right) => left.share - right.share);
        const room = [160, 250, 340, 500].findLastIndex((width) => width <= plotPx);
        const spans = [...placedWords(inOrder)]
          .filter(([, word]) => word.room <= room)
          .map(([index, { isLeftward }]) => {
            const { share, widthPx } = inOrder[index] as (typeof some)[number];
            const at = share * plotPx;
            return isLeftward ? { from: at - widthPx, to: at } : { from: at, to: at + widthPx };
          })
          .toSorted((left, right) => left.from - right.from);
        spans.forEach(({ from, to }, index) => {
          expect(from).toBeGreaterThanOrEqual(-20.1);
          expect(to).toBeLessThanOrEqual(plotPx + 0.1);
          const next = spans[index + 1];
          if (next !== undefined) expect(to).toBeLessThanOrEqual(next.from + 0.1);
        });
      }),
    );
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
