/** Lines that people read, with axes, a target and marks of events. Few points, no animation. */
import { memo, type ReactNode } from 'react';
import { CartesianGrid, Line, LineChart, ReferenceLine, XAxis, YAxis } from 'recharts';
import type { Axis } from '../../main/report/charts/scale.ts';
import type { Point } from '../../main/report/downsample.ts';
import type { Insets } from './plot-area.ts';
import { useRechartsAxis } from './recharts-axis.ts';
import { colorOf, dashOf } from './series-style.ts';
import { PlotFrame } from './plot-frame.tsx';

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
}

export interface LinePlotProps {
  height: number;
  insets: Insets;
  x: Axis;
  left: Axis;
  right?: Axis;
  lines: readonly PlotLine[];
  /** On the left axis. */
  reference?: { value: number; label: string } | undefined;
  marks?: readonly PlotMark[];
  label: string;
  children?: ReactNode;
}

const TONES = { bad: 'var(--bad)', warn: 'var(--warn)', plain: 'var(--rule-strong)' } as const;

export const LinePlot = memo(function LinePlot(props: LinePlotProps) {
  const { height, insets, x, left, right, lines, reference, marks = [], label, children } = props;
  const across = useRechartsAxis(x);
  const leftAxis = useRechartsAxis(left);
  const rightAxis = useRechartsAxis(right ?? left);
  return (
    <PlotFrame
      {...{ height, label }}
      drawing={(width) => (
        <LineChart
          width={width}
          height={height}
          margin={{ top: insets.top, bottom: 0, left: 0, right: right === undefined ? insets.right : 0 }}
          accessibilityLayer={false}
        >
          <CartesianGrid stroke="var(--grid)" vertical={false} />
          <XAxis dataKey="x" height={insets.bottom} allowDuplicatedCategory={false} {...across} />
          <YAxis yAxisId="left" width={insets.left} {...leftAxis} />
          {right !== undefined && <YAxis yAxisId="right" orientation="right" width={insets.right} {...rightAxis} />}
          {marks.map((mark, index) => (
            <ReferenceLine
              key={`mark-${index}`}
              yAxisId="left"
              x={mark.x}
              stroke={TONES[mark.tone]}
              strokeDasharray="2 3"
            />
          ))}
          {reference !== undefined && (
            <ReferenceLine
              yAxisId="left"
              y={reference.value}
              stroke="var(--muted)"
              strokeDasharray="5 4"
              label={{ value: reference.label, position: 'insideTopLeft', fill: 'var(--muted)', fontSize: 11 }}
            />
          )}
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
              dot={dots ? { r: 2.5, strokeDasharray: '', fill: 'var(--surface)' } : false}
              activeDot={false}
              connectNulls={false}
              isAnimationActive={false}
              legendType="none"
            />
          ))}
        </LineChart>
      )}
    >
      {children}
    </PlotFrame>
  );
});
