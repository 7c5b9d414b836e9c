/**
 * The control plane's half of every bridge, without a transport: requests in, replies out. Inputs are
 * checked here, and nowhere is anything of theirs used before; whatever goes wrong comes back as an answer.
 */
import {
  type Answer,
  CALLS,
  type CallName,
  type CallOutput,
  CHANNELS,
  type ChannelName,
  type ChannelPayload,
  type CheckedInput,
  type CheckedParams,
} from '../core/api.ts';
import type { BridgeReply, BridgeRequest } from '../core/bridge-messages.ts';
import { readRequest } from '../core/bridge-messages.ts';
import { CaduceusError, type ErrorReport, reportError } from '../core/errors.ts';
import { Delivery, type Transport } from './delivery.ts';

/** Of one connection. */
const MAX_CALLS_AT_ONCE = 64;
const MAX_SUBSCRIPTIONS = 256;
const MAX_COMPLAINTS = 10;

export type CallHandlers = {
  readonly [Name in CallName]: (input: CheckedInput<Name>) => CallOutput<Name> | Promise<CallOutput<Name>>;
};

export interface ChannelSink<Payload> {
  next(payload: Payload): void;
  end(error?: ErrorReport): void;
}

/** Starts to listen, and answers with how to stop. */
export type ChannelSources = {
  readonly [Name in ChannelName]: (params: CheckedParams<Name>, sink: ChannelSink<ChannelPayload<Name>>) => () => void;
};

/** What a bridge carries: the desk is one; tests may give another. */
export interface BridgeService {
  readonly calls: CallHandlers;
  readonly channels: ChannelSources;
  /** Told of what was our own mistake, for the diagnostics. */
  onInternalError?(error: unknown, where: string): void;
}

export class BridgeHost {
  readonly #service: BridgeService;

  constructor(service: BridgeService) {
    this.#service = service;
  }

  /** Never rejects. */
  async call(name: string, input: unknown): Promise<Answer<unknown>> {
    if (!Object.hasOwn(CALLS, name)) {
      return { ok: false, error: reportError(refused(`there is no call "${quoted(name)}"`)) };
    }
    return this.perform(name, CALLS[name as CallName].input, this.#service.calls[name as CallName], input);
  }

  /** A call of the map, or one that a host adds for its own windows: checked, done, answered. Never rejects. */
  async perform(
    name: string,
    schema: Schema,
    handler: (input: never) => unknown,
    input: unknown,
  ): Promise<Answer<unknown>> {
    try {
      const checked = check(schema, input ?? {}, name);
      return { ok: true, value: (await handler(checked as never)) ?? null };
    } catch (error) {
      return { ok: false, error: this.#report(error, name) };
    }
  }

  /** @throws never; a refusal comes as the end of the subscription. */
  subscribe(name: string, params: unknown, sink: ChannelSink<unknown>): () => void {
    try {
      if (!Object.hasOwn(CHANNELS, name)) throw refused(`there is no channel "${quoted(name)}"`);
      const checked = check(CHANNELS[name as ChannelName].params, params ?? {}, name);
      const source = this.#service.channels[name as ChannelName] as (
        params: unknown,
        sink: ChannelSink<unknown>,
      ) => () => void;
      return source(checked, sink);
    } catch (error) {
      sink.end(this.#report(error, name));
      return () => undefined;
    }
  }

  /** One window over one transport. */
  connect(transport: Transport): BridgeConnection {
    return new BridgeConnection(this, transport);
  }

  #report(error: unknown, where: string): ErrorReport {
    if (error instanceof CaduceusError) return reportError(error);
    this.#service.onInternalError?.(error, where);
    return { ...reportError(error), remedy: 'Export the diagnostics in the settings and report what they say.' };
  }
}

export class BridgeConnection {
  readonly #host: BridgeHost;
  readonly #delivery: Delivery;
  readonly #subscriptions = new Map<number, () => void>();
  #calls = 0;
  #isClosed = false;

  constructor(host: BridgeHost, transport: Transport) {
    this.#host = host;
    this.#delivery = new Delivery(transport);
  }

  /** @returns false for what is no request: the transport should end such a connection. */
  receive(value: unknown): boolean {
    const request = readRequest(value);
    if (request === undefined || this.#isClosed) return false;
    if ('call' in request) void this.#call(request);
    else if ('subscribe' in request) this.#subscribe(request);
    else this.#unsubscribe(request.id);
    return true;
  }

  close(): void {
    this.#isClosed = true;
    for (const stop of this.#subscriptions.values()) stop();
    this.#subscriptions.clear();
    this.#delivery.close();
  }

  async #call({ id, call, input }: Extract<BridgeRequest, { call: string }>): Promise<void> {
    if (this.#calls >= MAX_CALLS_AT_ONCE) {
      const error = tooMany(`more than ${MAX_CALLS_AT_ONCE} calls wait for an answer`);
      this.#reply({ id, kind: 'answer', answer: { ok: false, error } });
      return;
    }
    this.#calls += 1;
    const answer = await this.#host.call(call, input);
    this.#calls -= 1;
    this.#reply({ id, kind: 'answer', answer });
  }

  #subscribe({ id, subscribe, params }: Extract<BridgeRequest, { subscribe: string }>): void {
    if (this.#subscriptions.has(id)) return;
    if (this.#subscriptions.size >= MAX_SUBSCRIPTIONS) {
      this.#reply({ id, kind: 'end', error: tooMany(`more than ${MAX_SUBSCRIPTIONS} subscriptions are open`) });
      return;
    }
    let isOver = false;
    const end = (error?: ErrorReport): void => {
      if (isOver) return;
      isOver = true;
      const stop = this.#subscriptions.get(id);
      this.#subscriptions.delete(id);
      stop?.();
      this.#delivery.end(id, error);
    };
    this.#subscriptions.set(id, () => undefined);
    const stop = this.#host.subscribe(subscribe, params, {
      next: (payload) => {
        if (isOver || !this.#subscriptions.has(id)) return;
        if (!this.#delivery.message(id, subscribe, payload)) end(tooMany('the window takes messages too slowly'));
      },
      end,
    });
    if (isOver) stop();
    else this.#subscriptions.set(id, stop);
  }

  #unsubscribe(id: number): void {
    const stop = this.#subscriptions.get(id);
    this.#subscriptions.delete(id);
    this.#delivery.forget(id);
    stop?.();
  }

  #reply(reply: BridgeReply): void {
    if (!this.#isClosed) this.#delivery.reply(reply);
  }
}

interface Schema {
  safeParse(value: unknown): { success: boolean; data?: unknown; error?: Complaints };
}

function check(schema: Schema, input: unknown, name: string): unknown {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issues = parsed.error?.issues ?? [];
  const said = issues.slice(0, MAX_COMPLAINTS).map(({ path, message }) => `${path.join('.') || 'input'}: ${message}`);
  throw refused(`${name} cannot take this: ${said.join('; ')}`);
}

interface Complaints {
  issues: readonly { path: readonly PropertyKey[]; message: string }[];
}

function refused(message: string): CaduceusError {
  return new CaduceusError('CAD-CALL', message, 'Reload the window; it may be older than the program behind it.');
}

function tooMany(message: string): ErrorReport {
  return { code: 'CAD-BUSY', message, remedy: 'Wait until some have been answered, and try again.' };
}

function quoted(name: string): string {
  return name.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 60);
}
