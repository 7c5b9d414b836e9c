/**
 * When a view of fast data shows itself again: at most once in a while, and not all views at once. A page that
 * is hidden shows nothing until it is seen.
 */
import { use, useCallback, useRef, useSyncExternalStore } from 'react';
import { SightContext } from './in-sight.tsx';

export interface Versioned {
  subscribe(listener: () => void): () => void;
  /** Another number whenever the data changed. */
  readonly version: () => number;
}

/** Whether somebody can see a part of the page. */
export interface Sight {
  isSeen(): boolean;
  /** Told whenever it comes into sight. */
  onSeen(listener: () => void): () => void;
}

/** Views begin their turns apart, so that their work falls into different frames. */
const STAGGER_MS = 37;
let views = 0;

/**
 * Calls `listener` after changes, at most once in `everyMs`; the last change is never lost. What is out of sight
 * hears of it when it comes back.
 */
export function paced(
  source: Versioned,
  everyMs: number,
  listener: () => void,
  sight: Sight | null = null,
): () => void {
  const offset = (views++ * STAGGER_MS) % Math.max(1, everyMs);
  let due = performance.now() + (everyMs >= 200 ? offset : 0);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const fire = (): void => {
    timer = undefined;
    due = performance.now() + everyMs;
    listener();
  };
  let isMissed = false;
  const changed = (): void => {
    isMissed = sight !== null && !sight.isSeen();
    if (!isMissed) timer ??= setTimeout(fire, Math.max(0, due - performance.now()));
  };
  const stops = [source.subscribe(changed), sight?.onSeen(() => isMissed && changed())];
  return () => {
    for (const stop of stops) stop?.();
    clearTimeout(timer);
  };
}

/** Renders again at most once in `everyMs`; answers with the version that is shown. */
export function usePaced(source: Versioned, everyMs: number): number {
  const shown = useRef(-1);
  const sight = use(SightContext);
  const subscribe = useCallback(
    (listener: () => void) =>
      paced(
        source,
        everyMs,
        () => {
          shown.current = source.version();
          listener();
        },
        sight,
      ),
    [source, everyMs, sight],
  );
  return useSyncExternalStore(subscribe, () => (shown.current < 0 ? source.version() : shown.current));
}
