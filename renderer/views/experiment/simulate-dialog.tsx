import { useState } from 'react';
import type { CallInput } from '../../../main/core/api.ts';
import { decimal, plural } from '../../../main/core/display/format.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { SelectField, Toggle } from '../../components/field.tsx';
import { clusterOfSimulated, simulatedDevices } from '../../state/simulated-devices.ts';
import { useStore } from '../../state/store.ts';
import { useCatalogue } from './catalogue.ts';

/** A preset's name, or a cluster. */
type Cluster = CallInput<'runs.simulate'>['cluster'];

/** Not the name of a preset. */
const OWN_DEVICES = ' simulated devices';

interface SimulateDialogProps {
  initial: string;
  onClose: () => void;
  onStart: (cluster: Cluster, timingOnly: boolean) => void;
}

/** The same settings in virtual time, on devices that are described rather than there. */
export function SimulateDialog({ initial, onClose, onStart }: SimulateDialogProps) {
  const clusters = useCatalogue()?.clusters ?? [];
  const [cluster, setCluster] = useState(initial);
  const [timingOnly, setTimingOnly] = useState(false);
  const simulated = useStore(simulatedDevices);
  const isOwn = cluster === OWN_DEVICES;
  const chosen = isOwn ? undefined : (clusters.find(({ name }) => name === cluster) ?? clusters[0]);
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
            disabled={chosen === undefined && !isOwn}
            onClick={() => {
              if (isOwn) onStart(clusterOfSimulated(simulated), timingOnly);
              else if (chosen !== undefined) onStart(chosen.name, timingOnly);
            }}
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
        value={isOwn ? cluster : (chosen?.name ?? '')}
        options={[
          ...(simulated.length === 0
            ? []
            : [{ value: OWN_DEVICES, label: `simulated devices of the inventory: ${simulated.length}` }]),
          ...clusters.map(({ name, devices }) => ({ value: name, label: `${name}: ${plural(devices, 'device')}` })),
        ]}
        hint={
          chosen === undefined
            ? isOwn
              ? 'As they were described by hand; nothing of them was measured.'
              : undefined
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
