/** What can be done with a run: hold it, end it, change who takes part and what its policy allows, report it. */
import { useMemo, useState } from 'react';
import type { RunDetail } from '../../../main/core/api.ts';
import { POLICIES } from '../../../main/core/policy/registry.ts';
import { Button } from '../../components/button.tsx';
import { type Command, useCommand, useCommands } from '../../state/commands.ts';
import { perform } from '../../state/control-plane.ts';
import { jobEnd } from '../../state/jobs.ts';
import { showFailure } from '../../state/toasts.ts';
import { ReportButton } from '../report/report-button.tsx';
import { writeReport } from '../report/write-report.ts';
import { AddWorkerDialog } from './add-worker-dialog.tsx';
import { ExportModel } from './export-model.tsx';
import { OptionsDialog } from './options-dialog.tsx';
import { isOpen, useRun } from './run-context.ts';
import { StopDialog } from './stop-dialog.tsx';

export function RunActions({ detail }: { detail: RunDetail }) {
  const [dialog, setDialog] = useState<'none' | 'add' | 'options' | 'stop'>('none');
  const { run, live, status, virtual } = detail;
  const steers = live && isOpen(detail);
  const changes = steers && virtual !== true;
  const hasOptions = Object.keys(POLICIES.find(({ name }) => name === detail.config.policy)?.options ?? {}).length > 0;
  const commands = useMemo(() => commandsOf(run, status, steers, () => setDialog('stop')), [run, status, steers]);
  useCommands(commands);
  useCommand(changes ? { title: 'Add a worker', group: 'Run', run: () => setDialog('add') } : null);
  useCommand(
    changes && hasOptions
      ? { title: 'Change the options of its policy', group: 'Run', run: () => setDialog('options') }
      : null,
  );
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
      {detail.hasModel && <ExportModel run={run} />}
      <ReportButton runs={[run]} name={detail.name ?? undefined} />
      {steers && (
        <Button kind="danger" icon="stop" onClick={() => setDialog('stop')}>
          Stop
        </Button>
      )}
      {dialog === 'add' && <AddWorkerDialog onClose={() => setDialog('none')} />}
      {dialog === 'options' && <OptionsDialog onClose={() => setDialog('none')} />}
      {dialog === 'stop' && <StopDialog onClose={() => setDialog('none')} />}
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
  useCommand(busy ? null : { title: 'Resume from its checkpoint', group: 'Run', run: () => void resume() });
  return (
    <Button kind="primary" icon="play" busy={busy} onClick={() => void resume()}>
      Resume from its checkpoint
    </Button>
  );
}

async function hold(run: string, status: RunDetail['status']): Promise<void> {
  await perform(status === 'paused' ? 'runs.continue' : 'runs.pause', { run });
}

function commandsOf(run: string, status: RunDetail['status'], steers: boolean, askHow: () => void): Command[] {
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
      title: 'Stop or finish the run',
      group: 'Run',
      run: askHow,
    },
    report,
  ];
}
