/** What is compared, a row each, with speed-ups against a row of the reader's choice. */
import { useMemo } from 'react';
import { bytes, chosenPercent, count, decimal, percent, seconds, UNKNOWN } from '../../../main/core/display/format.ts';
import { Card } from '../../components/card.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { SelectField } from '../../components/field.tsx';
import { useFocusedWorker, useMoment } from '../../charts/moment.ts';
import { isBound, sentOf, type ShownRow, speedUp } from './compared-rows.ts';

export interface ComparisonTableProps {
  rows: readonly ShownRow[];
  target: number | null;
  baseline: string | null;
  onBaseline: (row: string) => void;
  /** Address of what a row stands for. */
  open?: (row: ShownRow) => void;
}

export function ComparisonTable({ rows, target, baseline, onBaseline, open }: ComparisonTableProps) {
  const moment = useMoment();
  const focused = useFocusedWorker();
  const against = rows.find(({ policy }) => policy === baseline);
  const isTimed = rows.some(({ timingOnly }) => timingOnly === true);
  const columns = useMemo(() => columnsOf(target, against, isTimed), [target, against, isTimed]);
  return (
    <Card
      title="Side by side"
      note="median over seeds, with its 95 % interval; sent: updates, models and control"
      actions={
        <SelectField
          label="Speed-up against"
          inline
          value={baseline ?? ''}
          options={rows.map(({ policy }) => ({ value: policy, label: policy }))}
          onChange={onBaseline}
        />
      }
      flush
    >
      <DataTable
        label="Comparison"
        rows={rows}
        columns={columns}
        rowKey={({ policy }) => policy}
        rowName={({ policy }) => policy}
        active={focused}
        onOpen={open ?? (({ policy }) => moment.toggleWorker(policy))}
      />
    </Card>
  );
}

function columnsOf(target: number | null, baseline: ShownRow | undefined, isTimed: boolean): Column<ShownRow>[] {
  return [
    {
      id: 'policy',
      header: 'policy',
      cell: (row) => (
        <span className="compare-name">
          <span className="cut">{row.policy}</span>
          {isBound(row) && (
            <span className="muted"> {row.policy === 'solo' ? 'fastest device alone' : 'all speed in one device'}</span>
          )}
        </span>
      ),
      sortBy: ({ policy }) => policy,
    },
    {
      id: 'seconds',
      header: target === null ? 'time to target' : `time to ${chosenPercent(target)}`,
      numeric: true,
      cell: (row) => timeText(row, target),
      sortBy: (row) => row.secondsToTarget?.median,
    },
    {
      id: 'reached',
      header: 'reached',
      numeric: true,
      needs: 'medium',
      cell: ({ reached, censored }) =>
        target === null ? (
          UNKNOWN
        ) : (
          <span className={censored > 0 ? 'tone-warn' : undefined}>{`${reached} of ${reached + censored}`}</span>
        ),
      sortBy: ({ reached }) => reached,
    },
    {
      id: 'speedup',
      header: 'speed-up',
      numeric: true,
      cell: (row) => {
        const gain = speedUp(row, baseline, target);
        return gain === null ? UNKNOWN : `${gain.atLeast ? '> ' : ''}${decimal(gain.factor, 2)}×`;
      },
      sortBy: (row) => speedUp(row, baseline, target)?.factor,
    },
    {
      id: 'accuracy',
      header: isTimed ? 'stand-in accuracy' : 'test accuracy',
      numeric: true,
      cell: ({ accuracy }) => percent(accuracy?.median, 2),
      sortBy: ({ accuracy }) => accuracy?.median,
    },
    { id: 'sent', header: 'sent', numeric: true, cell: (row) => bytes(sentOf(row)), sortBy: sentOf },
    {
      id: 'saved',
      header: 'saved',
      numeric: true,
      cell: ({ bytes: { savedPercent } }) => (
        <span title="Against BSP in float32, one push and one pull per local iteration">
          {savedPercent === null ? UNKNOWN : `${decimal(savedPercent, 1)} %`}
        </span>
      ),
      sortBy: (row) => row.bytes.savedPercent,
    },
    {
      id: 'waiting',
      header: 'waiting',
      numeric: true,
      cell: ({ waitShare }) => percent(waitShare),
      sortBy: ({ waitShare }) => waitShare,
    },
    {
      id: 'pushes',
      header: 'pushes',
      numeric: true,
      needs: 'wide',
      cell: ({ pushes }) => count(pushes),
      sortBy: ({ pushes }) => pushes,
    },
    {
      id: 'iterations',
      header: 'iterations',
      numeric: true,
      needs: 'wide',
      cell: ({ iterations }) => count(iterations),
      sortBy: ({ iterations }) => iterations,
    },
    {
      id: 'rate',
      header: 'rate',
      numeric: true,
      needs: 'wide',
      cell: ({ learningRate }) => decimal(learningRate, 4, 0),
      sortBy: ({ learningRate }) => learningRate,
    },
  ];
}

/** A censored run is shown as what is known of it: that it takes longer. */
function timeText({ secondsToTarget, censored, restrictedSeconds }: ShownRow, target: number | null): string {
  if (target === null) return UNKNOWN;
  if (secondsToTarget === null) return `> ${seconds(restrictedSeconds)}`;
  const { median, low, high } = secondsToTarget;
  const least = censored > 0 ? '≥ ' : '';
  if (high <= low) return `${least}${seconds(median)}`;
  return `${least}${decimal(median, 1)} s [${decimal(low, 1)}, ${decimal(high, 1)}]`;
}
