import { useState } from 'react';
import type { DeviceView } from '../../../main/core/device.ts';
import type { ErrorReport } from '../../../main/core/errors.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { TextField } from '../../components/field.tsx';
import { ErrorNotice } from '../../components/notice.tsx';
import { ask } from '../../state/control-plane.ts';
import { draftOf, EMPTY_DRAFT, readDraft, type DeviceDraft } from './device-draft.ts';

interface DeviceDialogProps {
  /** Absent: a new device. */
  device?: DeviceView | undefined;
  onClose: () => void;
  onDone: (devices: readonly DeviceView[]) => void;
}

const FURTHER: readonly { field: keyof DeviceDraft; label: string; hint: string; unit?: string }[] = [
  {
    field: 'keyFile',
    label: 'Private key',
    hint: 'A file on this computer; it stays there. Empty: the agent, then the usual files.',
  },
  { field: 'jump', label: 'By way of', hint: 'Devices by name, or user@host:port, in this order.' },
  { field: 'workDirectory', label: 'Folder on the device', hint: 'Empty: .caduceus in the home of the user.' },
  { field: 'cpuPercent', label: 'Processor', unit: '% of a core', hint: 'What the agent may use at most. Empty: all.' },
  { field: 'memoryMiB', label: 'Memory', unit: 'MiB', hint: 'What the agent may use at most. Empty: all.' },
];

/** One device, added by its address or changed. */
export function DeviceDialog({ device, onClose, onDone }: DeviceDialogProps) {
  const [draft, setDraft] = useState(device === undefined ? EMPTY_DRAFT : draftOf(device));
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ErrorReport | null>(null);
  const { input, errors } = readDraft(draft);
  const set = (field: keyof DeviceDraft) => (value: string) => setDraft((known) => ({ ...known, [field]: value }));
  const errorOf = (field: keyof DeviceDraft): string | undefined => (tried ? errors[field] : undefined);

  const submit = async (): Promise<void> => {
    setTried(true);
    if (Object.keys(errors).length > 0) return;
    setBusy(true);
    const answer =
      device === undefined
        ? await ask('devices.add', { devices: [input] })
        : await ask('devices.update', { device: device.id, change: JSON.parse(JSON.stringify(input)) as never });
    setBusy(false);
    if (answer.ok) onDone(Array.isArray(answer.value) ? answer.value : [answer.value]);
    else setError(answer.error);
  };

  const title = device === undefined ? 'Add a device by address' : `Edit ${device.name}`;
  return (
    <Dialog
      title={title}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form="device-form" busy={busy}>
            {device === undefined ? 'Add device' : 'Save'}
          </Button>
        </>
      }
    >
      <form
        id="device-form"
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        {error !== null && <ErrorNotice compact error={error} />}
        <TextField
          label="Address"
          autoFocus
          placeholder="pi@192.168.1.40"
          hint="Host name or address; user and port as in user@host:port, where they are not the usual ones."
          value={draft.address}
          onChange={set('address')}
          error={errorOf('address')}
        />
        <div className="form-pair">
          <TextField label="Name" hint="Empty: taken from the address." value={draft.name} onChange={set('name')} />
          <TextField label="Tags" hint="Such as shelf, slow." value={draft.tags} onChange={set('tags')} />
        </div>
        <details className="form-more" open={FURTHER.some(({ field }) => draft[field] !== '') || undefined}>
          <summary>Key, jump hosts, folder and limits</summary>
          <div className="form">
            {FURTHER.map(({ field, label, hint, unit }) => (
              <TextField
                key={field}
                {...{ label, hint, unit }}
                value={draft[field]}
                onChange={set(field)}
                error={errorOf(field)}
              />
            ))}
          </div>
        </details>
      </form>
    </Dialog>
  );
}
