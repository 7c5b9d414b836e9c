/** Particulars of one device, at the end of the screen. */
import { useState } from 'react';
import type { DeviceView } from '../../../main/core/device.ts';
import { rate, timestamp } from '../../../main/core/display/format.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { Facts } from '../../components/facts.tsx';
import { Menu, type MenuItem } from '../../components/menu.tsx';
import { ErrorNotice, Notice } from '../../components/notice.tsx';
import { Tabs } from '../../components/tabs.tsx';
import { SidePanel } from '../../frame/side-panel.tsx';
import { useNow } from '../../state/now.ts';
import { showToast } from '../../state/toasts.ts';
import { AgentLog } from './agent-log.tsx';
import * as actions from './device-actions.ts';
import { Question } from './device-question.tsx';
import { DeviceSteps } from './device-steps.tsx';
import { DeviceState, expiryWords } from './device-table.tsx';
import { age, freeOf, keyExpiryDays, pathWords, SOURCE_WORDS, sshCommand, whatItIs } from './device-words.ts';

interface DevicePanelProps {
  device: DeviceView;
  onClose: () => void;
  onEdit: () => void;
  onUninstall: () => void;
}

type Tab = 'deployment' | 'facts' | 'log';

export function DevicePanel({ device, onClose, onEdit, onUninstall }: DevicePanelProps) {
  const [chosen, choose] = useState<Tab | null>(null);
  // Until the reader says otherwise: the deployment, as soon as there is one.
  const tab = chosen ?? (device.steps === null ? 'facts' : 'deployment');
  const busy = device.state === 'deploying' || device.state === 'needs-you';
  return (
    <SidePanel label={device.name} onClose={onClose}>
      <header className="panel-head">
        <div className="panel-name">
          <h2 className="cut">{device.name}</h2>
          <p className="muted">
            {[device.user === undefined ? device.address : `${device.user}@${device.address}`, ...device.tags].join(
              ' · ',
            )}
          </p>
        </div>
        <IconButton icon="cross" label="Close the panel" onClick={onClose} />
      </header>
      <DeviceState device={device} />
      <Question device={device} />
      <PanelNotices device={device} />
      <div className="panel-actions">
        {busy ? (
          <Button onClick={() => actions.cancel([device])}>Cancel</Button>
        ) : (
          <>
            <Button
              kind={device.deployment === null ? 'primary' : 'plain'}
              disabled={device.state === 'training'}
              onClick={() => actions.deploy([device])}
            >
              {device.state === 'failed' ? 'Deploy again' : device.deployment === null ? 'Deploy' : 'Deploy anew'}
            </Button>
            <Button onClick={() => actions.probe([device])}>Check</Button>
          </>
        )}
        <Menu label={`More about ${device.name}`} items={panelMenu(device, busy, onEdit, onUninstall)} />
      </div>
      <Tabs<Tab>
        label="About this device"
        value={tab}
        onChange={choose}
        tabs={[
          { value: 'deployment', label: 'Deployment' },
          { value: 'facts', label: 'Facts' },
          { value: 'log', label: 'Agent log' },
        ]}
      >
        {tab === 'deployment' &&
          (device.steps === null ? (
            <p className="muted">Nothing has been deployed to it yet.</p>
          ) : (
            <DeviceSteps device={device} />
          ))}
        {tab === 'facts' && <DeviceFacts device={device} />}
        {tab === 'log' && <AgentLog device={device.id} name={device.name} />}
      </Tabs>
    </SidePanel>
  );
}

function PanelNotices({ device }: { device: DeviceView }) {
  const expires = keyExpiryDays(device, useNow());
  const isInSteps = device.steps?.some(({ error }) => error !== undefined) ?? false;
  return (
    <>
      {device.error !== null && !isInSteps && <ErrorNotice compact error={device.error} />}
      {expires !== undefined && (
        <Notice tone="warn" title={expiryWords(expires)}>
          The device then drops off the tailnet until somebody logs in on it. Renew the key, or switch its expiry off,
          in the tailnet’s admin console.
        </Notice>
      )}
    </>
  );
}

