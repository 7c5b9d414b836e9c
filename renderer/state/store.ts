/** A value that screens follow: the smallest thing React can subscribe to. */
import { useSyncExternalStore } from 'react';

export interface Store<T> {
  get(): T;
  /** Returns how to stop. */
  subscribe(listener: () => void): () => void;
}

export interface WritableStore<T> extends Store<T> {
  set(value: T): void;
  update(change: (value: T) => T): void;
}

export function createStore<T>(initial: T): WritableStore<T> {
  let value = initial;
  const listeners = new Set<() => void>();
  const set = (next: T): void => {
    if (Object.is(next, value)) return;
    value = next;
    for (const listener of [...listeners]) listener();
  };
  return {
    get: () => value,
    set,
    update: (change) => set(change(value)),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function useStore<T>(store: Store<T>): T {
  return useSyncExternalStore(store.subscribe, store.get, store.get);
}

/** One part of a store; renders again only when that part is another. `select` must return what it found, not a copy. */
export function useSelected<T, S>(store: Store<T>, select: (value: T) => S): S {
  const part = (): S => select(store.get());
  return useSyncExternalStore(store.subscribe, part, part);
}
