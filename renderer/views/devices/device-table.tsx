import type { DeviceView } from '../../../main/core/device.ts';
import { compareNames, decimal, UNKNOWN } from '../../../main/core/display/format.ts';
import { DataTable, type Column } from '../../components/data-table.tsx';
import { Icon } from '../../components/icon.tsx';
import { StatusDot } from '../../components/status-dot.tsx';
import { useNow } from '../../state/now.ts';
import { keyExpiryDays, pathWords, SOURCE_WORDS, stateWords, whatItIs } from './device-words.ts';

export interface DeviceTableProps {
  devices: readonly DeviceView[];
  selected: ReadonlySet<string>;
  onSelect: (selected: ReadonlySet<string>) => void;
  active: string | null;
  onOpen: (device: DeviceView) => void;
}

const idOf = ({ id }: DeviceView): string => id;
const nameOf = ({ name }: DeviceView): string => name;

const COLUMNS: readonly Column<DeviceView>[] = [
  {
    id: 'device',
    header: 'device',
    sortBy: nameOf,
    cell: (device) => (
      <span className="device-name">
        <span className="cut">{device.name}</span>
        <span className="device-address cut">
          {device.user === undefined ? device.address : `${device.user}@${device.address}`}
          {device.port !== 22 && `:${device.port}`}
        </span>
      </span>
    ),
  },
  {
    id: 'source',
    header: 'found by',
    needs: 'wide',
    sortBy: ({ source }) => source,
    cell: ({ source }) => <span className="muted">{SOURCE_WORDS[source]}</span>,
  },
  {
    id: 'facts',
    header: 'what it is',
    needs: 'little',
    sortBy: ({ facts }) => facts?.cores,
    cell: (device) => <span className="device-facts">{whatItIs(device)}</span>,
  },
  {
    id: 'engine',
    header: 'engine',
    needs: 'wide',
    sortBy: engineOf,
    cell: (device) => engineOf(device) ?? <Unknown />,
  },
  {
    id: 'measured',
    header: 'samples/s',
    numeric: true,
    sortBy: ({ benchmark }) => benchmark?.samplesPerSecond,
    cell: ({ benchmark }) =>
      benchmark === null ? (
        <Unknown />
      ) : (
        <span title={`Measured: ${benchmark.model}, mini-batch ${benchmark.batch}`}>
          {decimal(benchmark.samplesPerSecond, benchmark.samplesPerSecond < 100 ? 1 : 0)}
        </span>
      ),
  },
  { id: 'state', header: 'state', sortBy: ({ state }) => state, cell: (device) => <DeviceState device={device} /> },
  {
    id: 'path',
    header: 'path',
    needs: 'medium',
    sortBy: ({ path }) => path?.latencyMs,
    cell: ({ path }) => (
      <span className={path?.kind === 'relay' ? 'tone-warn' : 'muted'} title={path?.reason}>
        {pathWords(path)}
      </span>
    ),
  },
];

/** The inventory. */
export function DeviceTable({ devices, selected, onSelect, active, onOpen }: DeviceTableProps) {
  const rows = [...devices].sort((a, b) => compareNames(a.name, b.name));
  return (
    <DataTable
      label="Devices"
      rows={rows}
      columns={COLUMNS}
      rowKey={idOf}
      rowName={nameOf}
      {...{ selected, onSelect, active, onOpen }}
    />
  );
}

export function DeviceState({ device }: { device: DeviceView }) {
  const nowMs = useNow();
  const expires = keyExpiryDays(device, nowMs);
  return (
    <span className="device-state">
      <StatusDot {...stateWords(device, nowMs)} />
      {expires !== undefined && (
        <span className="tone-warn" title="Its key on the tailnet">
          <Icon name="key" size={14} label={expiryWords(expires)} />
        </span>
      )}
    </span>
  );
}

export function expiryWords(days: number): string {
  if (days < 0) return 'Its key on the tailnet has expired';
  return `Its key on the tailnet expires in ${days === 1 ? '1 day' : `${days} days`}`;
}

function engineOf({ benchmark, deployment }: DeviceView): string | undefined {
  return benchmark?.engine ?? deployment?.engine;
}

function Unknown() {
  return (
    <span className="muted">
      {UNKNOWN}
      <span className="unseen"> not known yet</span>
    </span>
  );
}
