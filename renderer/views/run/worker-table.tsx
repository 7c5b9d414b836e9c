/**
 * Every worker of a run: speed, what it was given and why, staleness, path. A click looks at one: everything else
 * steps back. Of many only those in sight are in the page.
 */
import { memo, type UIEvent, useMemo, useState } from 'react';
import { count, decimal, UNKNOWN } from '../../../main/core/display/format.ts';
import { Card } from '../../components/card.tsx';
import { Icon } from '../../components/icon.tsx';
import { StatusDot } from '../../components/status-dot.tsx';
import { useFocusedWorker, useMoment } from '../../charts/moment.ts';
import { usePaced } from '../../charts/pace.ts';
import { Sparkline } from '../../charts/sparkline.tsx';
import { useRun } from './run-context.ts';
import { WorkerDetail } from './worker-detail.tsx';
import { type WorkerRow, workerRows } from './worker-rows.ts';

const TABLE_MS = 1000;
const ROW_PX = 44;
/** Rows beyond what fits, above and below. */
const SPARE_ROWS = 4;
const VIEW_ROWS = 10;
const COLUMNS = 7;

export function WorkerTable() {
  const { detail, feed, isOpen } = useRun();
  const isPaused = detail.status === 'paused';
  const version = usePaced(feed, TABLE_MS);
  const moment = useMoment();
  const focused = useFocusedWorker();
  const [first, setFirst] = useState(0);
  const rows = useMemo(
    () => workerRows(feed.picture, feed.paths, isOpen, isPaused),
    // The picture grows in place: its version says that it is another.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [feed, version, isOpen, isPaused],
  );
  const chosen = rows.find(({ name }) => name === focused);
  const { undrawnWorkers } = feed.picture;
  const shown = rows.slice(first, first + VIEW_ROWS + 2 * SPARE_ROWS);
  const below = rows.length - first - shown.length;
  const onScroll = (event: UIEvent<HTMLDivElement>): void => {
    if (rows.length <= VIEW_ROWS + 2 * SPARE_ROWS) return;
    const top = Math.max(0, Math.floor(event.currentTarget.scrollTop / ROW_PX) - SPARE_ROWS);
    // By whole steps, so that a scroll does not render at every pixel.
    setFirst(Math.min(top - (top % SPARE_ROWS), Math.max(0, rows.length - VIEW_ROWS)));
  };
  return (
    <Card
      title="Workers"
      note={`speed, what each was given, how far behind${undrawnWorkers > 0 ? `; ${count(undrawnWorkers)} more are counted but not listed` : ''}`}
      flush
    >
      <div className="worker-scroll" tabIndex={0} role="region" aria-label="Table of workers" onScroll={onScroll}>
        <table className="worker-table" aria-rowcount={rows.length + 1}>
          <colgroup>
            {Array.from({ length: COLUMNS }, (_, index) => (
              <col key={index} />
            ))}
          </colgroup>
          <thead>
            <tr>
              <th scope="col">worker</th>
              <th scope="col" className="number">
                samples/s
              </th>
              <th scope="col" className="worker-spark">
                <span className="unseen">samples/s over time</span>
              </th>
              <th scope="col">data set</th>
              <th scope="col">batch</th>
              <th scope="col" className="number" title="Model versions that its newest applied push was behind">
                stale
              </th>
              <th scope="col">path</th>
            </tr>
          </thead>
          <tbody>
            {first > 0 && <Spacer rows={first} />}
            {shown.map((row, index) => (
              <Row
                key={row.name}
                row={row}
                number={first + index + 2}
                isFocused={row.name === focused}
                isFaded={focused !== null && row.name !== focused}
                onChoose={() => moment.toggleWorker(row.name)}
              />
            ))}
            {below > 0 && <Spacer rows={below} />}
          </tbody>
        </table>
        {rows.length === 0 && <p className="event-none">No worker has joined yet.</p>}
      </div>
      {chosen !== undefined && <WorkerDetail row={chosen} />}
    </Card>
  );
}

function Spacer({ rows }: { rows: number }) {
  return (
    <tr aria-hidden className="worker-spacer">
      <td colSpan={COLUMNS} style={{ height: rows * ROW_PX }} />
    </tr>
  );
}

interface RowProps {
  row: WorkerRow;
  number: number;
  isFocused: boolean;
  isFaded: boolean;
  onChoose: () => void;
}

const Row = memo(function Row({ row, number, isFocused, isFaded, onChoose }: RowProps) {
  const { change, path } = row;
  return (
    <tr
      aria-rowindex={number}
      data-faded={isFaded || undefined}
      data-active={isFocused || undefined}
      onClick={onChoose}
    >
      <th scope="row">
        <button
          type="button"
          className="worker-name"
          aria-pressed={isFocused}
          title={row.name}
          onClick={(event) => {
            event.stopPropagation();
            onChoose();
          }}
        >
          <span className="cut">{row.name}</span>
        </button>
        <StatusDot {...row.state} />
      </th>
      <td className="number">{decimal(row.rate, row.rate !== null && row.rate < 10 ? 1 : 0)}</td>
      <td className="worker-spark">
        <Sparkline values={row.spark} color="var(--series-2)" width={52} height={22} />
      </td>
      <td>
        <Bar value={row.samples} share={row.samplesShare} />
        {change !== null && row.samples !== null && (
          <span className="worker-change" title={`At ${change.at}: ${change.reason}`}>
            <Icon name={change.grew ? 'up' : 'down'} size={12} label={change.grew ? 'more' : 'less'} />
            {change.text}
          </span>
        )}
      </td>
      <td>
        <Bar value={row.batch} share={row.batchShare} />
      </td>
      <td className="number">{count(row.staleness)}</td>
      <td className={path === null ? 'muted' : `tone-${path.tone}`} title={path?.reason}>
        {path?.text ?? UNKNOWN}
      </td>
    </tr>
  );
});

function Bar({ value, share }: { value: number | null; share: number }) {
  return (
    <span className="worker-bar">
      {value !== null && <span className="worker-bar-fill" style={{ width: `${Math.max(2, 36 * share)}px` }} />}
      {count(value)}
    </span>
  );
}
