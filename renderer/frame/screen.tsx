import type { ReactNode } from 'react';
import { useSideCovers } from './side-panel.tsx';
import './screen.css';

export interface ScreenProps {
  title: ReactNode;
  /** Beside the title, quieter. */
  note?: ReactNode;
  /** Buttons at the end of the title's line. */
  actions?: ReactNode;
  /** A `SidePanel`: particulars of what is chosen. */
  side?: ReactNode;
  children: ReactNode;
}

/** What every screen looks like: a line with its name and its verbs, its content, and a side panel where it has one. */
export function Screen({ title, note, actions, side, children }: ScreenProps) {
  const isCovered = useSideCovers() && side !== undefined;
  return (
    <div className={side === undefined ? 'screen' : 'screen with-side'}>
      <div className="screen-main" inert={isCovered}>
        <header className="screen-head">
          <h1>{title}</h1>
          {note !== undefined && <div className="screen-note">{note}</div>}
          {actions !== undefined && <div className="screen-actions">{actions}</div>}
        </header>
        <div className="screen-body">{children}</div>
      </div>
      {side}
    </div>
  );
}
