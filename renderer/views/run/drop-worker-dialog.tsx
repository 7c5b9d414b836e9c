import { useState } from 'react';
import type { ErrorReport } from '../../../main/core/errors.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ErrorNotice } from '../../components/notice.tsx';
import { ask } from '../../state/control-plane.ts';
import { useRun } from './run-context.ts';

/** Asked first: what the worker has learnt since its last push goes with it. */
export function DropWorkerDialog({ worker, onClose }: { worker: string; onClose: () => void }) {
  const { detail } = useRun();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ErrorReport | null>(null);
  const drop = async (): Promise<void> => {
    setBusy(true);
    const answer = await ask('runs.dropWorker', { run: detail.run, worker });
    setBusy(false);
    if (answer.ok) onClose();
    else setError(answer.error);
  };
  return (
    <Dialog
      title={`Drop ${worker} from this run?`}
      onClose={onClose}
      width="narrow"
      actions={
        <>
          <Button onClick={onClose} autoFocus>
            Keep it
          </Button>
          <Button kind="danger" busy={busy} onClick={() => void drop()}>
            Drop {worker}
          </Button>
        </>
      }
    >
      <p>Its agent is stopped, and its rows go to the others. What it has learnt since its last push is lost.</p>
      {error !== null && <ErrorNotice error={error} compact />}
    </Dialog>
  );
}
