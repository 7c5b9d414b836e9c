import { useState } from 'react';
import type { RunListItem } from '../../../main/core/api.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { TextField } from '../../components/field.tsx';
import { perform } from '../../state/control-plane.ts';

/** As the control plane takes it. */
const MAX_CHARACTERS = 80;

export function RenameDialog({ item, onClose }: { item: RunListItem; onClose: () => void }) {
  const [name, setName] = useState(item.name ?? '');
  const [busy, setBusy] = useState(false);
  const isLong = name.trim().length > MAX_CHARACTERS;
  const rename = async (): Promise<void> => {
    setBusy(true);
    const trimmed = name.trim();
    const done = await perform('runs.rename', { run: item.run, name: trimmed === '' ? null : trimmed });
    setBusy(false);
    if (done !== undefined) onClose();
  };
  return (
    <Dialog
      title={`Rename ${item.name ?? item.run}`}
      onClose={onClose}
      width="narrow"
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" busy={busy} disabled={isLong} onClick={() => void rename()}>
            Rename
          </Button>
        </>
      }
    >
      <TextField
        label="Name"
        hint={`Without one it is called ${item.run}.`}
        error={isLong ? `${MAX_CHARACTERS} characters at most.` : undefined}
        value={name}
        onChange={setName}
        autoFocus
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !isLong) void rename();
        }}
      />
    </Dialog>
  );
}
