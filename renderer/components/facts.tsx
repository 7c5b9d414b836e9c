import type { ReactNode } from 'react';
import './facts.css';

/** Names and what is known under them. Null is shown as not known, undefined is left out. */
export function Facts({ rows }: { rows: readonly (readonly [name: string, value: ReactNode])[] }) {
  return (
    <dl className="facts">
      {rows.map(
        ([name, value]) =>
          value !== undefined && (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value ?? <span className="muted">not known yet</span>}</dd>
            </div>
          ),
      )}
    </dl>
  );
}
