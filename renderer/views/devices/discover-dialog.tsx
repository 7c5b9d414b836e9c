import { useCallback, useEffect, useState } from 'react';
import type { DeviceView, DiscoveredDevice, Discovery } from '../../../main/core/device.ts';
import type { ErrorReport } from '../../../main/core/errors.ts';
import { plural } from '../../../main/core/display/format.ts';
import { Button } from '../../components/button.tsx';
import { DataTable, type Column } from '../../components/data-table.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { EmptyState, Skeleton } from '../../components/empty-state.tsx';
import { TextField } from '../../components/field.tsx';
import { ErrorNotice, Notice } from '../../components/notice.tsx';
import { StatusDot } from '../../components/status-dot.tsx';
import { ask } from '../../state/control-plane.ts';
import { pathWords } from './device-words.ts';

interface DiscoverDialogProps {
  source: Discovery['source'];
  onClose: () => void;
  onDone: (devices: readonly DeviceView[]) => void;
}

const nameOf = ({ input }: DiscoveredDevice): string => input.name ?? input.address;
/** Two can have the same name. */
const keyOf = (device: DiscoveredDevice): string => `${nameOf(device)} ${device.input.address}`;

const COLUMNS: readonly Column<DiscoveredDevice>[] = [
  {
    id: 'name',
    header: 'device',
    sortBy: nameOf,
    cell: (device) => (
      <span className="device-name">
        <span className="cut">{nameOf(device)}</span>
        <span className="device-address cut">{device.input.address}</span>
      </span>
    ),
  },
  { id: 'system', header: 'system', cell: ({ system }) => system ?? <span className="muted">–</span> },
  {
    id: 'online',
    header: 'state',
    sortBy: ({ online }) => (online === true ? 0 : 1),
    cell: ({ online }) =>
      online === null ? (
        <span className="muted">not known</span>
      ) : (
        <StatusDot
          tone={online ? 'good' : 'neutral'}
          icon={online ? 'check' : 'offline'}
          word={online ? 'online' : 'offline'}
        />
      ),
  },
  {
    id: 'path',
    header: 'path',
    needs: 'medium',
    cell: ({ path }) => <span className="muted">{pathWords(path ?? null)}</span>,
  },
  { id: 'note', header: 'note', cell: ({ note }) => <span className="muted">{note}</span> },
];

/** What a tailnet or an ssh configuration knows, to choose from. */
export function DiscoverDialog({ source, onClose, onDone }: DiscoverDialogProps) {
  const [found, setFound] = useState<Discovery | null>(null);
  const [error, setError] = useState<ErrorReport | null>(null);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [user, setUser] = useState('');
  const [busy, setBusy] = useState(false);

  const look = useCallback(async (): Promise<void> => {
    const answer = await ask('devices.discover', { source });
    setError(answer.ok ? null : answer.error);
    if (answer.ok) {
      setFound(answer.value);
      setSelected(
        new Set(answer.value.devices.filter((each) => each.known === null && each.online === true).map(keyOf)),
      );
    }
  }, [source]);
  useEffect(() => {
    // The answer sets the state, later; nothing is set at once.
    // eslint-disable-next-line react-hooks/set-state-in-effect
    void look();
  }, [look]);

  const fresh = found?.devices.filter(({ known }) => known === null) ?? [];
  const chosen = fresh.filter((device) => selected.has(keyOf(device)));
  const known = (found?.devices.length ?? 0) - fresh.length;

  const add = async (): Promise<void> => {
    setBusy(true);
    const login = user.trim() === '' ? {} : { user: user.trim() };
    const answer = await ask('devices.add', { devices: chosen.map(({ input }) => ({ ...input, ...login })) });
    setBusy(false);
    if (answer.ok) onDone(answer.value);
    else setError(answer.error);
  };

  const place = source === 'tailnet' ? 'the tailnet' : 'the ssh configuration';
  return (
    <Dialog
      width="wide"
      title={found === null ? `Devices in ${place}` : `Devices in ${found.where}`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" busy={busy} disabled={chosen.length === 0} onClick={() => void add()}>
            {chosen.length === 0 ? 'Add devices' : `Add ${plural(chosen.length, 'device')}`}
          </Button>
        </>
      }
    >
      {error !== null && (
        <ErrorNotice
          error={error}
          title={
            found === null
              ? `${place.charAt(0).toUpperCase()}${place.slice(1)} could not be asked`
              : 'Nothing was added'
          }
          actions={
            found === null && (
              <Button size="small" icon="refresh" onClick={() => void look()}>
                Ask again
              </Button>
            )
          }
        />
      )}
      {found === null && error === null && <Skeleton label={`Asking ${place}`} lines={5} />}
      {found?.warnings.map((warning) => (
        <Notice key={warning} tone="warn">
          {warning}
        </Notice>
      ))}
      {found !== null && fresh.length > 0 && (
        <>
          <DataTable
            label="Devices found"
            rows={fresh}
            columns={COLUMNS}
            rowKey={keyOf}
            rowName={nameOf}
            selected={selected}
            onSelect={setSelected}
          />
          <TextField
            label="Log in as"
            hint="For all that are chosen. Empty: what the ssh configuration or your own account says."
            value={user}
            onChange={setUser}
          />
        </>
      )}
      {found !== null && fresh.length === 0 && (
        <EmptyState title={known > 0 ? 'All of them are in the inventory' : 'No device was found there'} />
      )}
      {known > 0 && fresh.length > 0 && (
        <p className="muted">{plural(known, 'device')} more in the inventory already.</p>
      )}
    </Dialog>
  );
}
