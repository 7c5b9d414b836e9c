import { useState } from 'react';
import type { DeviceView } from '../../../main/core/device.ts';
import type { ErrorReport } from '../../../main/core/errors.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { TextAreaField } from '../../components/field.tsx';
import { ErrorNotice } from '../../components/notice.tsx';
import { ask } from '../../state/control-plane.ts';

const EXAMPLE = `name,address,user,port,tags
jetson,100.64.0.11,ubuntu,22,shelf
pi-attic,192.168.1.40,pi,22,shelf slow`;

const MAX_FILE_BYTES = 1_000_000;

/** Many devices at once, from a list somebody has already. */
export function ListDialog({
  onClose,
  onDone,
}: {
  onClose: () => void;
  onDone: (devices: readonly DeviceView[]) => void;
}) {
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ErrorReport | null>(null);

  const submit = async (): Promise<void> => {
    setBusy(true);
    const answer = await ask('devices.importList', { text });
    setBusy(false);
    if (answer.ok) onDone(answer.value);
    else setError(answer.error);
  };
  const read = async (file: File | undefined): Promise<void> => {
    if (file !== undefined && file.size <= MAX_FILE_BYTES) setText(await file.text());
  };

  return (
    <Dialog
      title="Add devices from a list"
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" busy={busy} disabled={text.trim() === ''} onClick={() => void submit()}>
            Add devices
          </Button>
        </>
      }
    >
      {error !== null && <ErrorNotice compact error={error} title="Nothing was added" />}
      <TextAreaField
        label="The list"
        hint="CSV with a line of column names, or a JSON array of objects. All are added, or none."
        rows={9}
        autoFocus
        placeholder={EXAMPLE}
        value={text}
        onChange={setText}
      />
      <label className="file">
        <span>Or open a file</span>
        <input type="file" accept=".csv,.json,.txt" onChange={(event) => void read(event.target.files?.[0])} />
      </label>
    </Dialog>
  );
}
