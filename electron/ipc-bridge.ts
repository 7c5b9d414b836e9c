/** The window's half of the bridge over IPC: calls and subscriptions by number. */
import type { IpcRenderer } from 'electron';
import type {
  Answer,
  Bridge,
  NativeInput,
  NativeName,
  NativeOutput,
  OutputFile,
  ShellCommand,
} from '../main/core/api.ts';
import type { BridgeReply, BridgeRequest } from '../main/core/bridge-messages.ts';
import { OpenRequests } from '../main/core/open-requests.ts';
import { COMMAND, NATIVE, REPLY, REQUEST, TAKEN } from './ipc-channels.ts';

/** Far below what may be on its way, so that the other side does not wait for a page that has taken all. */
export const TAKEN_EVERY = 32;
/** Before the page listens. */
const MAX_WAITING_COMMANDS = 8;

type Ipc = Pick<IpcRenderer, 'send' | 'on' | 'invoke'>;

export class IpcBridge implements Bridge {
  readonly #ipc: Ipc;
  readonly #page: string;
  readonly #open = new OpenRequests();
  #taken = 0;
  #onCommand: ((command: ShellCommand) => void) | undefined;
  #waiting: ShellCommand[] = [];

  /** @param page a name that no other page has had. */
  constructor(ipc: Ipc, page: string) {
    this.#ipc = ipc;
    this.#page = page;
    ipc.on(REPLY, (_event, reply: BridgeReply) => {
      // Even when the page throws over it: it was taken.
      try {
        this.#open.receive(reply);
      } finally {
        this.#take();
      }
    });
    ipc.on(COMMAND, (_event, command: ShellCommand) => {
      if (this.#onCommand !== undefined) this.#onCommand(command);
      else this.#waiting = [...this.#waiting, command].slice(-MAX_WAITING_COMMANDS);
    });
  }

  call: Bridge['call'] = (name, input) => this.#open.call(name, input, this.#send);

  subscribe: Bridge['subscribe'] = (name, params, onMessage, onEnd) =>
    this.#open.subscribe(name, params, onMessage, onEnd, this.#send);

  handOver = (file: OutputFile): Promise<Answer<boolean>> => this.#native('native.handOver', { file: file.id });

  choosePath = (what: 'folder' | 'file'): Promise<Answer<string | null>> => this.#native('native.choosePath', { what });

  onCommand = (listener: (command: ShellCommand) => void): (() => void) => {
    this.#onCommand = listener;
    for (const command of this.#waiting.splice(0)) listener(command);
    return () => {
      if (this.#onCommand === listener) this.#onCommand = undefined;
    };
  };

  #native<Name extends NativeName>(name: Name, input: NativeInput<Name>): Promise<Answer<NativeOutput<Name>>> {
    return this.#ipc.invoke(NATIVE, name, input) as Promise<Answer<NativeOutput<Name>>>;
  }

  #take(): void {
    this.#taken += 1;
    if (this.#taken % TAKEN_EVERY === 0) this.#ipc.send(TAKEN, this.#page, this.#taken);
  }

  #send = (request: BridgeRequest): void => this.#ipc.send(REQUEST, this.#page, request);
}
