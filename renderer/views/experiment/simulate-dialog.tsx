import { useState } from 'react';
import { decimal, plural } from '../../../main/report/format.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { SelectField, Toggle } from '../../components/field.tsx';
import { useCatalogue } from './catalogue.ts';

interface SimulateDialogProps {
  initial: string;
  onClose: () => void;
  onStart: (cluster: string, timingOnly: boolean) => void;
}

/** The same settings in virtual time, on devices that are described rather than there. */
export function SimulateDialog({ initial, onClose, onStart }: SimulateDialogProps) {
  const clusters = useCatalogue()?.clusters ?? [];
  const [cluster, setCluster] = useState(initial);
  const [timingOnly, setTimingOnly] = useState(false);
  const chosen = clusters.find(({ name }) => name === cluster) ?? clusters[0];
  return (
    <Dialog
      title="Simulate first"
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            kind="primary"
            autoFocus
            disabled={chosen === undefined}
            onClick={() => chosen && onStart(chosen.name, timingOnly)}
          >
            Simulate
          </Button>
        </>
      }
    >
      <p className="muted">
        The same policy, model and data in virtual time. The devices are those of the cluster; the workers of this
        experiment are not used.
      </p>
      <SelectField
        label="Cluster"
        value={chosen?.name ?? ''}
        options={clusters.map(({ name, devices }) => ({ value: name, label: `${name}: ${plural(devices, 'device')}` }))}
        hint={
          chosen === undefined
            ? undefined
            : `${chosen.source.replace(/\.$/, '')}. The fastest is ${decimal(chosen.spread, 1)} times the slowest.`
        }
        onChange={setCluster}
      />
      <Toggle
        label="Timing only"
        hint="No learning: waits and bytes of the stated model, in a moment. Accuracy is not told."
        checked={timingOnly}
        onChange={setTimingOnly}
      />
    </Dialog>
  );
}
