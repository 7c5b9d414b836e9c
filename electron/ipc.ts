/**
 * The control plane's half of the bridge over IPC. A message counts only from the top frame of the
 * window's own page: a frame inside it, or a page that took its place, gets no answer at all.
 */
import type { IpcMain, IpcMainEvent, IpcMainInvokeEvent, WebContents } from 'electron';
import type { BridgeConnection, BridgeHost } from '../main/control-plane/bridge-host.ts';
import type { BridgeReply } from '../main/core/bridge-messages.ts';
import { mayNavigate } from './confinement.ts';
import { CHOOSE_PATH, HAND_OVER, REPLY, REQUEST } from './ipc-channels.ts';

export interface NativeServices {
  /** Shows a file that the control plane made; by its identifier, never by a path of the page's choice. */
  handOver(file: string): Promise<void>;
  choosePath(what: 'folder' | 'file'): Promise<string | null>;
}

/** Replies that one window may have on their way. */
const MAX_UNSENT = 200;

export function hostWindows(ipc: IpcMain, host: BridgeHost, native: NativeServices): void {
  const connections = new Map<WebContents, BridgeConnection>();
  const connectionOf = (contents: WebContents): BridgeConnection => {
    let connection = connections.get(contents);
    if (connection === undefined) {
      connection = host.connect(transportTo(contents));
      connections.set(contents, connection);
      const end = (): void => {
        connections.get(contents)?.close();
        connections.delete(contents);
      };
      contents.once('destroyed', end);
      contents.on('render-process-gone', end);
      // A page that is loaded again starts to count from one.
      contents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
        if (isMainFrame && !isSameDocument) end();
      });
    }
    return connection;
  };
  ipc.on(REQUEST, (event, message: unknown) => {
    if (isOurs(event)) connectionOf(event.sender).receive(message);
  });
  ipc.handle(HAND_OVER, async (event, file: unknown) => {
    if (isOurs(event) && typeof file === 'string') await native.handOver(file);
  });
  ipc.handle(CHOOSE_PATH, (event, what: unknown) =>
    isOurs(event) ? native.choosePath(what === 'file' ? 'file' : 'folder') : null,
  );
}

function isOurs({ senderFrame }: IpcMainEvent | IpcMainInvokeEvent): boolean {
  return senderFrame !== null && senderFrame.parent === null && mayNavigate(senderFrame.url);
}

function transportTo(contents: WebContents): { send(reply: BridgeReply): void; isCongested(): boolean } {
  let sentInTurn = 0;
  return {
    send: (reply) => {
      sentInTurn += 1;
      setImmediate(() => (sentInTurn = 0));
      if (!contents.isDestroyed()) contents.send(REPLY, reply);
    },
    // IPC has no measure of its own; what one turn of the loop sends is what can be bounded here.
    isCongested: () => sentInTurn >= MAX_UNSENT,
  };
}
