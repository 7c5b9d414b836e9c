import { useState } from 'react';
import type { ErrorReport } from '../../../main/core/errors.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ErrorNotice } from '../../components/notice.tsx';
import { ask } from '../../state/control-plane.ts';
import { showToast } from '../../state/toasts.ts';
import { useRun } from './run-context.ts';

type Way = 'runs.stop' | 'runs.finish';

/** The two ways to end a run before its limits: to go on later, or for good with what it has reached. */
export function StopDialog({ onClose }: { onClose: () => void }) {
  const {
    detail: { run, virtual },
  } = useRun();
  const [busy, setBusy] = useState<Way | null>(null);
  const [error, setError] = useState<ErrorReport | null>(null);
  const isSimulated = virtual === true;
  const end = async (way: Way): Promise<void> => {
    setBusy(way);
    const answer = await ask(way, { run });
    setBusy(null);
    if (!answer.ok) {
      setError(answer.error);
      return;
    }
    if (way === 'runs.finish') showToast('Finishing: the final model is judged on the test rows');
    else if (!isSimulated) showToast('Stopping: the run keeps a checkpoint and can be resumed');
    onClose();
  };
  return (
    <Dialog
      title="End this run now?"
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose} autoFocus>
            Keep training
          </Button>
          <Button busy={busy === 'runs.finish'} disabled={busy !== null} onClick={() => void end('runs.finish')}>
            Finish now
          </Button>
          <Button
            kind="danger"
            busy={busy === 'runs.stop'}
            disabled={busy !== null}
            onClick={() => void end('runs.stop')}
          >
            Stop now
          </Button>
        </>
      }
    >
      <p>
        <strong>Finish</strong> judges the model on the test rows and keeps it: the run is completed, as at one of its
        limits, and can be compared with others.
      </p>
      <p>
        <strong>Stop</strong>{' '}
        {isSimulated
          ? 'drops it where it is. The same settings and seed give the same run again.'
          : 'keeps a checkpoint, from which it can be resumed. Nothing is judged.'}
      </p>
      {error !== null && <ErrorNotice error={error} compact />}
    </Dialog>
  );
}
