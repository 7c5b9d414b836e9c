import type { ButtonHTMLAttributes, Ref } from 'react';
import { Icon, type IconName } from './icon.tsx';
import './button.css';

export interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'className'> {
  /** `primary`: the one thing this screen is for. `danger`: cannot be taken back. `quiet`: no frame. */
  kind?: 'plain' | 'primary' | 'danger' | 'quiet';
  size?: 'normal' | 'small';
  icon?: IconName;
  /** Shows that what it started goes on; the button cannot be pressed meanwhile. */
  busy?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

/** A verb. While `busy` it stays focusable, so that the keyboard does not lose its place. */
export function Button({ kind = 'plain', size = 'normal', icon, busy = false, children, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={`button ${kind} ${size}`}
      data-autofocus={rest.autoFocus}
      aria-busy={busy || undefined}
      aria-disabled={busy || undefined}
      onClick={busy ? undefined : rest.onClick}
    >
      {busy ? <span className="spinner" aria-hidden /> : icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

/** A button that is only a drawing; its name is said and shown on hover. */
export function IconButton({
  icon,
  label,
  kind = 'quiet',
  size = 'normal',
  ...rest
}: ButtonProps & { icon: IconName; label: string }) {
  return (
    <button type="button" title={label} {...rest} className={`button ${kind} ${size} only-icon`} aria-label={label}>
      <Icon name={icon} />
    </button>
  );
}
