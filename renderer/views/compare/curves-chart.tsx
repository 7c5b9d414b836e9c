/** Accuracy or loss of everything that is compared, against time or bytes, in one chart. */
import { useMemo, useState } from 'react';
import type { ComparisonRow } from '../../../main/core/comparison.ts';
import { bytesAxis, niceAxis, shareAxis, timeAxis } from '../../../main/core/display/axis.ts';
import { bytes, chosenPercent, figure, percent, plural, seconds } from '../../../main/core/display/format.ts';
import { ChartCard } from '../../charts/chart-card.tsx';
import { Legend, type LegendItem } from '../../charts/legend.tsx';
import { LinePlot } from '../../charts/line-plot.tsx';
import { useFocusedWorker } from '../../charts/moment.ts';
import { SMALL_INSETS } from '../../charts/plot-area.ts';
import { MAX_LINES } from '../../charts/series-style.ts';
import { Segmented } from '../../components/segmented.tsx';
import { type Curve, curvesOf, type CurveUnit, isBound } from './compared-rows.ts';

const HEIGHT = 260;
/** Judgements of a line that are so few that each is a dot. */
const MAX_DOTS = 12;
const UNITS = [
  { value: 'time', label: 'Time' },
  { value: 'bytes', label: 'Bytes' },
] as const;
const VALUES = [
  { value: 'accuracy', label: 'Accuracy' },
  { value: 'loss', label: 'Loss' },
] as const;

export interface CurvesChartProps {
  rows: readonly ComparisonRow[];
  target: number | null;
  about: string;
  empty?: string | undefined;
}

export function CurvesChart({ rows, target, about, empty }: CurvesChartProps) {
  const [unit, setUnit] = useState<CurveUnit>('time');
  const [of, setOf] = useState<'accuracy' | 'loss'>('accuracy');
  const focused = useFocusedWorker();
  const curves = useMemo(() => curvesOf(rows, unit, of), [rows, unit, of]);
  const styles = useMemo(() => new Map(rows.map(({ policy }, index) => [policy, styleOf(index)])), [rows]);
  const farthest = curves.reduce((most, { points }) => Math.max(most, points.at(-1)?.[0] ?? 0), 0);
  const values = curves.flatMap(({ points }) => points.flatMap(([, value]) => (value === null ? [] : [value])));
  const [low, high] = [values.reduce((a, b) => Math.min(a, b), 1), values.reduce((a, b) => Math.max(a, b), 0)];
  const left =
    of === 'accuracy'
      ? shareAxis(Math.min(low, target ?? 1), Math.max(high, target ?? 0))
      : niceAxis(0, high, 5, figure);
  const summary = curvesSummary(rows, target);
  return (
    <ChartCard
      title={of === 'accuracy' ? 'Accuracy' : 'Loss'}
      note={`of the global model on validation rows, against ${unit === 'time' ? 'time of training' : 'bytes sent by all, training rows included'}`}
      summary={summary}
      about={about}
      controls={
        <>
          <Segmented label="Value" value={of} options={VALUES} onChange={setOf} />
          <Segmented label="Horizontal axis" value={unit} options={UNITS} onChange={setUnit} />
        </>
      }
      legend={
        <Legend
          items={rows.map(({ policy }): LegendItem => ({
            key: policy,
            name: policy,
            swatch: { kind: 'line', style: styles.get(policy) ?? null },
          }))}
        />
      }
      table={() => ({
        columns: ['policy', unit === 'time' ? 'seconds' : 'bytes', of],
        rows: curves.flatMap(({ row, points }) => points.map(([x, y]) => [row, x, y] as const)),
      })}
      empty={
        curves.every(({ points }) => points.length === 0)
          ? (empty ?? 'Nothing was judged while it trained.')
          : undefined
      }
    >
      <LinePlot
        height={HEIGHT}
        insets={SMALL_INSETS}
        x={unit === 'time' ? timeAxis(farthest, 7) : bytesAxis(farthest, 7)}
        left={left}
        reference={
          of === 'accuracy' && target !== null ? { value: target, label: `target ${chosenPercent(target)}` } : undefined
        }
        lines={curves.map((curve: Curve) => ({
          key: curve.key,
          points: curve.points,
          // A judgement holds until the next.
          step: true,
          dots: curve.points.length <= MAX_DOTS,
          style: styles.get(curve.row) ?? null,
          faded: focused !== null && focused !== curve.row,
        }))}
        label={`${of} of ${plural(rows.length, 'row')}. ${summary}`}
      />
    </ChartCard>
  );
}

function styleOf(index: number): number | null {
  return index < MAX_LINES ? index : null;
}

function curvesSummary(rows: readonly ComparisonRow[], target: number | null): string {
  if (target === null) {
    const best = rows.toSorted((a, b) => (b.accuracy?.median ?? 0) - (a.accuracy?.median ?? 0))[0];
    if (best === undefined || best.accuracy === null) return 'No accuracy is known yet.';
    return `${best.policy} came highest: ${percent(best.accuracy.median)} on the test rows, for ${bytes(best.bytes.up + best.bytes.down + best.bytes.control)}.`;
  }
  const policies = rows.filter((row) => !isBound(row));
  const reached = policies.filter(({ secondsToTarget }) => secondsToTarget !== null);
  const first = reached.toSorted((a, b) => (a.secondsToTarget?.median ?? 0) - (b.secondsToTarget?.median ?? 0))[0];
  if (first === undefined) return `None has reached ${chosenPercent(target)}.`;
  return `${first.policy} was first at ${chosenPercent(target)}, after ${seconds(first.secondsToTarget?.median)}; ${reached.length} of ${policies.length} reached it.`;
}
