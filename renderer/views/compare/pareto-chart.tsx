/** Accuracy against bytes: what each byte bought. Those that nothing beats in both are joined by a line. */
import { useCallback, useMemo } from 'react';
import type { ComparisonRow } from '../../../main/core/comparison.ts';
import { bytesAxis, shareAxis } from '../../../main/core/display/axis.ts';
import { bytes, percent } from '../../../main/core/display/format.ts';
import { Canvas, type Drawing } from '../../charts/canvas.tsx';
import { ChartCard } from '../../charts/chart-card.tsx';
import { areaOf, drawGround } from '../../charts/ground.ts';
import { type Box, placeNames } from '../../charts/label-places.ts';
import { useFocusedWorker } from '../../charts/moment.ts';
import { SMALL_INSETS, toPixel } from '../../charts/plot-area.ts';
import { DIAMOND } from '../../charts/surface.ts';
import { wordWidth } from '../../charts/word-width.ts';
import { type Trade, trades } from './compared-rows.ts';

const HEIGHT = 260;
const INSETS = { ...SMALL_INSETS, right: 24, top: 18 };
/** Of the marks: those that nothing beats are larger. */
const SCALE = 1.3;
const BEST_SCALE = 1.7;

export function ParetoChart({ rows, about }: { rows: readonly ComparisonRow[]; about: string }) {
  const points = useMemo(() => trades(rows), [rows]);
  const focused = useFocusedWorker();
  const draw = useCallback<Drawing>(
    (surface, colors) => {
      const x = bytesAxis(Math.max(0, ...points.map((point) => point.bytes)) * 1.05, 6);
      const accuracies = points.map(({ accuracy }) => accuracy);
      const spread = Math.max(0.01, Math.max(...accuracies) - Math.min(...accuracies));
      const y = shareAxis(Math.max(0, Math.min(...accuracies) - spread * 0.15), Math.max(...accuracies) + spread * 0.1);
      const area = areaOf(surface, INSETS);
      drawGround(surface, colors, area, x, y);
      const placed = points.map((point) => ({
        ...point,
        px: toPixel(x, area.left, area.right, point.bytes),
        py: toPixel(y, area.bottom, area.top, point.accuracy),
      }));
      const front = placed.filter(({ isBest }) => isBest).sort((left, right) => left.px - right.px);
      const steps = front.flatMap(({ px, py }, index) =>
        index === 0 ? [px, py] : [px, front[index - 1]?.py ?? py, px, py],
      );
      surface.line(steps, { color: colors.muted, width: 1.25, dash: [4, 3] });
      const radius = (isBest: boolean): number => (DIAMOND[2] ?? 0) * (isBest ? BEST_SCALE : SCALE);
      const names = placeNames(
        placed.map(({ row, px, py, isBest }) => ({ x: px, y: py, radius: radius(isBest), widthPx: wordWidth(row) })),
        area,
        stepBoxes(steps),
      );
      placed.forEach(({ row, px, py, isBest }, index) => {
        const order = rows.findIndex(({ policy }) => policy === row);
        const isFaded = focused !== null && focused !== row;
        const color = isFaded ? colors.crowd : (colors.series[order % colors.series.length] ?? colors.accent);
        const shape = DIAMOND.map((offset) => offset * (isBest ? BEST_SCALE : SCALE));
        surface.mark(px, py, shape, color);
        const name = names[index];
        if (name) surface.text(name.x, name.y, row, isFaded ? colors.muted : colors.text, name.align);
      });
    },
    [points, rows, focused],
  );
  const summary = paretoSummary(points);
  return (
    <ChartCard
      title="What the bytes bought"
      note="test accuracy against updates, models and control sent; the line joins those that nothing beats in both"
      summary={summary}
      about={about}
      table={() => ({
        columns: ['policy', 'bytes', 'accuracy', 'beaten by none'],
        rows: points.map(({ row, bytes: sent, accuracy, isBest }) => [row, sent, accuracy, isBest ? 'yes' : 'no']),
      })}
      picture={{ draw, height: HEIGHT }}
      empty={points.length === 0 ? 'No accuracy on the test rows is known yet.' : undefined}
    >
      <Canvas draw={draw} height={HEIGHT} label={`Accuracy against bytes. ${summary}`} />
    </ChartCard>
  );
}

/** What the line of steps covers, piece by piece. */
function stepBoxes(steps: readonly number[]): Box[] {
  const boxes: Box[] = [];
  for (let index = 2; index + 1 < steps.length; index += 2) {
    const [fromX, fromY, toX, toY] = steps.slice(index - 2, index + 2) as [number, number, number, number];
    boxes.push({
      left: Math.min(fromX, toX) - 1,
      right: Math.max(fromX, toX) + 1,
      top: Math.min(fromY, toY) - 1,
      bottom: Math.max(fromY, toY) + 1,
    });
  }
  return boxes;
}

function paretoSummary(points: readonly Trade[]): string {
  const best = points.filter(({ isBest }) => isBest).sort((left, right) => left.bytes - right.bytes);
  const [cheapest, dearest] = [best[0], best.at(-1)];
  if (cheapest === undefined || dearest === undefined) return 'Nothing to compare yet.';
  if (best.length === 1)
    return `${cheapest.row} is at once most accurate, ${percent(cheapest.accuracy)}, and cheapest, ${bytes(cheapest.bytes)}.`;
  return `${cheapest.row} is cheapest: ${percent(cheapest.accuracy)} for ${bytes(cheapest.bytes)}; ${dearest.row} most accurate: ${percent(dearest.accuracy)} for ${bytes(dearest.bytes)}.`;
}
