/** A part of a long screen that rests while it is scrolled out of sight, and catches up when it comes back. */
import { createContext, type ReactNode, useEffect, useRef, useState } from 'react';
import type { Sight } from './pace.ts';

/** So that nothing is seen to catch up while the page is scrolled. */
const MARGIN_PX = 160;

export const SightContext = createContext<Sight | null>(null);

class Watched implements Sight {
  readonly #listeners = new Set<() => void>();
  #isSeen = true;

  readonly isSeen = (): boolean => this.#isSeen;

  readonly onSeen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  set(isSeen: boolean): void {
    this.#isSeen = isSeen;
    if (isSeen) for (const listener of this.#listeners) listener();
  }
}

export function InSight({ className, children }: { className?: string; children: ReactNode }) {
  const place = useRef<HTMLDivElement>(null);
  const [sight] = useState(() => new Watched());
  useEffect(() => {
    const target = place.current;
    if (target === null) return;
    const observer = new IntersectionObserver(([entry]) => entry && sight.set(entry.isIntersecting), {
      rootMargin: `${MARGIN_PX}px`,
    });
    observer.observe(target);
    return () => observer.disconnect();
  }, [sight]);
  return (
    <SightContext value={sight}>
      <div ref={place} className={className === undefined ? 'in-sight' : `in-sight ${className}`}>
        {children}
      </div>
    </SightContext>
  );
}
