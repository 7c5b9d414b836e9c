/** Areas one upon the other, and lines beside them that they are measured against. */
import { memo, type ReactNode } from 'react';
import { Area, CartesianGrid, ComposedChart, Line, XAxis, YAxis } from 'recharts';
import type { Axis } from '../../main/core/display/axis.ts';
import { useRechartsAxis } from './recharts-axis.ts';
import type { Insets } from './plot-area.ts';
import { colorOf } from './series-style.ts';
import { PlotFrame } from './plot-frame.tsx';

/** `x` and a number for each key; null where it is not known. */
export type AreaRow = Readonly<Record<string, number | null>>;

export interface AreaPlotProps {
  height: number;
  insets: Insets;
  x: Axis;
  y: Axis;
  rows: readonly AreaRow[];
  /** From the bottom up. */
  areas: readonly { key: string; style: number }[];
  /** Dashed. */
  lines: readonly string[];
  label: string;
  children?: ReactNode;
}

export const AreaPlot = memo(function AreaPlot(props: AreaPlotProps) {
  const { height, insets, x, y, rows, areas, lines, label, children } = props;
  const across = useRechartsAxis(x);
  const upward = useRechartsAxis(y);
  return (
    <PlotFrame
      {...{ height, label }}
      drawing={(width) => (
        <ComposedChart
          width={width}
          height={height}
          data={rows}
          margin={{ top: insets.top, bottom: 0, left: 0, right: insets.right }}
          accessibilityLayer={false}
        >
          <CartesianGrid stroke="var(--grid)" vertical={false} />
          <XAxis dataKey="x" height={insets.bottom} {...across} />
          <YAxis width={insets.left} {...upward} />
          {areas.map(({ key, style }) => (
            <Area
              key={key}
              dataKey={key}
              stackId="sum"
              stroke={colorOf(style)}
              fill={colorOf(style)}
              fillOpacity={0.55}
              isAnimationActive={false}
              activeDot={false}
            />
          ))}
          {lines.map((key) => (
            <Line
              key={key}
              dataKey={key}
              stroke="var(--text)"
              strokeWidth={1.5}
              strokeDasharray="5 4"
              dot={false}
              activeDot={false}
              isAnimationActive={false}
            />
          ))}
        </ComposedChart>
      )}
    >
      {children}
    </PlotFrame>
  );
});
