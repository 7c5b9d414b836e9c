/** Light, dark, or as the system has it. Kept in the browser, so that the first paint is right already. */
import { createStore } from './store.ts';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const KEY = 'caduceus.theme';

export const theme = createStore<Theme>('system');

export function chooseTheme(chosen: Theme): void {
  theme.set(chosen);
  if (chosen === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = chosen;
  try {
    localStorage.setItem(KEY, chosen);
  } catch {
    // A browser that keeps nothing: the choice lasts until the window closes.
  }
}

/** Before the first paint. */
export function restoreTheme(): void {
  let kept: string | null = null;
  try {
    kept = localStorage.getItem(KEY);
  } catch {
    // As above.
  }
  chooseTheme(THEMES.find((each) => each === kept) ?? 'system');
}
