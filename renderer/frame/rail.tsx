import type { ReactNode } from 'react';
import { Icon } from '../components/icon.tsx';
import { href } from '../state/route.ts';
import { createStore, useStore } from '../state/store.ts';
import { SCREENS, type ScreenEntry } from './screens.ts';
import './rail.css';

export interface Badge {
  text: string;
  /** Said after the name of the screen: `7 devices`. */
  label: string;
  tone?: 'live' | 'warn';
}

/** Counts and live marks beside the names of screens, by the screen's identifier. */
export const badges = createStore<Readonly<Record<string, Badge | undefined>>>({});

export function setBadge(screen: string, badge: Badge | undefined): void {
  const known = badges.get()[screen];
  if (known?.text !== badge?.text || known?.tone !== badge?.tone) badges.update((all) => ({ ...all, [screen]: badge }));
}

export function Rail({ current }: { current: string }) {
  const entries = (foot: boolean): ReactNode =>
    SCREENS.filter((entry) => (entry.foot ?? false) === foot).map((entry) => (
      <RailLink key={entry.id} entry={entry} current={entry.id === current} />
    ));
  return (
    <nav className="rail" aria-label="Screens">
      <div className="rail-mark">
        <Mark />
        <span className="rail-text">Caduceus</span>
      </div>
      <ul>{entries(false)}</ul>
      <ul className="rail-foot">{entries(true)}</ul>
    </nav>
  );
}

function RailLink({ entry, current }: { entry: ScreenEntry; current: boolean }) {
  const badge = useStore(badges)[entry.id];
  return (
    <li>
      <a
        href={href(entry.id)}
        className="rail-link"
        aria-current={current ? 'page' : undefined}
        title={entry.title}
        onPointerEnter={() => void entry.load()}
        onFocus={() => void entry.load()}
      >
        <Icon name={entry.icon} />
        <span className="rail-text">{entry.title}</span>
        {badge !== undefined && (
          <>
            <span className={`rail-badge ${badge.tone ?? ''}`}>{badge.text}</span>
            {badge.label !== badge.text && <span className="unseen"> {badge.label}</span>}
          </>
        )}
      </a>
    </li>
  );
}

function Mark() {
  return (
    <svg width="20" height="20" viewBox="0 0 20 20" fill="none" strokeWidth="1.6" strokeLinecap="round" aria-hidden>
      <path d="M10 3v15" stroke="currentColor" />
      <path d="M10 6.5c5 .8 5 4.2 0 5s-5 4.2 0 5" stroke="var(--series-0)" />
      <path d="M10 6.5c-5 .8-5 4.2 0 5s5 4.2 0 5" stroke="var(--series-1)" />
      <circle cx="10" cy="3" r="1.8" fill="currentColor" />
    </svg>
  );
}
