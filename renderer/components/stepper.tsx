import type { ReactNode } from 'react';
import { Icon, type IconName } from './icon.tsx';
import './stepper.css';

export type StepState = 'waiting' | 'running' | 'needs-you' | 'done' | 'skipped' | 'failed' | 'cancelled';

export interface Step {
  key: string;
  label: string;
  state: StepState;
  detail?: string | undefined;
  /** `43 ms`. */
  took?: string | undefined;
  /** 0 … 1 */
  progress?: number | undefined;
  /** Under the step: its log, its error and what to do. */
  children?: ReactNode;
}

const WORDS: Record<StepState, string> = {
  waiting: 'not begun',
  running: 'under way',
  'needs-you': 'waits for you',
  done: 'done',
  skipped: 'not needed',
  failed: 'failed',
  cancelled: 'cancelled',
};

const ICONS: Partial<Record<StepState, IconName>> = {
  'needs-you': 'question',
  done: 'check',
  skipped: 'check',
  failed: 'cross',
  cancelled: 'cross',
};

/** What happens one after the other, how far it is, and how long each step took. */
export function Stepper({ label, steps }: { label: string; steps: readonly Step[] }) {
  return (
    <ol className="stepper" aria-label={label}>
      {steps.map((step, index) => {
        const icon = ICONS[step.state];
        return (
          <li key={step.key} className="step" data-state={step.state} aria-current={isNow(step) ? 'step' : undefined}>
            <span className="step-mark" aria-hidden>
              {step.state === 'running' ? (
                <span className="spinner" />
              ) : icon ? (
                <Icon name={icon} size={12} />
              ) : (
                index + 1
              )}
            </span>
            <div className="step-text">
              <div className="step-line">
                <span className="step-label">{step.label}</span>
                <span className="unseen">: {WORDS[step.state]}. </span>
                {step.detail !== undefined && <span className="step-detail">{step.detail}</span>}
                {step.took !== undefined && <span className="step-took">{step.took}</span>}
              </div>
              {step.state === 'running' && step.progress !== undefined && (
                <progress className="step-progress" max={1} value={step.progress} aria-label={step.label} />
              )}
              {step.children}
            </div>
          </li>
        );
      })}
    </ol>
  );
}

function isNow({ state }: Step): boolean {
  return state === 'running' || state === 'needs-you';
}
