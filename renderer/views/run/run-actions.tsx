/** What can be done with a run: hold it, end it, change who takes part and what its policy allows, report it. */
import { useMemo, useState } from 'react';
import type { RunDetail } from '../../../main/core/api.ts';
import { POLICIES } from '../../../main/core/policy/registry.ts';
import { Button } from '../../components/button.tsx';
import { type Command, useCommands } from '../../state/commands.ts';
import { perform } from '../../state/control-plane.ts';
import { jobEnd } from '../../state/jobs.ts';
import { showFailure, showToast } from '../../state/toasts.ts';
import { AddWorkerDialog } from './add-worker-dialog.tsx';
import { OptionsDialog } from './options-dialog.tsx';
import { ReportMenu, writeReport } from './report-menu.tsx';
import { isOpen, useRun } from './run-context.ts';

export function RunActions({ detail }: { detail: RunDetail }) {
  const [dialog, setDialog] = useState<'none' | 'add' | 'options'>('none');
  const { run, live, status, virtual } = detail;
  const steers = live && isOpen(detail);
  const changes = steers && virtual !== true;
  const hasOptions = Object.keys(POLICIES.find(({ name }) => name === detail.config.policy)?.options ?? {}).length > 0;
  useCommands(useMemo(() => commandsOf(run, status, steers, virtual), [run, status, steers, virtual]));
  return (
    <>
      {steers && (
        <Button icon={status === 'paused' ? 'play' : 'pause'} onClick={() => void hold(run, status)}>
          {status === 'paused' ? 'Continue' : 'Pause'}
        </Button>
      )}
      {changes && (
        <Button icon="plus" onClick={() => setDialog('add')}>
          Add worker
        </Button>
      )}
      {changes && hasOptions && <Button onClick={() => setDialog('options')}>Options</Button>}
      <ReportMenu runs={[run]} hasModel={detail.hasModel} />
      {steers && (
        <Button kind="danger" icon="stop" onClick={() => void stop(detail)}>
          Stop
        </Button>
      )}
      {dialog === 'add' && <AddWorkerDialog onClose={() => setDialog('none')} />}
      {dialog === 'options' && <OptionsDialog onClose={() => setDialog('none')} />}
    </>
  );
}

export function ResumeButton({ run }: { run: string }) {
  const { feed } = useRun();
  const [busy, setBusy] = useState(false);
  const resume = async (): Promise<void> => {
    setBusy(true);
    const started = await perform('runs.resume', { run });
    if (started !== undefined) {
      const { error } = await jobEnd(started.job);
      if (error !== null) showFailure(error);
      // What was open is the run as it was kept; from now on it is one that goes on.
      else feed.open();
    }
    setBusy(false);
  };
  return (
    <Button kind="primary" icon="play" busy={busy} onClick={() => void resume()}>
      Resume from its checkpoint
    </Button>
  );
}

async function hold(run: string, status: RunDetail['status']): Promise<void> {
  await perform(status === 'paused' ? 'runs.continue' : 'runs.pause', { run });
}

async function stop({ run, virtual }: Pick<RunDetail, 'run' | 'virtual'>): Promise<void> {
  const answer = await perform('runs.stop', { run });
  if (answer !== undefined && virtual !== true) showToast('Stopping: the run keeps a checkpoint and can be resumed');
}

function commandsOf(run: string, status: RunDetail['status'], steers: boolean, virtual: boolean | null): Command[] {
  const report: Command = {
    id: 'run-report',
    title: 'Write the report as HTML',
    group: 'Run',
    run: () => void writeReport([run], 'html'),
  };
  if (!steers) return [report];
  return [
    {
      id: 'run-hold',
      title: status === 'paused' ? 'Continue training' : 'Pause training',
      group: 'Run',
      keys: 'Mod+Shift+P',
      run: () => void hold(run, status),
    },
    {
      id: 'run-stop',
      title: virtual === true ? 'Stop the simulation' : 'Stop training and keep a checkpoint',
      group: 'Run',
      run: () => void stop({ run, virtual }),
    },
    report,
  ];
}
