/** Lines that people read, with axes, a target and marks of events. Few points, no animation. */
import { memo, type ReactNode, useMemo } from 'react';
import { CartesianGrid, Line, LineChart, ReferenceLine, XAxis, YAxis } from 'recharts';
import type { Axis } from '../../main/core/display/axis.ts';
import type { Point } from '../../main/core/display/downsample.ts';
import { type Insets, toPixel } from './plot-area.ts';
import { LINE_PX, placeAlong } from './label-places.ts';
import { useRechartsAxis } from './recharts-axis.ts';
import { colorOf, dashOf } from './series-style.ts';
import { PlotFrame } from './plot-frame.tsx';
import { FONT_PX } from './surface.ts';
import { wordWidth } from './word-width.ts';

export interface PlotLine {
  key: string;
  points: readonly Point[];
  /** Number of a colour and dash; null: one of a crowd. */
  style: number | null;
  axis?: 'left' | 'right';
  /** Holds a value until the next one. */
  step?: boolean;
  /** Stepped back, because another one is looked at. */
  faded?: boolean;
  /** A dot at every point. */
  dots?: boolean;
}

export interface PlotMark {
  x: number;
  tone: 'bad' | 'warn' | 'plain';
  /** Over the plot: the insets leave a line for it. Where two would lie on each other the earlier mark has its own. */
  label?: string;
  /** One of many: a tick on the axis instead of a line across the plot. */
  isSmall?: boolean;
}

/** Of the plot's height. */
const TICK_SHARE = 0.045;

export interface LinePlotProps {
  height: number;
  insets: Insets;
  x: Axis;
  left: Axis;
  right?: Axis;
  /** Over the axes: the insets leave a line for them. */
  titles?: { left: string; right: string };
  lines: readonly PlotLine[];
  /** On the left axis. */
  reference?: { value: number; label: string } | undefined;
  marks?: readonly PlotMark[];
  label: string;
  children?: ReactNode;
}

/** From the line to the word over or under it. */
const LEVEL_GAP_PX = 4;
const LABELS = { bad: 'var(--bad)', warn: 'var(--warn)', plain: 'var(--muted)' } as const;
const TONES = { bad: 'var(--bad)', warn: 'var(--warn)', plain: 'var(--rule-strong)' } as const;

export const LinePlot = memo(function LinePlot(props: LinePlotProps) {
  const { height, insets, x, left, right, titles, lines, reference, marks = [], label, children } = props;
  const leftTitle = useAxisTitle(titles?.left);
  const rightTitle = useAxisTitle(titles?.right);
  const across = useRechartsAxis(x);
  const leftAxis = useRechartsAxis(left);
  const rightAxis = useRechartsAxis(right ?? left);
  return (
    <PlotFrame
      {...{ height, label }}
      drawing={(width) => {
        const words = placedWords(marks, x, width - insets.left - insets.right);
        return (
          <LineChart
            width={width}
            height={height}
            margin={{ top: insets.top, bottom: 0, left: 0, right: right === undefined ? insets.right : 0 }}
            accessibilityLayer={false}
          >
            <CartesianGrid stroke="var(--grid)" vertical={false} />
            <XAxis dataKey="x" height={insets.bottom} allowDuplicatedCategory={false} {...across} />
            <YAxis yAxisId="left" width={insets.left} {...leftTitle} {...leftAxis} />
            {right !== undefined && (
              <YAxis yAxisId="right" orientation="right" width={insets.right} {...rightTitle} {...rightAxis} />
            )}
            {marks.map((mark, index) => (
              <ReferenceLine
                key={`mark-${index}`}
                yAxisId="left"
                {...(mark.isSmall
                  ? { segment: tickOf(mark.x, left), stroke: 'var(--faint)' }
                  : { x: mark.x, stroke: TONES[mark.tone], strokeDasharray: '2 3' })}
                {...(words[index] !== undefined && {
                  label: {
                    ...{ value: mark.label, position: 'top' as const, offset: 10, fill: LABELS[mark.tone] },
                    ...{ fontSize: FONT_PX, dx: words[index], className: 'plot-word' },
                  },
                })}
              />
            ))}
            {lines.map(({ key, points, style, axis = 'left', step = false, faded = false, dots = false }) => (
              <Line
                key={key}
                yAxisId={axis}
                data={points.map(([at, y]) => ({ x: at, y }))}
                dataKey="y"
                type={step ? 'stepAfter' : 'linear'}
                stroke={style === null ? 'var(--crowd)' : colorOf(style)}
                strokeWidth={style === null ? 1 : 1.75}
                strokeDasharray={style === null ? '' : dashOf(style).join(' ')}
                strokeOpacity={faded ? 0.18 : 1}
                dot={dots ? { r: 2.5, strokeDasharray: 'none', fill: 'var(--surface)' } : false}
                activeDot={false}
                connectNulls={false}
                isAnimationActive={false}
                legendType="none"
              />
            ))}
            {reference !== undefined && (
              <ReferenceLine
                yAxisId="left"
                y={reference.value}
                stroke="var(--muted)"
                strokeDasharray="5 4"
                label={{
                  ...{ value: reference.label, fill: 'var(--muted)', fontSize: FONT_PX, offset: LEVEL_GAP_PX },
                  position: isRoomAbove(reference.value, left, height - insets.top - insets.bottom)
                    ? 'insideBottomLeft'
                    : 'insideTopLeft',
                  className: 'plot-word plot-level',
                }}
              />
            )}
          </LineChart>
        );
      }}
    >
      {children}
    </PlotFrame>
  );
});

function tickOf(x: number, { min, max }: Axis): [{ x: number; y: number }, { x: number; y: number }] {
  return [
    { x, y: min },
    { x, y: min + TICK_SHARE * (max - min) },
  ];
}

/**
 * How far the word over each mark is moved, in pixels, to stay over the plot: beside it stand the names of the axes.
 * Undefined where it has none, or would lie on that of a mark before it.
 */
function placedWords(marks: readonly PlotMark[], axis: Axis, widthPx: number): (number | undefined)[] {
  const named = marks.flatMap(({ x, label }, index) =>
    label === undefined ? [] : [{ index, at: toPixel(axis, 0, widthPx, x), widthPx: wordWidth(label) }],
  );
  const shifts: (number | undefined)[] = marks.map(() => undefined);
  placeAlong(named, widthPx).forEach((middle, position) => {
    const word = named[position];
    if (middle !== null && word !== undefined) shifts[word.index] = middle - word.at;
  });
  return shifts;
}

/** Between a level and the top of the plot, for its word: over the plot stand those of marks. */
function isRoomAbove(value: number, { min, max }: Axis, heightPx: number): boolean {
  return ((max - value) / (max - min)) * heightPx >= LINE_PX + LEVEL_GAP_PX;
}

/** The same object for as long as the title is: another would have the axis laid out anew. */
function useAxisTitle(title: string | undefined) {
  return useMemo(
    () =>
      title === undefined
        ? {}
        : { label: { value: title, position: 'top' as const, offset: 10, fill: 'var(--muted)', fontSize: FONT_PX } },
    [title],
  );
}
