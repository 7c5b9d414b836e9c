/** The window's half of the bridge over IPC: calls and subscriptions by number. */
import type { IpcRenderer } from 'electron';
import type {
  Answer,
  Bridge,
  CallInput,
  CallName,
  CallOutput,
  ChannelName,
  ChannelParams,
  ChannelPayload,
  OutputFile,
} from '../main/core/api.ts';
import type { BridgeReply, BridgeRequest } from '../main/core/bridge-messages.ts';
import type { ErrorReport } from '../main/core/errors.ts';
import { CHOOSE_PATH, HAND_OVER, REPLY, REQUEST } from './ipc-channels.ts';

interface Subscription {
  onMessage(payload: unknown): void;
  onEnd: ((error: ErrorReport | undefined) => void) | undefined;
}

export class IpcBridge implements Bridge {
  readonly #ipc: Pick<IpcRenderer, 'send' | 'on' | 'invoke'>;
  readonly #calls = new Map<number, (answer: Answer<unknown>) => void>();
  readonly #subscriptions = new Map<number, Subscription>();
  #nextId = 1;

  constructor(ipc: Pick<IpcRenderer, 'send' | 'on' | 'invoke'>) {
    this.#ipc = ipc;
    ipc.on(REPLY, (_event, reply: BridgeReply) => this.#receive(reply));
  }

  call = <Name extends CallName>(name: Name, input: CallInput<Name>): Promise<Answer<CallOutput<Name>>> =>
    new Promise((resolve) => {
      const id = this.#nextId++;
      this.#calls.set(id, (answer) => resolve(answer as Answer<CallOutput<Name>>));
      this.#send({ id, call: name, input });
    });

  subscribe = <Name extends ChannelName>(
    name: Name,
    params: ChannelParams<Name>,
    onMessage: (payload: ChannelPayload<Name>) => void,
    onEnd?: (error: ErrorReport | undefined) => void,
  ): (() => void) => {
    const id = this.#nextId++;
    this.#subscriptions.set(id, { onMessage: (payload) => onMessage(payload as ChannelPayload<Name>), onEnd });
    this.#send({ id, subscribe: name, params });
    return () => {
      if (this.#subscriptions.delete(id)) this.#send({ id, unsubscribe: true });
    };
  };

  handOver = async (file: OutputFile): Promise<void> => {
    await this.#ipc.invoke(HAND_OVER, file.id);
  };

  choosePath = (what: 'folder' | 'file'): Promise<string | null> =>
    this.#ipc.invoke(CHOOSE_PATH, what) as Promise<string | null>;

  #send(request: BridgeRequest): void {
    this.#ipc.send(REQUEST, request);
  }

  #receive(reply: BridgeReply): void {
    switch (reply.kind) {
      case 'answer': {
        const settle = this.#calls.get(reply.id);
        this.#calls.delete(reply.id);
        settle?.(reply.answer);
        return;
      }
      case 'message':
        this.#subscriptions.get(reply.id)?.onMessage(reply.payload);
        return;
      case 'end': {
        const subscription = this.#subscriptions.get(reply.id);
        this.#subscriptions.delete(reply.id);
        subscription?.onEnd?.(reply.error);
        return;
      }
    }
  }
}
