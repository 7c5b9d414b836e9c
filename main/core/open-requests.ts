/** A window's half of any bridge: which calls and subscriptions are open, by the number they were sent under. */
import type {
  Answer,
  Bridge,
  CallInput,
  CallName,
  CallOutput,
  ChannelName,
  ChannelParams,
  ChannelPayload,
} from './api.ts';
import type { BridgeReply, BridgeRequest } from './bridge-messages.ts';
import type { ErrorReport } from './errors.ts';

interface OpenCall {
  request: BridgeRequest;
  settle(answer: Answer<never>): void;
}

interface OpenSubscription {
  request: BridgeRequest;
  onMessage(payload: never): void;
  onEnd: ((error: ErrorReport | undefined) => void) | undefined;
}

export class OpenRequests {
  readonly #calls = new Map<number, OpenCall>();
  readonly #subscriptions = new Map<number, OpenSubscription>();
  #nextId = 1;

  get openCalls(): number {
    return this.#calls.size;
  }

  /** What is open, as it was sent or is to be sent. */
  requests(): { calls: BridgeRequest[]; subscriptions: BridgeRequest[] } {
    const of = (open: ReadonlyMap<number, { request: BridgeRequest }>): BridgeRequest[] =>
      [...open.values()].map(({ request }) => request);
    return { calls: of(this.#calls), subscriptions: of(this.#subscriptions) };
  }

  /** `send` is given the request to send, once. */
  call<Name extends CallName>(
    name: Name,
    input: CallInput<Name>,
    send: (request: BridgeRequest) => void,
  ): Promise<Answer<CallOutput<Name>>> {
    return new Promise((resolve) => {
      const request = { id: this.#nextId++, call: name, input };
      this.#calls.set(request.id, { request, settle: resolve });
      send(request);
    });
  }

  /** `send` is given the request, and another one when the subscription is not wanted any more. */
  subscribe<Name extends ChannelName>(
    name: Name,
    params: ChannelParams<Name>,
    onMessage: (payload: ChannelPayload<Name>) => void,
    onEnd: ((error: ErrorReport | undefined) => void) | undefined,
    send: (request: BridgeRequest) => void,
  ): ReturnType<Bridge['subscribe']> {
    const request = { id: this.#nextId++, subscribe: name, params };
    this.#subscriptions.set(request.id, { request, onMessage, onEnd });
    send(request);
    return () => {
      if (this.#subscriptions.delete(request.id)) send({ id: request.id, unsubscribe: true });
    };
  }

  receive(reply: BridgeReply): void {
    const { id } = reply;
    if (reply.kind === 'answer') {
      this.settle(id, reply.answer as Answer<never>);
      return;
    }
    const subscription = this.#subscriptions.get(id);
    if (reply.kind === 'message') {
      subscription?.onMessage(reply.payload as never);
    } else {
      this.#subscriptions.delete(id);
      subscription?.onEnd?.(reply.error);
    }
  }

  /** @returns whether the call was open. */
  settle(id: number, answer: Answer<never>): boolean {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    call?.settle(answer);
    return call !== undefined;
  }

  settleAll(answer: Answer<never>): void {
    for (const id of [...this.#calls.keys()]) this.settle(id, answer);
  }

  /** Subscriptions that went with their connection. */
  endAll(): void {
    const ended = [...this.#subscriptions.values()];
    this.#subscriptions.clear();
    for (const { onEnd } of ended) onEnd?.(undefined);
  }
}
