import { useId, useLayoutEffect, useRef, type ReactNode } from 'react';
import { IconButton } from './button.tsx';
import './dialog.css';

export interface DialogProps {
  title: ReactNode;
  /** Escape, the cross and the ground beside it: all mean that nothing is to happen. */
  onClose: () => void;
  tone?: 'plain' | 'warn' | 'bad';
  width?: 'narrow' | 'normal' | 'wide';
  /** Buttons, the safe one first; give it `autoFocus`. */
  actions?: ReactNode;
  children: ReactNode;
}

/**
 * A question in front of everything else. The browser's own modal dialog keeps the focus inside, makes
 * the rest inert and gives the focus back to where it was.
 */
export function Dialog({ title, onClose, tone = 'plain', width = 'normal', actions, children }: DialogProps) {
  const id = useId();
  const ref = useRef<HTMLDialogElement>(null);

  // In the layout phase: a dialog that has left the document no longer gives the focus back.
  useLayoutEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    // React's `autoFocus` comes before the dialog is shown, when nothing in it can have the focus.
    dialog?.querySelector<HTMLElement>('[data-autofocus]')?.focus();
    return () => dialog?.close();
  }, []);

  return (
    <dialog
      ref={ref}
      className={`modal dialog ${width} ${tone}`}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => {
        if (event.target === ref.current) onClose();
      }}
    >
      <div className="modal-frame">
        <header className="dialog-head">
          <h2 id={id}>{title}</h2>
          <IconButton icon="cross" label="Close" onClick={onClose} />
        </header>
        <div className="dialog-body">{children}</div>
        {actions !== undefined && <footer className="dialog-actions">{actions}</footer>}
      </div>
    </dialog>
  );
}
