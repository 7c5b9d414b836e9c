/** Where the time goes: a lane per worker, so that a straggler is seen. A click on a lane looks at its worker. */
import { type MouseEvent, use, useCallback } from 'react';
import { clock } from '../../../main/core/display/format.ts';
import { Canvas, type Drawing } from '../../charts/canvas.tsx';
import { ChartCard } from '../../charts/chart-card.tsx';
import type { Table } from '../../charts/csv-file.ts';
import { drawLanes, laneHeight, lanesHeight } from '../../charts/lanes.ts';
import { SightContext } from '../../charts/in-sight.tsx';
import { Legend, type LegendItem } from '../../charts/legend.tsx';
import { useFocusedWorker, useMoment } from '../../charts/moment.ts';
import { MomentLayer } from '../../charts/moment-layer.tsx';
import { paced } from '../../charts/pace.ts';
import { TIME_INSETS } from '../../charts/plot-area.ts';
import { laneRows, sortedWorkers } from './lane-rows.ts';
import { runAxis } from './run-axis.ts';
import { canvasPace, useChartPace, useRun, useWorkerCount } from './run-context.ts';
import { lanesSummary } from './run-summaries.ts';

const US = 1e6;
const INSETS = { ...TIME_INSETS, top: 2 };

const ITEMS: readonly LegendItem[] = [
  { key: 'compute', name: 'compute', swatch: { kind: 'fill', color: 'var(--compute)' } },
  { key: 'wait', name: 'waiting', swatch: { kind: 'fill', color: 'var(--wait)' } },
  { key: 'transfer', name: 'transfer', swatch: { kind: 'fill', color: 'var(--transfer)' } },
  {
    key: 'under-way',
    name: 'under way',
    swatch: { kind: 'fill', color: 'color-mix(in srgb, var(--compute) 38%, transparent)' },
  },
  { key: 'lost', name: 'lost', swatch: { kind: 'outline', color: 'var(--lost)' } },
  { key: 'push', name: 'push', swatch: { kind: 'triangle', color: 'var(--text)' } },
];

export function LanesChart() {
  const { feed, isOpen, about } = useRun();
  const count = useWorkerCount();
  useChartPace();
  const focused = useFocusedWorker();
  const moment = useMoment();
  const draw = useCallback<Drawing>(
    (surface, colors) => {
      const axis = runAxis(feed.picture.atUs / US, isOpen);
      drawLanes(surface, colors, { insets: INSETS, axis, lanes: laneRows(feed.picture, axis, isOpen), focused });
    },
    [feed, isOpen, focused],
  );
  const sight = use(SightContext);
  const subscribe = useCallback(
    (listener: () => void) => paced(feed, canvasPace(count), listener, sight),
    [feed, count, sight],
  );
  const choose = (event: MouseEvent<HTMLDivElement>): void => {
    const top = event.currentTarget.getBoundingClientRect().top;
    const row = Math.floor((event.clientY - top - INSETS.top) / laneHeight(count));
    const worker = sortedWorkers(feed.picture)[row];
    if (worker !== undefined) moment.toggleWorker(worker.name);
  };
  const summary = lanesSummary(feed.picture);
  const height = lanesHeight(count, INSETS);
  return (
    <ChartCard
      title="Where the time goes"
      note="share of each worker’s time, measured by itself and by the server"
      summary={summary}
      about={about}
      legend={<Legend items={ITEMS} />}
      table={() => lanesTable(feed.picture)}
      picture={{ draw, height }}
      empty={count === 0 ? 'No worker has joined yet.' : undefined}
    >
      <div className="lanes" onClick={choose}>
        <Canvas draw={draw} height={height} subscribe={subscribe} label={`Time of each worker. ${summary}`}>
          <MomentLayer
            insets={INSETS}
            axis={runAxis(feed.picture.atUs / US, isOpen)}
            label="Moment shown by every chart"
            say={clock}
          />
        </Canvas>
      </div>
    </ChartCard>
  );
}

function lanesTable(picture: Parameters<typeof sortedWorkers>[0]): Table {
  return {
    columns: ['worker', 'from seconds', 'to seconds', 'compute ms', 'wait for others ms', 'transfer ms', 'pushes'],
    rows: sortedWorkers(picture).flatMap(({ name, time: { widthUs, first, columns } }) =>
      columns.computeUs.map((compute, index) => [
        name,
        ((first + index) * widthUs) / US,
        ((first + index + 1) * widthUs) / US,
        compute / 1000,
        (columns.heldUs[index] ?? 0) / 1000,
        (columns.transferUs[index] ?? 0) / 1000,
        columns.pushes[index] ?? 0,
      ]),
    ),
  };
}
