import type { ErrorReport } from '../../main/core/errors.ts';
import { sentence } from './sentence.ts';
import { createStore } from './store.ts';

export interface Toast {
  id: number;
  tone: 'plain' | 'good' | 'bad';
  text: string;
  showMs: number;
  action?: { label: string; run: () => void };
}

/** Older ones give way. */
const MAX_TOASTS = 3;
const SHOW_MS = 5_000;
/** What can be taken back stays longer. */
const SHOW_WITH_ACTION_MS = 12_000;

export const toasts = createStore<readonly Toast[]>([]);
let nextId = 1;

export function showToast(text: string, options: { tone?: Toast['tone']; action?: Toast['action'] } = {}): void {
  const toast: Toast = {
    id: nextId++,
    tone: options.tone ?? 'plain',
    text,
    showMs: options.action === undefined ? SHOW_MS : SHOW_WITH_ACTION_MS,
    ...(options.action === undefined ? {} : { action: options.action }),
  };
  toasts.update((shown) => [...shown, toast].slice(-MAX_TOASTS));
}

/** What was wanted and did not happen: message and remedy, longer than the rest. */
export function showFailure({ code, message, remedy }: ErrorReport): void {
  const toast: Toast = {
    id: nextId++,
    tone: 'bad',
    text: `${sentence(message)} ${remedy} (${code})`,
    showMs: SHOW_WITH_ACTION_MS,
  };
  toasts.update((shown) => [...shown, toast].slice(-MAX_TOASTS));
}

export function dismissToast(id: number): void {
  toasts.update((shown) => shown.filter((toast) => toast.id !== id));
}
