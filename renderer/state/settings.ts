/** What the user has set for all runs. Changes take effect at once; the control plane keeps them. */
import type { CallInput, Settings, SettingsView } from '../../main/core/api.ts';
import { ask, follow, perform } from './control-plane.ts';
import { createStore } from './store.ts';
import { chooseTheme } from './theme.ts';

export const settings = createStore<SettingsView | null>(null);

function take(view: SettingsView): void {
  settings.set(view);
  chooseTheme(view.settings.theme);
  if (view.settings.motion === 'reduced') document.documentElement.dataset['motion'] = 'reduced';
  else delete document.documentElement.dataset['motion'];
}

export function followSettings(): void {
  follow('settings', {}, take, {
    refresh: () =>
      void ask('settings.get', {}).then((answer) => {
        if (answer.ok) take(answer.value);
      }),
  });
}

export async function changeSettings(change: CallInput<'settings.update'>['change']): Promise<boolean> {
  const view = await perform('settings.update', { change });
  if (view !== undefined) take(view);
  return view !== undefined;
}

/** Shown at once, kept if the control plane can. */
export function changeTheme(theme: Settings['theme']): void {
  chooseTheme(theme);
  void changeSettings({ theme });
}
