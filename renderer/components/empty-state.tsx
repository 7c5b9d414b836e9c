import type { ReactNode } from 'react';
import { Icon, type IconName } from './icon.tsx';
import './empty-state.css';

export interface EmptyStateProps {
  icon?: IconName;
  title: string;
  /** What will be here, and how it gets here. */
  children?: ReactNode;
  actions?: ReactNode;
}

/** Nothing here yet: says what belongs here and offers the way to it. */
export function EmptyState({ icon, title, children, actions }: EmptyStateProps) {
  return (
    <div className="empty">
      {icon !== undefined && (
        <span className="empty-icon">
          <Icon name={icon} size={24} />
        </span>
      )}
      <h2>{title}</h2>
      {children !== undefined && <div className="empty-text">{children}</div>}
      {actions !== undefined && <div className="empty-actions">{actions}</div>}
    </div>
  );
}

/** Grey bars where content will be; nothing to read for screen readers but `label`. */
export function Skeleton({ label, lines = 3 }: { label: string; lines?: number }) {
  return (
    <div className="skeleton" role="status" aria-label={label}>
      {Array.from({ length: lines }, (_, index) => (
        <span key={index} style={{ width: `${92 - ((index * 17) % 38)}%` }} />
      ))}
    </div>
  );
}
