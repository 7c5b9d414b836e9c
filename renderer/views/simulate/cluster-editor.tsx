/** The devices of a cluster and what goes wrong with them. */
import type { ReactNode } from 'react';
import { decimal, plural } from '../../../main/core/display/format.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { Card } from '../../components/card.tsx';
import { type ClusterDraft, type DeviceDraft, withDevice, withNewDevice, withoutDevice } from './cluster-draft.ts';
import { FaultEditor } from './fault-editor.tsx';
import { LogSlider } from '../../components/log-slider.tsx';
import { bitRate, latency } from './figures.ts';
import { showToast } from '../../state/toasts.ts';

const MAX_COUNT = 1000;

export interface ClusterEditorProps {
  draft: ClusterDraft;
  /** Which cluster to start from. */
  pick: ReactNode;
  onChange: (draft: ClusterDraft) => void;
}

export function ClusterEditor({ draft, pick, onChange }: ClusterEditorProps) {
  const total = draft.devices.reduce((sum, { count }) => sum + count, 0);
  const speeds = draft.devices.map(({ samplesPerSecond }) => samplesPerSecond);
  const spread = speeds.length === 0 ? null : Math.max(...speeds) / Math.min(...speeds);
  return (
    <Card
      title={`Cluster: ${draft.name}`}
      note={`${plural(total, 'device')}${spread === null ? '' : spread === 1 ? ', all equally fast' : `, the fastest ${decimal(spread, 1)}× the slowest`}`}
      actions={
        <>
          {pick}
          <Button size="small" icon="plus" onClick={() => onChange(withNewDevice(draft))}>
            Add device
          </Button>
        </>
      }
      flush
    >
      <div className="cluster-scroll" tabIndex={0} role="region" aria-label="Devices of the cluster">
        <table className="cluster-table">
          <thead>
            <tr>
              <th scope="col">device</th>
              <th scope="col">count</th>
              <th scope="col">speed alone</th>
              <th scope="col">up</th>
              <th scope="col">down</th>
              <th scope="col" title="One way">
                latency
              </th>
              <th scope="col">
                <span className="unseen">remove</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {draft.devices.map((device) => (
              <DeviceRow
                key={device.key}
                device={device}
                isLast={draft.devices.length === 1}
                onChange={(change) => onChange(withDevice(draft, device.key, change))}
                onRemove={() => {
                  onChange(withoutDevice(draft, device.key));
                  showToast(`${device.name} removed`, { action: { label: 'Undo', run: () => onChange(draft) } });
                }}
              />
            ))}
          </tbody>
        </table>
      </div>
      <FaultEditor draft={draft} onChange={onChange} />
      <p className="cluster-source">Figures: {draft.source}</p>
    </Card>
  );
}

interface DeviceRowProps {
  device: DeviceDraft;
  isLast: boolean;
  onChange: (change: Partial<DeviceDraft>) => void;
  onRemove: () => void;
}

function DeviceRow({ device, isLast, onChange, onRemove }: DeviceRowProps) {
  const { name, count, samplesPerSecond, upBitsPerSecond, downBitsPerSecond, latencyMs } = device;
  return (
    <tr>
      <th scope="row">
        <input
          className="input"
          aria-label="Name of the device"
          value={name}
          spellCheck={false}
          maxLength={64}
          onChange={(event) => onChange({ name: event.target.value.replace(/[^\w.-]/g, '') })}
        />
      </th>
      <td>
        <input
          className="input cluster-count"
          type="number"
          aria-label={`How many of ${name}`}
          min={1}
          max={MAX_COUNT}
          value={count}
          onChange={(event) =>
            onChange({ count: Math.min(MAX_COUNT, Math.max(1, Math.round(event.target.valueAsNumber) || 1)) })
          }
        />
      </td>
      <td>
        <LogSlider
          label={`Speed of ${name}`}
          value={samplesPerSecond}
          min={1}
          max={100_000}
          text={(value) => `${decimal(value)}/s`}
          onChange={(value) => onChange({ samplesPerSecond: value })}
        />
      </td>
      <td>
        <LogSlider
          label={`Upload of ${name}`}
          value={upBitsPerSecond}
          min={10_000}
          max={1e10}
          text={bitRate}
          onChange={(value) => onChange({ upBitsPerSecond: value })}
        />
      </td>
      <td>
        <LogSlider
          label={`Download of ${name}`}
          value={downBitsPerSecond}
          min={10_000}
          max={1e10}
          text={bitRate}
          onChange={(value) => onChange({ downBitsPerSecond: value })}
        />
      </td>
      <td>
        <LogSlider
          label={`Latency of ${name}`}
          value={latencyMs}
          min={0.05}
          max={5000}
          text={latency}
          onChange={(value) => onChange({ latencyMs: value })}
        />
      </td>
      <td>
        <IconButton icon="trash" size="small" label={`Remove ${name}`} disabled={isLast} onClick={onRemove} />
      </td>
    </tr>
  );
}
