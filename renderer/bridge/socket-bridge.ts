/**
 * The bridge over a WebSocket, which may be lost and comes back by itself. A call that was on its way when
 * the connection broke is answered with CAD-DISCONNECTED, because nobody knows whether it was done; calls
 * and subscriptions made meanwhile wait for the connection, calls at most `CALL_WAIT_MS`.
 */
import type { Answer, Bridge, OutputFile } from '../../main/core/api.ts';
import type { BridgeRequest } from '../../main/core/bridge-messages.ts';
import type { ErrorReport } from '../../main/core/errors.ts';
import { OpenRequests } from '../../main/core/open-requests.ts';
import type { Connection, WindowBridge } from '../bridge.ts';
import { createStore } from '../state/store.ts';
import { readReply } from './frames.ts';

export const CALL_WAIT_MS = 10_000;
export const FIRST_RETRY_MS = 250;
export const LONGEST_RETRY_MS = 5_000;
/** Calls that wait for a connection or an answer. */
const MAX_PENDING_CALLS = 256;

export const DISCONNECTED: ErrorReport = {
  code: 'CAD-DISCONNECTED',
  message: 'the connection to the control plane was lost before it answered',
  remedy: 'Wait until the window is connected again, look whether it was done, and try again if not.',
};

export interface Admission {
  /** Null: the host does not let this window in. May be asked again. */
  key(): Promise<string | null>;
  /** False: the host has forgotten this window. Null: it cannot be asked now. */
  isAdmitted(): Promise<boolean | null>;
}

/** The close code of a host that does not accept the key. */
const REFUSED = 1008;

/** The part of a WebSocket that is used. */
export type Socket = Pick<WebSocket, 'send' | 'close' | 'onopen' | 'onmessage' | 'onclose' | 'onerror'>;

export class SocketBridge implements WindowBridge {
  readonly connection = createStore<Connection>({ state: 'connecting' });
  readonly #open: () => Socket;
  readonly #admission: Admission;
  readonly #requests = new OpenRequests();
  /** How long calls wait for a connection, by their number. */
  readonly #timers = new Map<number, ReturnType<typeof setTimeout>>();
  #socket: Socket | undefined;
  #isOpen = false;
  #attempt = 0;
  #heardAt = 0;

  /** @param admission How the host lets this window in. */
  constructor(open: () => Socket, admission: Admission) {
    this.#open = open;
    this.#admission = admission;
    this.#connect();
  }

  call: Bridge['call'] = (name, input) => {
    if (this.#requests.openCalls >= MAX_PENDING_CALLS) return Promise.resolve({ ok: false, error: DISCONNECTED });
    return this.#requests.call(name, input, (request) => {
      if (this.#isOpen) this.#send(request);
      // Only while there is no connection: how long the work itself takes is bounded where it is done.
      else
        this.#timers.set(
          request.id,
          setTimeout(() => this.#requests.settle(request.id, LOST), CALL_WAIT_MS),
        );
    });
  };

  subscribe: Bridge['subscribe'] = (name, params, onMessage, onEnd) =>
    this.#requests.subscribe(name, params, onMessage, onEnd, (request) => {
      if (this.#isOpen) this.#send(request);
    });

  handOver = async (file: OutputFile): Promise<Answer<boolean>> => {
    const link = document.createElement('a');
    link.href = `/files/${encodeURIComponent(file.id)}`;
    link.download = file.name;
    link.click();
    return { ok: true, value: true };
  };

  #connect(): void {
    this.#admission.key().then(
      (key) => (key === null ? this.#refuse() : this.#dial(key)),
      () => this.#retry(),
    );
  }

  #dial(key: string): void {
    const socket = this.#open();
    this.#socket = socket;
    socket.onopen = () => socket.send(JSON.stringify({ key }));
    socket.onmessage = ({ data }) => {
      this.#heardAt = Date.now();
      if (typeof data !== 'string') return;
      if (this.#isOpen) this.#take(data);
      else if (isWelcome(data)) this.#begin();
    };
    socket.onclose = ({ code }) => {
      if (code === REFUSED && !this.#isOpen) this.#refuse();
      else this.#lose(socket);
    };
  }

  #begin(): void {
    this.#isOpen = true;
    this.#attempt = 0;
    this.connection.set({ state: 'open' });
    this.#stopWaiting();
    const { calls, subscriptions } = this.#requests.requests();
    for (const request of [...subscriptions, ...calls]) this.#send(request);
  }

  /** Nothing here helps but another address. */
  #refuse(): void {
    this.connection.set({ state: 'refused' });
    this.#stopWaiting();
    this.#requests.settleAll(LOST);
  }

  #stopWaiting(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #take(text: string): void {
    const reply = readReply(text);
    if (reply !== undefined) this.#requests.receive(reply);
  }

  #lose(socket: Socket): void {
    if (socket !== this.#socket) return;
    const wasOpen = this.#isOpen;
    this.#isOpen = false;
    if (wasOpen) {
      this.#requests.settleAll(LOST);
      this.#requests.endAll();
      this.#retry();
      return;
    }
    // A socket that was refused looks like one that nobody answered: the host is asked which it was.
    void this.#admission.isAdmitted().then((admitted) => (admitted === false ? this.#refuse() : this.#retry()));
  }

  #retry(): void {
    this.#attempt += 1;
    this.connection.set({ state: 'lost', since: this.#heardAt, attempt: this.#attempt });
    setTimeout(() => this.#connect(), retryDelayMs(this.#attempt));
  }

  #send(request: BridgeRequest): void {
    this.#socket?.send(JSON.stringify(request));
  }
}

function isWelcome(text: string): boolean {
  try {
    return (JSON.parse(text) as { kind?: unknown }).kind === 'welcome';
  } catch {
    return false;
  }
}

const LOST: Answer<never> = { ok: false, error: DISCONNECTED };

/** Doubles up to a bound, so that a host that starts again is found within seconds. */
export function retryDelayMs(attempt: number): number {
  return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempt - 1, 10));
}