function panelMenu(
  device: DeviceView,
  busy: boolean,
  onEdit: () => void,
  onUninstall: () => void,
): (MenuItem | null)[] {
  const copy = (): void => {
    navigator.clipboard.writeText(sshCommand(device)).then(
      () => showToast('The ssh command is on the clipboard.'),
      () => showToast(sshCommand(device)),
    );
  };
  return [
    { label: 'Copy equivalent ssh command', icon: 'copy', onSelect: copy },
    { label: 'Edit…', icon: 'settings', disabled: busy, onSelect: onEdit },
    null,
    {
      label: 'Back to its previous version',
      icon: 'refresh',
      disabled: busy || device.deployment === null,
      onSelect: () => actions.deploy([device], { previous: true }),
    },
    {
      label: 'Stop its agent',
      icon: 'stop',
      disabled: busy || device.deployment === null,
      onSelect: () => actions.stopAgents([device]),
    },
    {
      label: 'Uninstall…',
      icon: 'trash',
      disabled: busy || device.deployment === null,
      onSelect: onUninstall,
    },
    { label: 'Remove from the inventory', icon: 'cross', danger: true, onSelect: () => void actions.remove([device]) },
  ];
}

function DeviceFacts({ device }: { device: DeviceView }) {
  const { facts, benchmark, deployment, trust, path } = device;
  const nowMs = useNow();
  const heard = device.lastSeenAt === null ? null : nowMs - Date.parse(device.lastSeenAt);
  const skew = facts?.clockSkewMs;
  const rows: [string, string | undefined][] = [
    ['Last heard', heard === null ? 'never' : `${age(heard)} ago`],
    ['Machine', facts === null ? undefined : [facts.model, whatItIs(device)].filter(Boolean).join(', ')],
    ['System', [facts?.system, facts?.libc].filter(Boolean).join(', ') || undefined],
    ['Instructions', facts?.instructions.join(', ') || undefined],
    ['Memory', freeOf(facts?.freeMemoryBytes, facts?.memoryBytes)],
    ['Disk', freeOf(facts?.freeDiskBytes, undefined)],
    ['Load', facts?.load1?.toFixed(2)],
    ['Temperature', facts?.temperatureC === undefined ? undefined : `${facts.temperatureC.toFixed(0)} °C`],
    [
      'Clock',
      skew === undefined ? undefined : `${skew >= 0 ? '+' : '−'}${(Math.abs(skew) / 1000).toFixed(1)} s of ours`,
    ],
    ['Node', facts === null ? undefined : (facts.node ?? 'none of its own')],
    ['SSH server', facts?.sshServer],
    ['Path', path === null ? undefined : [pathWords(path), path.reason].filter(Boolean).join(': ')],
    ['Engine', benchmark?.engine ?? deployment?.engine],
    [
      'Measured',
      benchmark === null
        ? undefined
        : `${rate(benchmark.samplesPerSecond)} (${benchmark.model}, mini-batch ${benchmark.batch}), ${timestamp(benchmark.measuredAt)}`,
    ],
    [
      'Installed',
      deployment === null
        ? undefined
        : `agent ${deployment.version.slice(0, VERSION_CHARACTERS)}, ${timestamp(deployment.deployedAt)}`,
    ],
    [
      'Host key',
      trust === null ? undefined : `${trust.fingerprint} ${trust.keyType}, trusted by ${TRUSTED_BY[trust.by]}`,
    ],
    ['Found by', SOURCE_WORDS[device.source]],
  ];
  return (
    <>
      <Facts rows={rows} />
      {facts === null && <p className="muted">Check the device to learn what it is.</p>}
    </>
  );
}

/** Of the SHA-256 that names a version. */
const VERSION_CHARACTERS = 12;
const TRUSTED_BY = { user: 'you', tailnet: 'the tailnet’s word', 'known-hosts': 'known_hosts' } as const;
