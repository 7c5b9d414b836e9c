/** Bytes by category, against what BSP in float32 would have sent for the same iterations. */
import { useMemo } from 'react';
import { COUNTERFACTUAL } from '../../../main/core/accounting.ts';
import { bytesAxis } from '../../../main/core/display/axis.ts';
import { bytes, clock, percent } from '../../../main/core/display/format.ts';
import { AreaPlot } from '../../charts/area-plot.tsx';
import { ChartCard } from '../../charts/chart-card.tsx';
import { Legend, type LegendItem } from '../../charts/legend.tsx';
import { MomentLayer } from '../../charts/moment-layer.tsx';
import { SMALL_INSETS } from '../../charts/plot-area.ts';
import { runAxis } from './run-axis.ts';
import { useChartPace, useRun } from './run-context.ts';
import { trafficAt, type TrafficRow, trafficRows } from './run-lines.ts';
import { trafficSummary } from './run-summaries.ts';

const HEIGHT = 176;
const US = 1e6;
const INSETS = { ...SMALL_INSETS, left: 58 };

/** From the bottom up. Training rows are not here: they are the same under any policy. */
const AREAS = [
  { key: 'update', name: 'updates', style: 0 },
  { key: 'model', name: 'models', style: 2 },
  { key: 'control', name: 'control', style: 3 },
] as const;
const LINES = ['counterfactual'] as const;

export function TrafficChart() {
  const { feed, isOpen, about } = useRun();
  const version = useChartPace();
  const { picture } = feed;
  const { rows, x, y, items } = useMemo(
    () => {
      const all = trafficRows(picture);
      const top = Math.max(0, ...all.map((row) => Math.max(row.counterfactual, sentOf(row))));
      return { rows: all, x: runAxis(picture.atUs / US, isOpen, 5), y: bytesAxis(top, 4), items: legendOf(all) };
    },
    // The picture grows in place: its version says that it is another.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [picture, version, isOpen],
  );
  const summary = trafficSummary(picture);
  return (
    <ChartCard
      title="Communication"
      note={`sent, against ${COUNTERFACTUAL}`}
      summary={summary}
      about={about}
      legend={<Legend items={items} />}
      table={() => ({
        columns: ['seconds', 'updates', 'models', 'control', 'training rows', 'counterfactual', 'saved share'],
        rows: rows.map((row) => [
          row.x,
          row.update,
          row.model,
          row.control,
          row.data,
          row.counterfactual,
          savedOf(row) ?? null,
        ]),
      })}
      empty={rows.length === 0 ? 'No traffic has been counted yet.' : undefined}
    >
      <AreaPlot
        height={HEIGHT}
        insets={INSETS}
        x={x}
        y={y}
        rows={rows}
        areas={AREAS}
        lines={LINES}
        label={`Bytes sent. ${summary}`}
      >
        <MomentLayer insets={INSETS} axis={x} label="Moment shown by every chart" say={clock} />
      </AreaPlot>
    </ChartCard>
  );
}

function sentOf({ update, model, control }: TrafficRow): number {
  return update + model + control;
}

function savedOf(row: TrafficRow | undefined): number | undefined {
  return row === undefined || row.counterfactual === 0 ? undefined : 1 - sentOf(row) / row.counterfactual;
}

function legendOf(rows: readonly TrafficRow[]): LegendItem[] {
  return [
    ...AREAS.map(({ key, name, style }) => ({
      key,
      name,
      swatch: { kind: 'fill' as const, color: `var(--series-${style})` },
      at: (seconds: number | null) => bytes(trafficAt(rows, seconds)?.[key]),
    })),
    {
      key: 'counterfactual',
      name: 'BSP, float32',
      swatch: { kind: 'line', style: 6, dash: true },
      at: (seconds) => bytes(trafficAt(rows, seconds)?.counterfactual),
    },
    {
      key: 'saved',
      name: 'saved',
      at: (seconds) => percent(savedOf(trafficAt(rows, seconds))),
    },
  ];
}
