/** A value of each worker over time: lines while they can be told apart, a heat map beyond that. */
import { useCallback, useMemo } from 'react';
import { type Axis, niceAxis } from '../../../main/core/display/axis.ts';
import type { Point } from '../../../main/core/display/downsample.ts';
import { clock } from '../../../main/core/display/format.ts';
import { Canvas, type Drawing } from '../../charts/canvas.tsx';
import { ChartCard, type ChartCardProps } from '../../charts/chart-card.tsx';
import type { Table } from '../../charts/csv-file.ts';
import { drawHeatMap } from '../../charts/heat-map.ts';
import { Legend } from '../../charts/legend.tsx';
import { LinePlot } from '../../charts/line-plot.tsx';
import { useFocusedWorker } from '../../charts/moment.ts';
import { MomentLayer } from '../../charts/moment-layer.tsx';
import { SMALL_INSETS, TIME_INSETS } from '../../charts/plot-area.ts';
import { MAX_LINES } from '../../charts/series-style.ts';
import { RATE_CELLS, valueAt, type WorkerLine } from './run-lines.ts';

const HEIGHT = 176;
const MAX_HEAT_HEIGHT = 320;
const MAX_DOTS = 30;

export interface WorkerLinesProps {
  title: string;
  note: string;
  unit: string;
  summary: string;
  about: string;
  empty: string;
  lines: readonly WorkerLine[];
  axis: Axis;
  /** A value holds until the next. */
  step?: boolean;
  /** Values stand apart: each is a dot while they are few. */
  sparse?: boolean;
  text: (value: number | null) => string;
  controls?: ChartCardProps['controls'];
  /** Number of the colour of a heat map. */
  style: number;
}

export function WorkerLinesChart(props: WorkerLinesProps) {
  const {
    title,
    note,
    summary,
    about,
    empty,
    lines,
    axis,
    step = false,
    sparse = false,
    text,
    unit,
    controls,
    style,
  } = props;
  const focused = useFocusedWorker();
  const asLines = lines.length <= MAX_LINES;
  const top = lines.reduce(
    (most, { points }) => points.reduce((high, [, value]) => Math.max(high, value ?? 0), most),
    0,
  );
  const left = useMemo(() => niceAxis(0, top === 0 ? 1 : top, 4, (value) => text(value)), [top, text]);
  const isEmpty = lines.every(({ points }) => points.length === 0);
  const height = asLines ? HEIGHT : Math.min(MAX_HEAT_HEIGHT, Math.max(HEIGHT, 40 + lines.length * 5));
  const draw = useCallback<Drawing>(
    (surface, colors) =>
      drawHeatMap(surface, colors, {
        insets: TIME_INSETS,
        axis,
        rows: lines.map(({ worker, points }) => ({ name: worker, values: cellsOf(points, axis, step) })),
        max: top,
        style,
        focused,
      }),
    [axis, lines, step, top, style, focused],
  );
  const legend = asLines ? (
    <Legend
      items={lines.map(({ worker, points }, index) => ({
        key: worker,
        name: worker,
        swatch: { kind: 'line', style: index },
        at: (seconds) => text(valueAt(points, seconds)),
      }))}
    />
  ) : (
    <HeatLegend style={style} least={text(0)} most={`${text(top)} ${unit}`} />
  );
  return (
    <ChartCard
      title={title}
      note={note}
      summary={summary}
      about={about}
      controls={controls}
      legend={legend}
      table={() => linesTable(lines, unit)}
      {...(!asLines && { picture: { draw, height } })}
      empty={isEmpty ? empty : undefined}
    >
      {asLines ? (
        <LinePlot
          height={height}
          insets={SMALL_INSETS}
          x={axis}
          left={left}
          lines={lines.map(({ worker, points }, index) => ({
            key: worker,
            points,
            style: index,
            step,
            dots: sparse && points.length <= MAX_DOTS,
            faded: focused !== null && focused !== worker,
          }))}
          label={`${title}. ${summary}`}
        >
          <MomentLayer insets={SMALL_INSETS} axis={axis} label="Moment shown by every chart" say={clock} />
        </LinePlot>
      ) : (
        <Canvas draw={draw} height={height} label={`${title}, a row for each worker. ${summary}`}>
          <MomentLayer insets={TIME_INSETS} axis={axis} label="Moment shown by every chart" say={clock} />
        </Canvas>
      )}
    </ChartCard>
  );
}

function HeatLegend({ style, least, most }: { style: number; least: string; most: string }) {
  return (
    <p className="heat-legend">
      {least}
      <span className={`heat-ramp heat-${style}`} aria-hidden />
      {most}
    </p>
  );
}

/** Values in equal cells of the axis; NaN where nothing is known. */
function cellsOf(points: readonly Point[], { min, max }: Axis, step: boolean): Float32Array {
  const cells = new Float32Array(RATE_CELLS).fill(NaN);
  const width = (max - min) / RATE_CELLS;
  points.forEach(([at, value], index) => {
    const from = Math.max(0, Math.floor((at - min) / width));
    const next = points[index + 1]?.[0];
    const to = step && next !== undefined ? Math.ceil((next - min) / width) : from + 1;
    for (let cell = from; cell < to && cell < RATE_CELLS; cell++) cells[cell] = value ?? NaN;
  });
  return cells;
}

function linesTable(lines: readonly WorkerLine[], unit: string): Table {
  return {
    columns: ['worker', 'seconds', unit],
    rows: lines.flatMap(({ worker, points }) =>
      points.flatMap(([at, value]) => (value === null ? [] : [[worker, at, value] as const])),
    ),
  };
}
