import { useState, type ReactNode } from 'react';
import type { ErrorReport } from '../../../main/core/errors.ts';
import { Button } from '../../components/button.tsx';
import { Icon, type IconName } from '../../components/icon.tsx';
import { ErrorNotice } from '../../components/notice.tsx';
import { startTrial } from './trial.ts';

interface EmptyDevicesProps {
  onTailnet: () => void;
  onAddress: () => void;
  onSimulated: () => void;
  hasSimulated: boolean;
}

/** An empty inventory: three ways in. */
export function EmptyDevices({ onTailnet, onAddress, onSimulated, hasSimulated }: EmptyDevicesProps) {
  const [stage, setStage] = useState<string | null>(null);
  const [error, setError] = useState<ErrorReport | null>(null);
  const start = (): void => {
    if (stage !== null) return;
    setError(null);
    void startTrial(setStage).then((failure) => {
      setStage(null);
      setError(failure ?? null);
    });
  };
  return (
    <div className="doors-frame" data-low={hasSimulated || undefined}>
      <div className="doors-lead">
        <h2>Train one model on many unequal machines</h2>
        <p className="muted">
          Add the machines you have; each is measured, gets as much work as it can carry, and reports here while it
          trains.
        </p>
      </div>
      <ul className="doors">
        <Door
          icon="play"
          title="Try it now with four workers on this computer"
          busy={stage}
          onOpen={start}
          note="No hardware, no network"
        >
          Four processes, held to unequal speeds, learn to read digits under Hermes: the real thing on a small scale.
        </Door>
        <Door
          icon="network"
          title="Find devices on my tailnet"
          onOpen={onTailnet}
          note="Needs Tailscale on this computer"
        >
          Lists the machines of your tailnet with their addresses and paths; you choose which ones join.
        </Door>
        <Door icon="plus" title="Add a device by address" onOpen={onAddress} note="Needs SSH on the device">
          A Raspberry Pi, a Jetson, a laptop, a cloud machine: whatever you can log in to. Nothing is installed before
          you say so.
        </Door>
      </ul>
      {!hasSimulated && (
        <p className="doors-more muted">
          <Button size="small" icon="chip" onClick={onSimulated}>
            Describe simulated devices
          </Button>
          They train in virtual time only: to see beforehand what a run on such machines would do.
        </p>
      )}
      {error !== null && <ErrorNotice title="The trial run could not be started" error={error} />}
    </div>
  );
}

interface DoorProps {
  icon: IconName;
  title: string;
  note: string;
  busy?: string | null;
  onOpen: () => void;
  children: ReactNode;
}

function Door({ icon, title, note, busy = null, onOpen, children }: DoorProps) {
  return (
    <li>
      <button type="button" className="door" aria-busy={busy !== null || undefined} onClick={onOpen}>
        <span className="door-icon">
          {busy === null ? <Icon name={icon} size={20} /> : <span className="spinner" aria-hidden />}
        </span>
        <span className="door-title">{title}</span>
        <span className="door-text">{children}</span>
        <span className="door-note" role={busy === null ? undefined : 'status'}>
          {busy ?? note}
        </span>
      </button>
    </li>
  );
}
