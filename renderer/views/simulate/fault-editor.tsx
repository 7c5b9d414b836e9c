/** What goes wrong, and when. */
import type { Fault } from '../../../main/core/cluster.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { type ClusterDraft, deviceNames } from './cluster-draft.ts';
import { showToast } from '../../state/toasts.ts';

const KINDS: readonly { value: Fault['kind']; label: string }[] = [
  { value: 'crash', label: 'crashes' },
  { value: 'pause', label: 'stands still' },
  { value: 'slow-down', label: 'slows down' },
  { value: 'partition', label: 'loses its network' },
  { value: 'late-join', label: 'joins late' },
];
/** Names to choose from; a longer list is no list. */
const MAX_NAMES = 200;

export interface FaultEditorProps {
  draft: ClusterDraft;
  onChange: (draft: ClusterDraft) => void;
}

export function FaultEditor({ draft, onChange }: FaultEditorProps) {
  const names = deviceNames(draft).slice(0, MAX_NAMES);
  const { faults } = draft;
  const replace = (index: number, fault: Fault): void =>
    onChange({ ...draft, faults: faults.map((one, at) => (at === index ? fault : one)) });
  const add = (): void => {
    const [device] = names;
    if (device !== undefined)
      onChange({ ...draft, faults: [...faults, { kind: 'crash', device, atSeconds: 30, backAfterSeconds: 20 }] });
  };
  return (
    <div className="faults">
      <div className="faults-head">
        <h3>Dropouts and faults</h3>
        <Button size="small" icon="plus" onClick={add}>
          Add fault
        </Button>
      </div>
      {faults.length === 0 && <p className="muted">Nothing goes wrong.</p>}
      <ul>
        {faults.map((fault, index) => (
          <FaultRow
            key={index}
            fault={fault}
            number={index + 1}
            names={names.includes(fault.device) ? names : [fault.device, ...names]}
            onChange={(changed) => replace(index, changed)}
            onRemove={() => {
              onChange({ ...draft, faults: faults.filter((_, at) => at !== index) });
              showToast(`Fault ${index + 1} removed`, { action: { label: 'Undo', run: () => onChange(draft) } });
            }}
          />
        ))}
      </ul>
    </div>
  );
}

interface FaultRowProps {
  fault: Fault;
  number: number;
  names: readonly string[];
  onChange: (fault: Fault) => void;
  onRemove: () => void;
}

function FaultRow({ fault, number, names, onChange, onRemove }: FaultRowProps) {
  return (
    <li className="fault">
      <select
        className="input select"
        aria-label={`Fault ${number}: device`}
        value={fault.device}
        onChange={(event) => onChange({ ...fault, device: event.target.value })}
      >
        {names.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
      <select
        className="input select"
        aria-label={`Fault ${number}: what happens`}
        value={fault.kind}
        onChange={(event) => onChange(ofKind(event.target.value as Fault['kind'], fault))}
      >
        {[...KINDS, ...(fault.kind === 'clone' ? [{ value: 'clone' as const, label: 'appears twice' }] : [])].map(
          ({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ),
        )}
      </select>
      <Seconds
        label={`Fault ${number}: when`}
        before="at"
        value={fault.atSeconds}
        onChange={(atSeconds) => onChange({ ...fault, atSeconds })}
      />
      {fault.kind === 'slow-down' && (
        <label className="fault-number">
          to
          <input
            className="input"
            type="number"
            min={1}
            max={10_000}
            step={1}
            aria-label={`Fault ${number}: how many times as slow`}
            value={fault.factor}
            onChange={(event) => onChange({ ...fault, factor: Math.max(1, event.target.valueAsNumber || 1) })}
          />
          × the time
        </label>
      )}
      {(fault.kind === 'pause' || fault.kind === 'partition') && (
        <Seconds
          label={`Fault ${number}: for how long`}
          before="for"
          value={fault.forSeconds}
          onChange={(forSeconds) => onChange({ ...fault, forSeconds: Math.max(0.1, forSeconds) })}
        />
      )}
      {fault.kind === 'crash' && (
        <Seconds
          label={`Fault ${number}: back after`}
          before="back after"
          value={fault.backAfterSeconds ?? 0}
          onChange={(backAfterSeconds) => onChange(crash(fault, backAfterSeconds))}
          zero="never"
        />
      )}
      <IconButton icon="trash" size="small" label={`Remove fault ${number}`} onClick={onRemove} />
    </li>
  );
}

interface SecondsProps {
  label: string;
  before: string;
  value: number;
  onChange: (value: number) => void;
  /** What 0 stands for. */
  zero?: string;
}

function Seconds({ label, before, value, onChange, zero }: SecondsProps) {
  return (
    <label className="fault-number">
      {before}
      <input
        className="input"
        type="number"
        min={0}
        step={1}
        aria-label={label}
        value={value}
        onChange={(event) => onChange(Math.max(0, event.target.valueAsNumber || 0))}
      />
      {zero !== undefined && value === 0 ? `s (${zero})` : 's'}
    </label>
  );
}

function crash({ device, atSeconds, ...rest }: Extract<Fault, { kind: 'crash' }>, backAfterSeconds: number): Fault {
  const { silent } = rest;
  return {
    kind: 'crash',
    device,
    atSeconds,
    ...(silent !== undefined && { silent }),
    ...(backAfterSeconds > 0 && { backAfterSeconds }),
  };
}

function ofKind(kind: Fault['kind'], { device, atSeconds }: Fault): Fault {
  switch (kind) {
    case 'crash':
      return { kind, device, atSeconds, backAfterSeconds: 20 };
    case 'pause':
    case 'partition':
      return { kind, device, atSeconds, forSeconds: 20 };
    case 'slow-down':
      return { kind, device, atSeconds, factor: 4 };
    case 'late-join':
    case 'clone':
      return { kind, device, atSeconds };
  }
}
