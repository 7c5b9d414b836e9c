import { useMemo, useState } from 'react';
import type { SimulatedDevice } from '../../../main/core/api.ts';
import type { DeviceView } from '../../../main/core/device.ts';
import { plural } from '../../../main/core/display/format.ts';
import { Button } from '../../components/button.tsx';
import { Card } from '../../components/card.tsx';
import { Skeleton } from '../../components/empty-state.tsx';
import { Menu } from '../../components/menu.tsx';
import { ErrorNotice, Notice } from '../../components/notice.tsx';
import { Pane } from '../../frame/pane.tsx';
import { Screen } from '../../frame/screen.tsx';
import { type Command, useCommand, useCommands } from '../../state/commands.ts';
import { inventory, refreshDevices } from '../../state/devices.ts';
import { href, navigate, route } from '../../state/route.ts';
import { useStore } from '../../state/store.ts';
import { simulatedDevices } from '../../state/simulated-devices.ts';
import { showToast } from '../../state/toasts.ts';
import * as actions from './device-actions.ts';
import { DeviceDialog } from './device-dialog.tsx';
import { DevicePanel } from './device-panel.tsx';
import { DeviceTable } from './device-table.tsx';
import { DiscoverDialog } from './discover-dialog.tsx';
import { EmptyDevices } from './empty-devices.tsx';
import { ListDialog } from './list-dialog.tsx';
import { SimulatedCard } from './simulated-card.tsx';
import { SimulatedDialog } from './simulated-dialog.tsx';
import { deployTargets, inventorySummary, retryTargets, trainTargets } from './selection.ts';
import { UninstallDialog } from './uninstall-dialog.tsx';
import './devices.css';

type Open =
  | { dialog: 'address' | 'tailnet' | 'ssh-config' | 'list' }
  | { dialog: 'simulated'; device?: SimulatedDevice }
  | { dialog: 'edit'; device: DeviceView }
  | { dialog: 'uninstall'; devices: readonly DeviceView[] };

export default function Devices() {
  const { devices, error } = useStore(inventory);
  const simulated = useStore(simulatedDevices);
  const { path } = useStore(route);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [open, setOpen] = useState<Open | null>(null);
  const active = devices?.find(({ id }) => id === path[1]);
  useCommands(useMemo(() => addCommands(setOpen), []));

  const all = devices ?? [];
  const selected = new Set([...chosen].filter((id) => all.some((device) => device.id === id)));
  const picked = all.filter(({ id }) => selected.has(id));
  const close = (): void => setOpen(null);
  const added = (fresh: readonly DeviceView[]): void => {
    close();
    refreshDevices();
    // Beside those added a moment ago: one button then deploys to all of them.
    setChosen((known) => new Set([...known, ...fresh.map(({ id }) => id)]));
    const [only] = fresh;
    showToast(`${fresh.length === 1 && only !== undefined ? only.name : plural(fresh.length, 'device')} added.`, {
      tone: 'good',
    });
  };

  const empty = devices !== null && devices.length === 0;
  return (
    <Screen
      title="Devices"
      note={devices === null || empty ? undefined : inventorySummary(devices)}
      actions={all.length > 0 && <HeadActions devices={all} picked={picked} onOpen={setOpen} />}
      side={
        active && (
          <Pane key={active.id} name={`the particulars of ${active.name}`}>
            <DevicePanel
              device={active}
              onClose={() => navigate(href('devices'))}
              onEdit={() => setOpen({ dialog: 'edit', device: active })}
              onUninstall={() => setOpen({ dialog: 'uninstall', devices: [active] })}
            />
          </Pane>
        )
      }
    >
      {error !== null && <ListFailed error={error} />}
      {devices === null && error === null && <Skeleton label="Asking for the devices" lines={6} />}
      {(empty || (devices === null && error !== null)) && (
        <EmptyDevices
          onTailnet={() => setOpen({ dialog: 'tailnet' })}
          onAddress={() => setOpen({ dialog: 'address' })}
          onSimulated={() => setOpen({ dialog: 'simulated' })}
          hasSimulated={simulated.length > 0}
        />
      )}
      {all.length > 0 && (
        <>
          <Waiting devices={all} active={active?.id} />
          <Card flush>
            {picked.length > 0 && <BulkBar picked={picked} onClear={() => setChosen(new Set())} onOpen={setOpen} />}
            <Pane name="the list of devices">
              <DeviceTable
                devices={all}
                selected={selected}
                onSelect={setChosen}
                active={active?.id ?? null}
                onOpen={({ id }) => navigate(id === active?.id ? href('devices') : href('devices', id))}
              />
            </Pane>
          </Card>
        </>
      )}
      {simulated.length > 0 && (
        <SimulatedCard
          devices={simulated}
          onAdd={() => setOpen({ dialog: 'simulated' })}
          onEdit={(device) => setOpen({ dialog: 'simulated', device })}
        />
      )}
      {all.length > 0 && (
        <p className="muted">
          Local workers of unequal speeds can stand beside real devices in a run:{' '}
          <a href={href('experiment', { local: '4' })}>add four to an experiment</a>.
        </p>
      )}
      {open?.dialog === 'simulated' && <SimulatedDialog device={open.device} onClose={close} />}
      {open?.dialog === 'address' && <DeviceDialog onClose={close} onDone={added} />}
      {open?.dialog === 'list' && <ListDialog onClose={close} onDone={added} />}
      {(open?.dialog === 'tailnet' || open?.dialog === 'ssh-config') && (
        <DiscoverDialog source={open.dialog} onClose={close} onDone={added} />
      )}
      {open?.dialog === 'edit' && (
        <DeviceDialog
          device={open.device}
          onClose={close}
          onDone={() => {
            close();
            refreshDevices();
          }}
        />
      )}
      {open?.dialog === 'uninstall' && <UninstallDialog devices={open.devices} onClose={close} />}
    </Screen>
  );
}

