/**
 * The one way out of the window: the desktop shell's bridge where there is one, or a WebSocket to the
 * host that served this page. Nothing else in the window knows which.
 */
import type { Bridge } from '../main/core/api.ts';
import { admissionKey, isAdmitted, takeToken } from './bridge/admission.ts';
import { SocketBridge } from './bridge/socket-bridge.ts';
import { createStore, type Store } from './state/store.ts';

export type Connection =
  | { state: 'connecting' }
  | { state: 'open' }
  /** The host has not let this window in, and will not. */
  | { state: 'refused' }
  /** `since`: when the other side was heard last, in milliseconds since 1970; 0 for never. */
  | { state: 'lost'; since: number; attempt: number };

export interface WindowBridge extends Bridge {
  readonly connection: Store<Connection>;
}

declare global {
  interface Window {
    /** Put there by the preload script of the desktop shell. */
    readonly caduceus?: Bridge;
  }
}

export function openBridge(): WindowBridge {
  const desktop = window.caduceus;
  if (desktop === undefined) {
    let token = takeToken();
    const key = async (): Promise<string | null> => {
      const found = await admissionKey(token);
      token = null;
      return found;
    };
    return new SocketBridge(() => new WebSocket(socketAddress(location)), { key, isAdmitted });
  }
  return {
    connection: createStore<Connection>({ state: 'open' }),
    call: desktop.call,
    subscribe: desktop.subscribe,
    handOver: desktop.handOver,
    ...(desktop.choosePath === undefined ? {} : { choosePath: desktop.choosePath }),
    ...(desktop.onCommand === undefined ? {} : { onCommand: desktop.onCommand }),
  };
}

export function socketAddress({ protocol, host }: Pick<Location, 'protocol' | 'host'>): string {
  return `${protocol === 'https:' ? 'wss:' : 'ws:'}//${host}/api`;
}
