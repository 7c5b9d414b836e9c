import type { ReactNode } from 'react';
import { sentence } from '../state/sentence.ts';
import { Icon, type IconName } from './icon.tsx';
import './notice.css';

/** What crosses the bridge when something failed. */
export interface Failure {
  code: string;
  message: string;
  remedy: string;
}

export interface ErrorNoticeProps {
  error: Failure;
  /** What was wanted, or whom it struck: `pi-attic could not be deployed to`. */
  title?: ReactNode;
  /** Buttons that do what the remedy says. */
  actions?: ReactNode;
  compact?: boolean;
}

/** What happened, to whom, why, what to do — and the button that does it. */
export function ErrorNotice({ error, title, actions, compact = false }: ErrorNoticeProps) {
  return (
    <div className={`notice bad${compact ? ' compact' : ''}`} role="alert">
      <Icon name="warning" />
      <div className="notice-text">
        {title !== undefined && <p className="notice-title">{title}</p>}
        <p className="notice-message">{sentence(error.message)}</p>
        <p className="notice-remedy">{error.remedy}</p>
        <div className="notice-foot">
          {actions}
          <code className="notice-code">{error.code}</code>
        </div>
      </div>
    </div>
  );
}

export interface NoticeProps {
  tone?: 'info' | 'warn' | 'good';
  title?: ReactNode;
  actions?: ReactNode;
  children?: ReactNode;
}

const ICONS: Record<'info' | 'warn' | 'good', IconName> = { info: 'info', warn: 'warning', good: 'check' };

/** Something worth knowing that is no failure. */
export function Notice({ tone = 'info', title, actions, children }: NoticeProps) {
  return (
    <div
      className={`notice ${tone}${children === undefined ? ' line' : ''}`}
      role={tone === 'warn' ? 'status' : undefined}
    >
      <Icon name={ICONS[tone]} />
      <div className="notice-text">
        {title !== undefined && <p className="notice-title">{title}</p>}
        {children !== undefined && <div className="notice-message">{children}</div>}
        {actions !== undefined && <div className="notice-foot">{actions}</div>}
      </div>
    </div>
  );
}
