/**
 * The moment that a pointer is at, shared by every chart of a screen, and the worker that is looked at.
 * Both live outside React: moving a pointer draws a few lines again and renders no chart.
 */
import { createContext, use, useSyncExternalStore } from 'react';

export class Moment {
  /** Seconds of training; null while nobody points at a chart. */
  #seconds: number | null = null;
  #worker: string | null = null;
  readonly #momentListeners = new Set<() => void>();
  readonly #workerListeners = new Set<() => void>();

  readonly onMoment = (listener: () => void): (() => void) => subscribed(this.#momentListeners, listener);
  readonly onWorker = (listener: () => void): (() => void) => subscribed(this.#workerListeners, listener);
  readonly seconds = (): number | null => this.#seconds;
  readonly worker = (): string | null => this.#worker;

  point(seconds: number | null): void {
    if (seconds === this.#seconds) return;
    this.#seconds = seconds;
    for (const listener of this.#momentListeners) listener();
  }

  /** Looks at one worker; at the same one again: at all. */
  toggleWorker(worker: string | null): void {
    this.#worker = worker === this.#worker ? null : worker;
    for (const listener of this.#workerListeners) listener();
  }
}

function subscribed(listeners: Set<() => void>, listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const MomentContext = createContext(new Moment());

export function useMoment(): Moment {
  return use(MomentContext);
}

/** Renders again whenever the pointer moves: for readouts, never for charts. */
export function useSeconds(): number | null {
  const moment = useMoment();
  return useSyncExternalStore(moment.onMoment, moment.seconds);
}

export function useFocusedWorker(): string | null {
  const moment = useMoment();
  return useSyncExternalStore(moment.onWorker, moment.worker);
}
