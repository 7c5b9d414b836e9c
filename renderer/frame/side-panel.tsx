/** Particulars of what is chosen, at the end of a screen: beside its content, or over it where there is no room beside. */
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState, useSyncExternalStore } from 'react';

/** As in `screen.css`, which lays the panel out. */
const NO_ROOM = '(max-width: 1020px)';

/** Whether a side panel lies over the content, which then is not to be come to. */
export function useSideCovers(): boolean {
  return useSyncExternalStore(
    followRoom,
    () => matchMedia(NO_ROOM).matches,
    () => false,
  );
}

function followRoom(changed: () => void): () => void {
  const query = matchMedia(NO_ROOM);
  query.addEventListener('change', changed);
  return () => query.removeEventListener('change', changed);
}

export interface SidePanelProps {
  label: string;
  onClose: () => void;
  children: ReactNode;
}

/** Escape closes it, as does the ground beside it where it lies over the content. It gives the focus back to where it was. */
export function SidePanel({ label, onClose, children }: SidePanelProps) {
  const panel = useRef<HTMLElement>(null);
  const covers = useSideCovers();
  // While it is drawn first: what is inside may take the focus before any effect of its own.
  const [opener] = useState(() => (typeof document === 'undefined' ? null : document.activeElement));

  useEffect(() => {
    const { activeElement, body } = document;
    // A button that gives way to the panel leaves the focus nowhere.
    const isLost = activeElement === body && opener !== body;
    if ((covers || isLost) && !panel.current?.contains(activeElement)) panel.current?.focus();
  }, [covers, opener]);

  useEffect(() => () => giveBack(opener), [opener]);

  const onKeyDown = (event: KeyboardEvent): void => {
    // What is open above it closes first.
    if (event.key !== 'Escape' || document.querySelector(':popover-open, dialog[open]') !== null) return;
    event.preventDefault();
    onClose();
  };

  return (
    <>
      {covers && (
        <div
          className="side-shade"
          role="presentation"
          // The focus stays in the panel, to be given back with it.
          onMouseDown={(event) => event.preventDefault()}
          onClick={onClose}
        />
      )}
      <aside ref={panel} className="side" aria-label={label} tabIndex={-1} onKeyDown={onKeyDown}>
        {children}
      </aside>
    </>
  );
}

/** Whoever is elsewhere by now stays there. */
function giveBack(opener: Element | null): void {
  if (document.activeElement !== null && document.activeElement !== document.body) return;
  const isThere = opener instanceof HTMLElement && opener !== document.body && opener.isConnected;
  (isThere ? opener : document.getElementById('main'))?.focus();
}
