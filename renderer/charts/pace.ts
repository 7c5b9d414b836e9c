/**
 * When a view of fast data shows itself again: at most once in a while, and not all views at once. A page that
 * is hidden shows nothing until it is seen.
 */
import { useCallback, useRef, useSyncExternalStore } from 'react';

export interface Versioned {
  subscribe(listener: () => void): () => void;
  /** Another number whenever the data changed. */
  readonly version: () => number;
}

/** Views begin their turns apart, so that their work falls into different frames. */
const STAGGER_MS = 37;
let views = 0;

/** Calls `listener` after changes, at most once in `everyMs`; the last change is never lost. */
export function paced(source: Versioned, everyMs: number, listener: () => void): () => void {
  const offset = (views++ * STAGGER_MS) % Math.max(1, everyMs);
  let due = performance.now() + (everyMs >= 200 ? offset : 0);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const fire = (): void => {
    timer = undefined;
    due = performance.now() + everyMs;
    listener();
  };
  const changed = (): void => {
    timer ??= setTimeout(fire, Math.max(0, due - performance.now()));
  };
  const stop = source.subscribe(changed);
  return () => {
    stop();
    clearTimeout(timer);
  };
}

/** Renders again at most once in `everyMs`; answers with the version that is shown. */
export function usePaced(source: Versioned, everyMs: number): number {
  const shown = useRef(-1);
  const subscribe = useCallback(
    (listener: () => void) =>
      paced(source, everyMs, () => {
        shown.current = source.version();
        listener();
      }),
    [source, everyMs],
  );
  return useSyncExternalStore(subscribe, () => (shown.current < 0 ? source.version() : shown.current));
}
