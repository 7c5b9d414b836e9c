import { useId, useRef, type KeyboardEvent, type ReactNode } from 'react';
import { Button, IconButton, type ButtonProps } from './button.tsx';
import { Icon, type IconName } from './icon.tsx';
import './menu.css';

export interface MenuItem {
  label: string;
  icon?: IconName;
  /** Shown at the end: a key, or why it cannot be done now. */
  note?: string;
  danger?: boolean;
  disabled?: boolean;
  onSelect: () => void;
}

export interface MenuProps {
  label: string;
  /** `null` is a line between groups. */
  items: readonly (MenuItem | null)[];
  /** What the button shows; without it the button is three dots with `label` as their name. */
  children?: ReactNode;
  button?: Pick<ButtonProps, 'kind' | 'size' | 'icon' | 'disabled'>;
}

const EDGE_PX = 8;
const GAP_PX = 4;

/** A button that opens a list of verbs: arrows move, Enter chooses, Escape closes and gives the focus back. */
export function Menu({ label, items, children, button = {} }: MenuProps) {
  const id = useId();
  const opener = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);

  const choices = (): HTMLButtonElement[] => [
    ...(list.current?.querySelectorAll<HTMLButtonElement>('[role=menuitem]:not(:disabled)') ?? []),
  ];
  const close = (): void => list.current?.hidePopover();

  const open = (): void => {
    const [from, menu] = [opener.current, list.current];
    if (from === null || menu === null) return;
    menu.showPopover();
    const edge = from.getBoundingClientRect();
    const { width, height } = menu.getBoundingClientRect();
    const below = edge.bottom + GAP_PX + height <= innerHeight - EDGE_PX;
    menu.style.left = `${Math.max(EDGE_PX, Math.min(edge.right - width, innerWidth - width - EDGE_PX))}px`;
    menu.style.top = `${below ? edge.bottom + GAP_PX : Math.max(EDGE_PX, edge.top - GAP_PX - height)}px`;
    choices()[0]?.focus();
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    const all = choices();
    const at = all.findIndex((choice) => choice === document.activeElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (next !== undefined) {
      event.preventDefault();
      all.at(next % all.length)?.focus();
    } else if (event.key === 'Tab') {
      close();
    }
  };

  const opens = { ref: opener, onClick: open, 'aria-haspopup': 'menu' as const, 'aria-controls': id };
  return (
    <>
      {children === undefined ? (
        <IconButton {...button} {...opens} icon={button.icon ?? 'more'} label={label} />
      ) : (
        <Button {...button} {...opens}>
          {children}
          <Icon name="down" size={12} />
        </Button>
      )}
      <div ref={list} id={id} popover="auto" role="menu" aria-label={label} className="menu" onKeyDown={onKeyDown}>
        {items.map((item, index) =>
          item === null ? (
            <hr key={`rule-${index}`} />
          ) : (
            <button
              key={`${index} ${item.label}`}
              type="button"
              role="menuitem"
              tabIndex={-1}
              className={item.danger ? 'menu-item danger' : 'menu-item'}
              disabled={item.disabled}
              onClick={() => {
                close();
                opener.current?.focus();
                item.onSelect();
              }}
            >
              {item.icon && <Icon name={item.icon} />}
              <span>{item.label}</span>
              {item.note !== undefined && <span className="menu-note">{item.note}</span>}
            </button>
          ),
        )}
      </div>
    </>
  );
}
