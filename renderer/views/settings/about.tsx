import { useState } from 'react';
import { bytes, decimal } from '../../../main/core/display/format.ts';
import { Button } from '../../components/button.tsx';
import { Card } from '../../components/card.tsx';
import { Facts } from '../../components/facts.tsx';
import { appInfo, load } from '../../state/app.ts';
import { handOver, perform } from '../../state/control-plane.ts';
import { useStore } from '../../state/store.ts';
import { LICENCES } from './licences.ts';

/** What this is and what it is made of; and what to send when something is wrong. */
export function About() {
  const info = useStore(appInfo);
  const now = useStore(load);
  if (info === null) return null;
  const facts: [string, string][] = [
    ['Version', `${info.name} ${info.version}`],
    ['Runs as', info.host === 'desktop' ? 'desktop program' : 'page in a browser'],
    ['System', `${info.system}, ${decimal(info.cpus)} processors, Node ${info.node}`],
    ['Engine', info.engine ?? 'not chosen yet: no run has trained here'],
    ['Data directory', info.dataDirectory],
    [
      'PDF reports',
      info.capabilities.writesPdf ? 'can be written' : (info.capabilities.pdfObstacle ?? 'cannot be written'),
    ],
    [
      'Secrets',
      info.capabilities.keepsSecrets ? 'in the system’s key store' : 'in memory only, until the program ends',
    ],
    ['Memory', now === null ? 'not known yet' : bytes(now.memoryBytes)],
  ];
  return (
    <Card title="About">
      <Facts rows={facts} />
      <details className="licences">
        <summary>Licences</summary>
        <p>Caduceus is free software under the MIT licence. It contains:</p>
        <ul>
          {LICENCES.map(({ name, licence }) => (
            <li key={name}>
              {name} <span className="muted">{licence}</span>
            </li>
          ))}
        </ul>
      </details>
    </Card>
  );
}

export function Diagnostics() {
  const [busy, setBusy] = useState(false);
  const save = async (): Promise<void> => {
    setBusy(true);
    const file = await perform('app.diagnostics', {});
    setBusy(false);
    if (file !== undefined) await handOver(file);
  };
  return (
    <Card title="Diagnostics">
      <div className="settings-line">
        <p className="muted">
          One file with versions, settings, the newest failures and the state of this program. Secrets, names of devices
          and addresses are left out. Nothing is sent anywhere.
        </p>
        <Button icon="download" busy={busy} onClick={() => void save()}>
          Save diagnostics
        </Button>
      </div>
    </Card>
  );
}
