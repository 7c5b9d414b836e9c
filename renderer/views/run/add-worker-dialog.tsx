/** One more worker while the run trains: a process of this machine, or a device that is ready. */
import { useEffect, useState } from 'react';
import type { DeviceView } from '../../../main/core/device.ts';
import type { ErrorReport } from '../../../main/core/errors.ts';
import { ask } from '../../state/control-plane.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Field, SelectField } from '../../components/field.tsx';
import { ErrorNotice } from '../../components/notice.tsx';
import { Segmented } from '../../components/segmented.tsx';
import { showToast } from '../../state/toasts.ts';
import { useRun } from './run-context.ts';

const KINDS = [
  { value: 'local', label: 'On this machine' },
  { value: 'device', label: 'A device' },
] as const;

export function AddWorkerDialog({ onClose }: { onClose: () => void }) {
  const { detail } = useRun();
  const [kind, setKind] = useState<'local' | 'device'>('local');
  const [speed, setSpeed] = useState(100);
  const [devices, setDevices] = useState<readonly DeviceView[] | null>(null);
  const [device, setDevice] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ErrorReport | null>(null);

  useEffect(() => {
    void ask('devices.list', {}).then((answer) => {
      if (!answer.ok) setError(answer.error);
      setDevices(answer.ok ? answer.value.filter((view) => view.run === null && view.deployment !== null) : []);
    });
  }, []);

  const chosen = device === '' ? (devices?.[0]?.name ?? '') : device;
  const add = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    const worker = kind === 'local' ? { kind, speed: speed / 100 } : { kind, device: chosen };
    const answer = await ask('runs.addWorker', { run: detail.run, worker });
    setBusy(false);
    if (!answer.ok) {
      setError(answer.error);
      return;
    }
    showToast(`${answer.value.worker} was started; it appears when it has joined`, { tone: 'good' });
    onClose();
  };

  return (
    <Dialog
      title="Add a worker"
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" busy={busy} disabled={kind === 'device' && chosen === ''} onClick={() => void add()}>
            {kind === 'local' ? 'Add a local worker' : chosen === '' ? 'Add a device' : `Add ${chosen}`}
          </Button>
        </>
      }
    >
      <div className="run-form">
        <Segmented label="Where it runs" value={kind} options={KINDS} onChange={setKind} />
        {kind === 'local' ? (
          <Field label="Speed" hint="Slower than this machine can: to see how the policy copes with unequal workers.">
            {(control) => (
              <span className="run-slider">
                <input
                  {...control}
                  type="range"
                  min={5}
                  max={100}
                  step={5}
                  value={speed}
                  onChange={(event) => setSpeed(event.target.valueAsNumber)}
                />
                <output>{speed} %</output>
              </span>
            )}
          </Field>
        ) : devices === null ? (
          <p className="muted">Looking for devices…</p>
        ) : devices.length === 0 ? (
          <p className="muted">No deployed device is free. Deploy one on the Devices screen first.</p>
        ) : (
          <SelectField
            label="Device"
            value={chosen}
            options={devices.map(({ name, address }) => ({ value: name, label: `${name} (${address})` }))}
            onChange={setDevice}
          />
        )}
        {error !== null && <ErrorNotice error={error} compact />}
      </div>
    </Dialog>
  );
}
