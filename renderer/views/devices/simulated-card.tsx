import type { SimulatedDevice } from '../../../main/core/api.ts';
import { decimal, plural } from '../../../main/core/display/format.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { Card } from '../../components/card.tsx';
import { DataTable, type Column } from '../../components/data-table.tsx';
import { ask, perform } from '../../state/control-plane.ts';
import { href, navigate } from '../../state/route.ts';
import { REFERENCE, simulatedDevices } from '../../state/simulated-devices.ts';
import { showFailure, showToast } from '../../state/toasts.ts';
import { bitRate, latency } from '../simulate/figures.ts';

interface SimulatedCardProps {
  devices: readonly SimulatedDevice[];
  onAdd: () => void;
  onEdit: (device: SimulatedDevice) => void;
}

/** The part of the inventory that is described only, apart from what is there. */
export function SimulatedCard({ devices, onAdd, onEdit }: SimulatedCardProps) {
  return (
    <Card
      flush
      title="Simulated devices"
      note={`${plural(devices.length, 'device')} described, none of them real: they train in the simulator alone`}
      actions={
        <>
          <Button size="small" icon="plus" onClick={onAdd}>
            Add
          </Button>
          <Button size="small" icon="trash" onClick={() => void remove(devices)}>
            Remove all
          </Button>
          <Button size="small" kind="primary" onClick={() => navigate(href('simulate', { devices: 'simulated' }))}>
            Simulate with them
          </Button>
        </>
      }
    >
      <DataTable
        label="Simulated devices"
        rows={devices}
        columns={COLUMNS}
        rowKey={({ id }) => id}
        rowName={({ name }) => name}
        onOpen={onEdit}
      />
    </Card>
  );
}

const COLUMNS: readonly Column<SimulatedDevice>[] = [
  { id: 'name', header: 'device', sortBy: ({ name }) => name, cell: ({ name }) => <span className="cut">{name}</span> },
  { id: 'source', header: 'found by', needs: 'medium', cell: () => <span className="muted">simulated</span> },
  {
    id: 'speed',
    header: 'samples/s',
    numeric: true,
    sortBy: ({ samplesPerSecond }) => samplesPerSecond,
    cell: ({ samplesPerSecond }) => (
      <span title={`As described: ${REFERENCE.model}, mini-batch ${REFERENCE.batch}`}>{decimal(samplesPerSecond)}</span>
    ),
  },
  {
    id: 'up',
    header: 'up',
    numeric: true,
    sortBy: ({ upBitsPerSecond }) => upBitsPerSecond,
    cell: ({ upBitsPerSecond }) => bitRate(upBitsPerSecond),
  },
  {
    id: 'down',
    header: 'down',
    numeric: true,
    sortBy: ({ downBitsPerSecond }) => downBitsPerSecond,
    cell: ({ downBitsPerSecond }) => bitRate(downBitsPerSecond),
  },
  {
    id: 'latency',
    header: 'latency',
    numeric: true,
    sortBy: ({ latencyMs }) => latencyMs,
    cell: ({ latencyMs }) => latency(latencyMs),
  },
  {
    id: 'remove',
    header: 'remove',
    width: '64px',
    cell: (device) => (
      <IconButton icon="trash" size="small" label={`Remove ${device.name}`} onClick={() => void remove([device])} />
    ),
  },
];

/** At once, with a way back. */
async function remove(devices: readonly SimulatedDevice[]): Promise<void> {
  const ids = devices.map(({ id }) => id);
  const answer = await ask('simulatedDevices.remove', { ids });
  if (!answer.ok) return showFailure(answer.error);
  simulatedDevices.set(answer.value);
  showToast(
    `${devices.length === 1 ? (devices[0]?.name ?? '') : plural(devices.length, 'simulated device')} removed.`,
    {
      action: {
        label: 'Undo',
        run: () =>
          void perform('simulatedDevices.restore', { ids }).then((all) => {
            if (all !== undefined) simulatedDevices.set(all);
          }),
      },
    },
  );
}
