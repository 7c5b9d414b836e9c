/** The program behind the window: what it is, how busy it is, what it says unasked. */
import type { AppInfo, Load, Notice } from '../../main/core/api.ts';
import { ask, follow } from './control-plane.ts';
import { sentence } from './sentence.ts';
import { createStore } from './store.ts';
import { showToast } from './toasts.ts';

export const appInfo = createStore<AppInfo | null>(null);
export const load = createStore<Load | null>(null);

export function followApp(): void {
  follow('load', {}, (now) => load.set(now), {
    refresh: () =>
      void ask('app.info', {}).then((answer) => {
        if (!answer.ok) return;
        appInfo.set(answer.value);
        load.set(answer.value.load);
      }),
  });
  follow('notices', {}, tell);
}

function tell({ level, text, error }: Notice): void {
  const said = error === null ? text : `${sentence(text)} ${error.remedy}`;
  showToast(said, { tone: level === 'error' ? 'bad' : 'plain' });
}
