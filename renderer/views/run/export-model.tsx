import { useState } from 'react';
import { Button } from '../../components/button.tsx';
import { useCommand } from '../../state/commands.ts';
import { handOver, perform } from '../../state/control-plane.ts';
import { tellWritten } from '../report/write-report.ts';

/** The trained model as safetensors, for use elsewhere. */
export function ExportModel({ run }: { run: string }) {
  const [busy, setBusy] = useState(false);
  const save = async (): Promise<void> => {
    setBusy(true);
    const file = await perform('runs.exportModel', { run });
    setBusy(false);
    if (file !== undefined) tellWritten(file, await handOver(file));
  };
  useCommand(busy ? null : { title: 'Export the model', group: 'Run', run: () => void save() });
  return (
    <Button icon="download" busy={busy} title="The trained model, as safetensors" onClick={() => void save()}>
      Export model
    </Button>
  );
}
