/** Where things are looked for, and where servers listen. */
import { useState } from 'react';
import type { CallInput, Settings } from '../../../main/core/api.ts';
import { isEveryAddress } from '../../../main/core/listen-address.ts';
import { Button } from '../../components/button.tsx';
import { Card } from '../../components/card.tsx';
import { TextField } from '../../components/field.tsx';
import { bridge } from '../../state/control-plane.ts';
import { changeSettings } from '../../state/settings.ts';
import { showFailure } from '../../state/toasts.ts';

type Change = CallInput<'settings.update'>['change'];

/** A text that is kept when it is left or Enter is pressed, and that says so. */
function Kept({
  label,
  hint,
  placeholder,
  value,
  toChange,
}: {
  label: string;
  hint: string;
  placeholder?: string;
  value: string;
  /** Undefined: it cannot be that. */
  toChange: (text: string) => Change | undefined;
}) {
  const [typed, setTyped] = useState<string | null>(null);
  const shown = typed ?? value;
  const change = toChange(shown.trim());
  const keep = async (): Promise<void> => {
    if (typed === null || change === undefined) return;
    if (typed.trim() === value || (await changeSettings(change))) setTyped(null);
  };
  return (
    <TextField
      {...{ label, hint, placeholder }}
      value={shown}
      error={change === undefined ? `This cannot be: ${hint}` : undefined}
      onChange={setTyped}
      onBlur={() => void keep()}
      onKeyDown={(event) => {
        if (event.key === 'Enter') void keep();
        if (event.key === 'Escape') setTyped(null);
      }}
    />
  );
}

export function DataPlace({ settings }: { settings: Settings }) {
  const choose = bridge().choosePath;
  const chooseFolder = async (): Promise<void> => {
    const answer = await choose?.('folder');
    if (answer?.ok === false) showFailure(answer.error);
    else if (typeof answer?.value === 'string') await changeSettings({ dataDirectory: answer.value });
  };
  return (
    <Card title="Data sets">
      <div className="settings-line">
        <Kept
          label="Folder"
          hint="Where files of data sets are looked for when an experiment names no folder."
          placeholder="none"
          value={settings.dataDirectory ?? ''}
          toChange={(text) => ({ dataDirectory: text === '' ? null : text })}
        />
        {choose !== undefined && <Button onClick={() => void chooseFolder()}>Choose…</Button>}
      </div>
    </Card>
  );
}

export function Listening({ settings }: { settings: Settings }) {
  return (
    <Card title="Parameter servers" note="When an experiment names no address">
      <div className="settings-fields">
        <Kept
          label="Listen on"
          hint="One address of this computer: loopback, or that of the tailnet. Never all of them."
          placeholder="loopback, and where devices come in"
          value={settings.listenHost ?? ''}
          toChange={(text) =>
            text === ''
              ? { listenHost: null }
              : /^[A-Za-z0-9.:%-]{1,253}$/.test(text) && !isEveryAddress(text)
                ? { listenHost: text }
                : undefined
          }
        />
        <Kept
          label="Port"
          hint="From 0 to 65535; 0 takes any that is free."
          value={String(settings.listenPort)}
          toChange={(text) => {
            const listenPort = wholeNumber(text, 0, 65_535);
            return listenPort === undefined ? undefined : { listenPort };
          }}
        />
      </div>
    </Card>
  );
}

/** How much goes on side by side. */
export function AtOnce({ settings }: { settings: Settings }) {
  return (
    <Card title="At once" note="More side by side is sooner done, and loads this computer and its network more">
      <div className="settings-fields">
        <Kept
          label="Deployments at once"
          hint="Devices, from 1 to 64."
          value={String(settings.deployConcurrency)}
          toChange={(text) => {
            const deployConcurrency = wholeNumber(text, 1, 64);
            return deployConcurrency === undefined ? undefined : { deployConcurrency };
          }}
        />
        <Kept
          label="Simulations at once"
          hint="From 1 to 256; empty: one a processor."
          placeholder="one a processor"
          value={settings.simulationConcurrency === null ? '' : String(settings.simulationConcurrency)}
          toChange={(text) => {
            const simulationConcurrency = text === '' ? null : wholeNumber(text, 1, 256);
            return simulationConcurrency === undefined ? undefined : { simulationConcurrency };
          }}
        />
      </div>
    </Card>
  );
}

function wholeNumber(text: string, least: number, most: number): number | undefined {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  return value >= least && value <= most ? value : undefined;
}
