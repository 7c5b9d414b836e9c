/**
 * The control plane's half of the bridge over IPC. A message counts only from the top frame of the
 * window's own page: a frame inside it, or a page that took its place, gets no answer at all.
 */
import type { IpcMain, IpcMainEvent, IpcMainInvokeEvent, WebContents } from 'electron';
import type { BridgeHost } from '../main/control-plane/bridge-host.ts';
import {
  type Answer,
  NATIVE_CALLS,
  type NativeHandlers,
  type NativeName,
  type ShellCommand,
} from '../main/core/api.ts';
import { mayNavigate } from './confinement.ts';
import { COMMAND, NATIVE, REQUEST, TAKEN } from './ipc-channels.ts';
import { PageLink } from './page-link.ts';

/** For a page that has not asked for anything yet. */
const MAX_WAITING_COMMANDS = 8;
const LONGEST_PAGE_NAME = 100;

export interface HostedWindows {
  /** Asks something of a window's page: of the next one when it is being loaded. */
  command(contents: WebContents, command: ShellCommand): void;
}

export function hostWindows(ipc: IpcMain, host: BridgeHost, native: NativeHandlers): HostedWindows {
  const links = new Map<WebContents, PageLink>();
  const waiting = new WeakMap<WebContents, ShellCommand[]>();
  const followed = new WeakSet<WebContents>();

  const end = (contents: WebContents): void => {
    links.get(contents)?.close();
    links.delete(contents);
  };
  const follow = (contents: WebContents): void => {
    if (followed.has(contents)) return;
    followed.add(contents);
    contents.once('destroyed', () => end(contents));
    contents.on('render-process-gone', () => end(contents));
    contents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
      if (isMainFrame && !isSameDocument) end(contents);
    });
  };
  const linkOf = (contents: WebContents, page: string): PageLink => {
    const known = links.get(contents);
    if (known?.page === page) return known;
    end(contents);
    follow(contents);
    const link = new PageLink(page, contents, host);
    links.set(contents, link);
    for (const command of waiting.get(contents) ?? []) contents.send(COMMAND, command);
    waiting.delete(contents);
    return link;
  };

  ipc.on(REQUEST, (event, page: unknown, message: unknown) => {
    if (isOurs(event) && isPageName(page)) linkOf(event.sender, page).receive(message);
  });
  ipc.on(TAKEN, (event, page: unknown, count: unknown) => {
    const link = links.get(event.sender);
    if (link !== undefined && link.page === page && isOurs(event)) link.take(count);
  });
  ipc.handle(NATIVE, async (event, name: unknown, input: unknown): Promise<Answer<unknown>> => {
    if (!isOurs(event) || !isNative(name)) return NOT_OFFERED;
    return host.perform(name, NATIVE_CALLS[name].input, native[name], input);
  });

  return {
    command(contents, command) {
      if (links.has(contents)) contents.send(COMMAND, command);
      else waiting.set(contents, [...(waiting.get(contents) ?? []), command].slice(-MAX_WAITING_COMMANDS));
    },
  };
}

const NOT_OFFERED: Answer<never> = {
  ok: false,
  error: { code: 'CAD-CALL', message: 'this is not offered here', remedy: 'Reload the window.' },
};

function isOurs({ senderFrame }: IpcMainEvent | IpcMainInvokeEvent): boolean {
  return senderFrame !== null && senderFrame.parent === null && mayNavigate(senderFrame.url);
}

function isPageName(page: unknown): page is string {
  return typeof page === 'string' && page !== '' && page.length <= LONGEST_PAGE_NAME;
}

function isNative(name: unknown): name is NativeName {
  return typeof name === 'string' && Object.hasOwn(NATIVE_CALLS, name);
}
