/** The present, once a second, for ages on the screen. It stands still while nobody looks. */
import { type Store, useStore } from './store.ts';

const EVERY_MS = 1000;

function ticking(): Store<number> {
  let value = Date.now();
  const listeners = new Set<() => void>();
  let timer: ReturnType<typeof setInterval> | undefined;
  const tick = (): void => {
    value = Date.now();
    for (const listener of [...listeners]) listener();
  };
  return {
    get: () => value,
    subscribe(listener) {
      listeners.add(listener);
      timer ??= setInterval(tick, EVERY_MS);
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
  };
}

export const now = ticking();

/** Milliseconds since 1970, renewed every second. */
export function useNow(): number {
  return useStore(now);
}
