/**
 * What web content may not do: navigate, open windows, ask for permissions, attach other web content.
 * Links to the outside are opened by the system's browser, and only those on this list.
 */
import type { App, Session, Shell } from 'electron';
import { mayOpenOutside } from '../main/core/outside-page.ts';
import { ORIGIN, START_PAGE } from './app-protocol.ts';

const OWN_PAGES: readonly (string | undefined)[] = [`${ORIGIN}/`, START_PAGE];

/** Only moves within the window's own page, which are changes of its fragment. */
export function mayNavigate(url: string): boolean {
  return OWN_PAGES.includes(url.split('#', 1)[0]);
}

/** For every web content and every session that there is and will be. */
export function confine(app: App, shell: Pick<Shell, 'openExternal'>): void {
  app.on('session-created', denyPermissions);
  app.on('web-contents-created', (_event, contents) => {
    contents.setWindowOpenHandler(({ url }) => {
      if (mayOpenOutside(url)) void shell.openExternal(url);
      return { action: 'deny' };
    });
    const refuse = (event: { preventDefault(): void; url: string }): void => {
      if (!mayNavigate(event.url)) event.preventDefault();
    };
    contents.on('will-navigate', refuse);
    contents.on('will-redirect', refuse);
    contents.on('will-attach-webview', (event) => event.preventDefault());
  });
}

/** Writing to the clipboard is how addresses and commands are copied; nothing else is granted. */
const GRANTED = 'clipboard-sanitized-write';

function denyPermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, decide) => decide(permission === GRANTED));
  session.setPermissionCheckHandler((_contents, permission) => permission === GRANTED);
  session.setDevicePermissionHandler(() => false);
  session.setSpellCheckerEnabled(false);
}
