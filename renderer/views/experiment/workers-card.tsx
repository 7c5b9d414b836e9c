import type { DeviceView } from '../../../main/core/device.ts';
import { compareNames, decimal, rate } from '../../../main/core/display/format.ts';
import { Card } from '../../components/card.tsx';
import { Checkbox, TextField } from '../../components/field.tsx';
import { inventory } from '../../state/devices.ts';
import { useNow } from '../../state/now.ts';
import { href } from '../../state/route.ts';
import { useStore } from '../../state/store.ts';
import { stateWords } from '../devices/device-words.ts';
import { StatusDot } from '../../components/status-dot.tsx';
import { numberOrText, type Json } from '../../components/typed-value.ts';
import { setField } from './draft.ts';
import { DraftNumber, DraftSelect, useDraft } from './draft-fields.tsx';
import { speedsInWords } from './speeds.ts';
import { issueText, useIssues } from './validation.ts';
import { useState } from 'react';
import './workers-card.css';

const ENGINES = [
  { value: 'tfjs-node', label: 'tfjs-node, native' },
  { value: 'wasm', label: 'wasm' },
  { value: 'cpu', label: 'cpu, plain JavaScript' },
];

export function WorkersCard() {
  const issues = useIssues();
  const { devices } = useStore(inventory);
  const speeds = useDraft('workers.speeds');
  const local = useDraft('workers.local');
  const [typed, setTyped] = useState('');
  const parsed = parseSpeeds(typed);
  const isSame = JSON.stringify(parsed) === JSON.stringify(speeds);
  return (
    <Card title="Workers" note="Processes on this computer, and devices of the inventory">
      <div className="fields">
        <DraftNumber path="workers.local" label="On this computer" unit="processes" />
        <TextField
          label="Their relative speeds"
          hint={
            typeof local === 'number' && local > 0
              ? speedsInWords(local, speeds)
              : 'From the fastest, 1, to slower ones.'
          }
          placeholder="all equal"
          error={issueText(issues, 'workers.speeds')}
          value={isSame ? typed : Array.isArray(speeds) ? speeds.join(', ') : ''}
          onChange={(text) => {
            setTyped(text);
            setField('workers.speeds', parseSpeeds(text));
          }}
        />
        <DraftSelect path="workers.engine" label="Engine" options={ENGINES} none="The fastest that works" />
      </div>
      <DeviceChoice devices={devices ?? []} error={issueText(issues, 'workers.devices')} />
    </Card>
  );
}

function parseSpeeds(text: string): Json | undefined {
  const parts = text.split(/[\s,;]+/).filter(Boolean);
  return parts.length === 0 ? undefined : parts.map((part) => numberOrText(part) ?? part);
}

function DeviceChoice({ devices, error }: { devices: readonly DeviceView[]; error: string | undefined }) {
  const nowMs = useNow();
  const value = useDraft('workers.devices');
  const chosen = Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];
  const tags = [...new Set(devices.flatMap((device) => device.tags))].sort(compareNames);
  const toggle = (name: string, on: boolean): void => {
    const next = on ? [...chosen, name] : chosen.filter((each) => each !== name);
    setField('workers.devices', next);
  };
  if (devices.length === 0) {
    return (
      <p className="muted device-choice">
        No devices in the inventory. <a href={href('devices')}>Add devices</a> to train on them too.
      </p>
    );
  }
  return (
    <fieldset className="device-choice">
      <legend>Devices</legend>
      {tags.length > 0 && (
        <div className="device-tags">
          {tags.map((tag) => (
            <Checkbox
              key={tag}
              label={`all tagged ${tag}`}
              checked={chosen.includes(`tag:${tag}`)}
              onChange={(on) => toggle(`tag:${tag}`, on)}
            />
          ))}
        </div>
      )}
      <ul className="device-list">
        {[...devices]
          .sort((a, b) => compareNames(a.name, b.name))
          .map((device) => (
            <li key={device.id}>
              <Checkbox
                label={device.name}
                checked={chosen.includes(device.name) || chosen.includes(device.id)}
                onChange={(on) => toggle(device.name, on)}
              />
              <StatusDot {...stateWords(device, nowMs)} />
              <span className="muted">{device.benchmark === null ? '' : rate(device.benchmark.samplesPerSecond)}</span>
            </li>
          ))}
      </ul>
      {error !== undefined && <p className="field-error">{error}</p>}
      {chosen.length > 0 && <p className="field-hint">{decimal(chosen.length)} chosen</p>}
    </fieldset>
  );
}
