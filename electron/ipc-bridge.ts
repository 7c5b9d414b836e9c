/** The window's half of the bridge over IPC: calls and subscriptions by number. */
import type { IpcRenderer } from 'electron';
import type { Bridge, OutputFile } from '../main/core/api.ts';
import type { BridgeReply, BridgeRequest } from '../main/core/bridge-messages.ts';
import { OpenRequests } from '../main/core/open-requests.ts';
import { CHOOSE_PATH, HAND_OVER, REPLY, REQUEST } from './ipc-channels.ts';

export class IpcBridge implements Bridge {
  readonly #ipc: Pick<IpcRenderer, 'send' | 'on' | 'invoke'>;
  readonly #open = new OpenRequests();

  constructor(ipc: Pick<IpcRenderer, 'send' | 'on' | 'invoke'>) {
    this.#ipc = ipc;
    ipc.on(REPLY, (_event, reply: BridgeReply) => this.#open.receive(reply));
  }

  call: Bridge['call'] = (name, input) => this.#open.call(name, input, this.#send);

  subscribe: Bridge['subscribe'] = (name, params, onMessage, onEnd) =>
    this.#open.subscribe(name, params, onMessage, onEnd, this.#send);

  handOver = async (file: OutputFile): Promise<void> => {
    await this.#ipc.invoke(HAND_OVER, file.id);
  };

  choosePath = (what: 'folder' | 'file'): Promise<string | null> =>
    this.#ipc.invoke(CHOOSE_PATH, what) as Promise<string | null>;

  #send = (request: BridgeRequest): void => this.#ipc.send(REQUEST, request);
}
