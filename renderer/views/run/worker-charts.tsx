/** What each worker does and is given, over time: samples per second, allocation, staleness. */
import { useMemo, useState } from 'react';
import { count, decimal } from '../../../main/core/display/format.ts';
import { Segmented } from '../../components/segmented.tsx';
import { runAxis } from './run-axis.ts';
import { useChartPace, useRun } from './run-context.ts';
import { allocationChanges, allocationLines, rateLines, stalenessLines } from './run-lines.ts';
import { allocationSummary, rateSummary, stalenessSummary } from './run-summaries.ts';
import { WorkerLinesChart } from './worker-lines-chart.tsx';

const US = 1e6;

/** The axis of now, and how to make lines again whenever the run has grown. */
function useRunTime() {
  const { feed, isOpen, about } = useRun();
  const version = useChartPace();
  const axis = useMemo(
    () => runAxis(feed.picture.atUs / US, isOpen, 5),
    // The picture grows in place: its version says that it is another.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [feed, version, isOpen],
  );
  return { picture: feed.picture, version, axis, about, isOpen };
}

export function RateChart() {
  const { picture, axis, about } = useRunTime();
  // `axis` is another object whenever the picture is.
  const lines = useMemo(() => rateLines(picture, axis), [picture, axis]);
  return (
    <WorkerLinesChart
      title="Samples per second"
      note="by worker, its waiting included"
      unit="samples/s"
      summary={rateSummary(picture)}
      about={about}
      empty="No local iteration has ended yet."
      lines={lines}
      axis={axis}
      text={rateText}
      style={2}
    />
  );
}

const ALLOCATIONS = [
  { value: 'samples', label: 'Data set' },
  { value: 'batch', label: 'Mini-batch' },
] as const;

export function AllocationChart() {
  const { picture, axis, about } = useRunTime();
  const [of, setOf] = useState<'samples' | 'batch'>('samples');
  const lines = useMemo(() => {
    void axis;
    return allocationLines(picture, of);
  }, [picture, axis, of]);
  const changes = allocationChanges(picture);
  const what = of === 'samples' ? 'rows' : 'rows a step';
  return (
    <WorkerLinesChart
      title="Allocation"
      note={of === 'samples' ? 'rows of one local iteration, by worker' : 'rows of one optimizer step, by worker'}
      unit="rows"
      summary={allocationSummary(lines, changes, what)}
      about={`${about} ${of}`}
      empty="Nothing has been allocated yet."
      lines={lines}
      axis={axis}
      step
      text={count}
      style={0}
      controls={<Segmented label="Allocation of" value={of} options={ALLOCATIONS} onChange={setOf} />}
    />
  );
}

export function StalenessChart() {
  const { picture, axis, about } = useRunTime();
  const lines = useMemo(() => stalenessLines(picture, axis), [picture, axis]);
  return (
    <WorkerLinesChart
      title="Staleness"
      note="model versions that applied pushes were behind, mean by worker"
      unit="versions"
      summary={stalenessSummary(picture)}
      about={about}
      empty="No push has been applied yet."
      lines={lines}
      axis={axis}
      sparse
      text={versionsText}
      style={3}
    />
  );
}

function rateText(value: number | null): string {
  return decimal(value, value !== null && value < 10 ? 1 : 0, 0);
}

function versionsText(value: number | null): string {
  return decimal(value, 1, 0);
}
