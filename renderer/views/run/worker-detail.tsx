/** The worker that is looked at: where its time went, what it is, why it was given what it has. */
import { useState } from 'react';
import { count, percent, plural } from '../../../main/core/display/format.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { useMoment } from '../../charts/moment.ts';
import { DropWorkerDialog } from './drop-worker-dialog.tsx';
import { useRun } from './run-context.ts';
import type { WorkerRow } from './worker-rows.ts';

export function WorkerDetail({ row }: { row: WorkerRow }) {
  const { detail, isOpen } = useRun();
  const moment = useMoment();
  const [drops, setDrops] = useState(false);
  const { name, shares, change, profile, path, pushes } = row;
  const canDrop = isOpen && detail.live && detail.virtual !== true && row.state.tone !== 'bad';
  return (
    <div className="worker-detail">
      <div className="worker-detail-head">
        <h3>{name}</h3>
        <span className="muted">{plural(pushes, 'push', 'pushes')}</span>
        {canDrop && (
          <Button size="small" kind="danger" onClick={() => setDrops(true)}>
            Drop worker
          </Button>
        )}
        <IconButton icon="cross" size="small" label="Look at all workers" onClick={() => moment.toggleWorker(name)} />
      </div>
      <dl>
        <dt>Time</dt>
        <dd>
          {shares === null
            ? 'no iteration yet'
            : `${percent(shares.compute)} compute, ${percent(shares.wait)} waiting for others, ${percent(shares.transfer)} transfer`}
        </dd>
        <dt>Given</dt>
        <dd>
          {row.samples === null
            ? 'nothing now'
            : `${count(row.samples)} rows an iteration in steps of ${count(row.batch)}`}
          {change === null
            ? '; never changed'
            : `; ${change.text} at ${change.at}${change.reason === '' ? '' : `: ${change.reason}`}`}
        </dd>
        <dt>Device</dt>
        <dd>{profile ?? 'nothing known'}</dd>
        <dt>Path</dt>
        <dd>{path === null ? 'not known' : `${path.text}${path.reason === '' ? '' : `: ${path.reason}`}`}</dd>
      </dl>
      {drops && <DropWorkerDialog worker={name} onClose={() => setDrops(false)} />}
    </div>
  );
}
