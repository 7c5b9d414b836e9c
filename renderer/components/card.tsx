import { useId, type ReactNode } from 'react';
import './card.css';

export interface CardProps {
  title?: ReactNode;
  /** Beside the title, quieter: the unit, the span, what it is measured against. */
  note?: ReactNode;
  /** At the end of the title's line. */
  actions?: ReactNode;
  /** Content goes to the edges: tables and charts. */
  flush?: boolean;
  children: ReactNode;
}

export function Card({ title, note, actions, flush = false, children }: CardProps) {
  const id = useId();
  return (
    <section className={`card${flush ? ' flush' : ''}`} aria-labelledby={title === undefined ? undefined : id}>
      {(title !== undefined || actions !== undefined) && (
        <header className="card-head">
          {title !== undefined && <h2 id={id}>{title}</h2>}
          {note !== undefined && <span className="card-note">{note}</span>}
          {actions !== undefined && <div className="card-actions">{actions}</div>}
        </header>
      )}
      <div className="card-body">{children}</div>
    </section>
  );
}

export interface FigureProps {
  label: string;
  /** Null: not known yet, shown as such and never as 0. */
  value: ReactNode | null;
  unit?: string;
  /** Against what: `saved of 6.5 GB (BSP, float32)`. */
  against?: ReactNode;
  /** A sparkline. */
  children?: ReactNode;
}

/** One number, large, with what it is measured against. */
export function Figure({ label, value, unit, against, children }: FigureProps) {
  return (
    <div className="figure">
      <div className="figure-label">{label}</div>
      <div className="figure-line">
        <div className="figure-value">
          {value ?? (
            <span className="muted" title="Not known yet">
              –<span className="unseen"> not known yet</span>
            </span>
          )}
          {value !== null && unit !== undefined && <span className="figure-unit"> {unit}</span>}
        </div>
        {children !== undefined && <div className="figure-spark">{children}</div>}
      </div>
      <div className="figure-against">{against ?? ' '}</div>
    </div>
  );
}