interface HeadActionsProps {
  devices: readonly DeviceView[];
  picked: readonly DeviceView[];
  onOpen: (open: Open) => void;
}

function HeadActions({ devices, picked, onOpen }: HeadActionsProps) {
  const meant = picked.length > 0 ? picked : devices;
  const targets = deployTargets(meant);
  const trained = trainTargets(meant);
  const failed = retryTargets(devices);
  useCommand(
    targets.length === 0
      ? null
      : {
          title: `Deploy to ${plural(targets.length, 'device')}`,
          ...{ group: 'Devices', run: () => actions.deploy(targets) },
        },
  );
  const train = (): void => navigate(href('experiment', { devices: JSON.stringify(trained.map(({ name }) => name)) }));
  useCommand(
    trained.length === 0
      ? null
      : { title: `Train on ${plural(trained.length, 'device')}`, group: 'Devices', run: train },
  );
  return (
    <>
      <Menu
        label="Add devices"
        button={{ icon: 'plus' }}
        items={[
          { label: 'By address…', icon: 'plus', onSelect: () => onOpen({ dialog: 'address' }) },
          { label: 'From my tailnet…', icon: 'network', onSelect: () => onOpen({ dialog: 'tailnet' }) },
          { label: 'From ssh config…', icon: 'key', onSelect: () => onOpen({ dialog: 'ssh-config' }) },
          { label: 'From a list…', icon: 'list', onSelect: () => onOpen({ dialog: 'list' }) },
          null,
          {
            label: 'Simulated…',
            icon: 'chip',
            note: 'described only',
            onSelect: () => onOpen({ dialog: 'simulated' }),
          },
        ]}
      >
        Add devices
      </Menu>
      {failed.length > 0 && (
        <Button icon="refresh" onClick={() => actions.deploy(failed, { failedOnly: true })}>
          Retry {failed.length} failed
        </Button>
      )}
      <Button
        kind={trained.length === 0 ? 'primary' : 'plain'}
        disabled={targets.length === 0}
        onClick={() => actions.deploy(targets)}
      >
        {targets.length === 0 ? 'Deploy' : `Deploy to ${plural(targets.length, 'device')}`}
      </Button>
      {trained.length > 0 && (
        <Button kind="primary" icon="play" onClick={train}>
          Train on {plural(trained.length, 'device')}
        </Button>
      )}
    </>
  );
}

interface BulkBarProps {
  picked: readonly DeviceView[];
  onClear: () => void;
  onOpen: (open: Open) => void;
}

function BulkBar({ picked, onClear, onOpen }: BulkBarProps) {
  const busy = picked.filter(({ state }) => state === 'deploying' || state === 'needs-you');
  const installed = picked.filter(({ deployment }) => deployment !== null);
  return (
    <div className="bulk" role="toolbar" aria-label="What to do with the selected devices">
      <span className="bulk-count">{picked.length} selected</span>
      <Button size="small" onClick={() => actions.probe(picked)}>
        Check
      </Button>
      <Button size="small" disabled={busy.length === 0} onClick={() => actions.cancel(busy)}>
        Cancel
      </Button>
      <Button size="small" disabled={installed.length === 0} onClick={() => actions.stopAgents(installed)}>
        Stop agents
      </Button>
      <Button
        size="small"
        disabled={installed.length === 0}
        onClick={() => onOpen({ dialog: 'uninstall', devices: installed })}
      >
        Uninstall…
      </Button>
      <Button size="small" kind="danger" onClick={() => void actions.remove(picked)}>
        Remove
      </Button>
      <Button size="small" kind="quiet" onClick={onClear}>
        Clear
      </Button>
    </div>
  );
}

/** Questions of devices that nobody looks at. */
function Waiting({ devices, active }: { devices: readonly DeviceView[]; active: string | undefined }) {
  const asking = devices.filter((device) => device.state === 'needs-you' && device.id !== active);
  if (asking.length === 0) return null;
  return (
    <Notice
      tone="warn"
      title={asking.length === 1 ? `${asking[0]?.name ?? ''} waits for you` : `${asking.length} devices wait for you`}
      actions={asking.slice(0, 6).map(({ id, name }) => (
        <Button key={id} size="small" onClick={() => navigate(href('devices', id))}>
          Answer {name}
        </Button>
      ))}
    />
  );
}

function ListFailed({ error }: { error: NonNullable<ReturnType<typeof inventory.get>['error']> }) {
  return (
    <ErrorNotice
      title="The devices could not be listed"
      error={error}
      actions={
        <Button size="small" icon="refresh" onClick={refreshDevices}>
          Ask again
        </Button>
      }
    />
  );
}

function addCommands(open: (open: Open) => void): Command[] {
  const command = (
    id: string,
    title: string,
    dialog: 'address' | 'tailnet' | 'ssh-config' | 'list' | 'simulated',
    keys?: string,
  ) => ({
    ...{ id, title, group: 'Devices', run: () => open({ dialog }) },
    ...(keys === undefined ? {} : { keys }),
  });
  return [
    command('add-address', 'Add a device by address', 'address', 'N'),
    command('add-tailnet', 'Find devices on my tailnet', 'tailnet'),
    command('add-ssh-config', 'Add devices from ssh config', 'ssh-config'),
    command('add-list', 'Add devices from a list', 'list'),
    command('add-simulated', 'Add simulated devices', 'simulated'),
  ];
}
