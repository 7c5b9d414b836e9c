/** The gate: z-score of every local iteration against the threshold of its worker. At or below it a worker pushes. */
import { useCallback, useMemo } from 'react';
import { niceAxis } from '../../../main/core/display/axis.ts';
import { clock, decimal } from '../../../main/core/display/format.ts';
import { Canvas, type Drawing } from '../../charts/canvas.tsx';
import { ChartCard } from '../../charts/chart-card.tsx';
import { Legend, type LegendItem } from '../../charts/legend.tsx';
import { useFocusedWorker } from '../../charts/moment.ts';
import { MomentLayer } from '../../charts/moment-layer.tsx';
import { SMALL_INSETS } from '../../charts/plot-area.ts';
import { drawScatter } from '../../charts/scatter.ts';
import { dashOf, MAX_LINES } from '../../charts/series-style.ts';
import { gateRange, gateTable, gateTraces } from './gate-dots.ts';
import { runAxis } from './run-axis.ts';
import { useChartPace, useRun } from './run-context.ts';
import { gateSummary } from './run-summaries.ts';

const HEIGHT = 196;
const US = 1e6;

const ITEMS: readonly LegendItem[] = [
  { key: 'held', name: 'iteration, not pushed', swatch: { kind: 'dot', color: 'var(--muted)' } },
  { key: 'pushed', name: 'pushed', swatch: { kind: 'diamond', color: 'var(--text)' } },
  { key: 'threshold', name: 'threshold, by worker', swatch: { kind: 'line', style: 0 } },
];

export function GateChart() {
  const { feed, isOpen, about } = useRun();
  const version = useChartPace();
  const focused = useFocusedWorker();
  const { picture } = feed;
  const { traces, x, y } = useMemo(
    () => {
      const all = gateTraces(picture);
      const [low, high] = gateRange(all);
      return { traces: all, x: runAxis(picture.atUs / US, isOpen, 5), y: niceAxis(low, high, 5, zText) };
    },
    // The picture grows in place: its version says that it is another.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [picture, version, isOpen],
  );
  const draw = useCallback<Drawing>(
    (surface, colors) => {
      const styled = traces.map((trace, index) => ({
        trace,
        color: index < MAX_LINES && traces.length <= MAX_LINES ? (colors.series[index] ?? colors.crowd) : colors.crowd,
        dash: traces.length <= MAX_LINES ? dashOf(index) : [],
        isShown: focused === null || focused === trace.worker,
      }));
      const shown = styled.filter(({ isShown }) => isShown);
      drawScatter(surface, colors, {
        insets: SMALL_INSETS,
        x,
        y,
        dots: [
          ...shown.map(({ trace, color }) => ({
            x: trace.x,
            y: trace.z,
            count: trace.x.length,
            color,
            shape: 'dot' as const,
          })),
          ...shown.map(({ trace, color }) => ({
            x: trace.pushX,
            y: trace.pushZ,
            count: trace.pushX.length,
            color: traces.length <= MAX_LINES ? color : colors.text,
            shape: 'diamond' as const,
          })),
        ],
        lines: shown.map(({ trace, color, dash }) => ({ points: trace.threshold, color, dash, width: 1.25 })),
      });
    },
    [traces, x, y, focused],
  );
  const summary = gateSummary(picture);
  return (
    <ChartCard
      title="The gate"
      note={`z-score of the newest loss on held-out rows${focused === null ? '' : `, ${focused} alone`}`}
      summary={summary}
      about={about}
      legend={<Legend items={ITEMS} />}
      table={() => gateTable(picture)}
      picture={{ draw, height: HEIGHT }}
      empty={traces.length === 0 ? 'No z-score yet: the gate fills its window first.' : undefined}
    >
      <Canvas draw={draw} height={HEIGHT} label={`z-scores and thresholds of the gate. ${summary}`}>
        <MomentLayer insets={SMALL_INSETS} axis={x} label="Moment shown by every chart" say={clock} />
      </Canvas>
    </ChartCard>
  );
}

function zText(value: number): string {
  return decimal(value, 1, 0);
}
