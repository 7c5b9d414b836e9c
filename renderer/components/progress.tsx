import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import './progress.css';

export interface ProgressProps {
  label: ReactNode;
  /** Said to screen readers where `label` is not plain text. */
  name?: string;
  /** 0 … 1; null when nobody can tell. */
  value: number | null;
  /** At the end of the line: `18.4 of 29.7 MB, 1 s left`. */
  note?: ReactNode;
  onCancel?: () => void;
}

/** How far something is, and the way out of it. */
export function Progress({ label, name, value, note, onCancel }: ProgressProps) {
  return (
    <div className="progress">
      <div className="progress-line">
        <span className="progress-label">{label}</span>
        {note !== undefined && <span className="progress-note">{note}</span>}
        {onCancel !== undefined && (
          <Button size="small" onClick={onCancel}>
            Cancel
          </Button>
        )}
      </div>
      <progress
        max={1}
        aria-label={name ?? (typeof label === 'string' ? label : 'Progress')}
        {...(value === null ? {} : { value: Math.min(1, Math.max(0, value)) })}
      />
    </div>
  );
}
