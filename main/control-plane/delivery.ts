/**
 * Replies on their way to one window. When it takes them too slowly, nothing piles up without bound:
 * of what is replaced by the next message only the newest waits; ticks of a run are left out, which
 * the window sees by their numbers and opens the run again; all else waits in a bounded queue.
 */
import type { ChannelName } from '../core/api.ts';
import type { BridgeReply } from '../core/bridge-messages.ts';
import type { ErrorReport } from '../core/errors.ts';

export interface Transport {
  send(reply: BridgeReply): void;
  /** More is on its way than the other side takes. */
  isCongested(): boolean;
}

const MAX_WAITING = 2000;
const RETRY_MS = 50;

/** Whatever a channel omits, what ends or changes a run is told. */
function isTick(payload: unknown): boolean {
  return (payload as { kind?: unknown }).kind === 'tick';
}

/** Each message holds all that there is to say; or can be left out. Channels not named here lose nothing. */
const UNDER_CONGESTION: Partial<Record<ChannelName, 'newest' | 'omit'>> = {
  devices: 'newest',
  settings: 'newest',
  experiments: 'newest',
  simulatedDevices: 'newest',
  load: 'newest',
  run: 'omit',
};

export class Delivery {
  readonly #transport: Transport;
  #waiting: BridgeReply[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Answers are never left out: each was asked for, and how many may be is bounded where they are asked. */
  reply(reply: BridgeReply): void {
    this.#waiting.push(reply);
    this.#drain();
  }

  /** @returns false when there is no room left. */
  message(id: number, channel: string, payload: unknown): boolean {
    const reply: BridgeReply = { id, kind: 'message', payload };
    this.#drain();
    const manner = UNDER_CONGESTION[channel as ChannelName];
    if (this.#waiting.length > 0 || this.#transport.isCongested()) {
      if (manner === 'omit' && isTick(payload)) return true;
      if (manner === 'newest') this.#waiting = this.#waiting.filter((other) => other.id !== id);
      if (this.#waiting.length >= MAX_WAITING) return false;
    }
    this.reply(reply);
    return true;
  }

  end(id: number, error: ErrorReport | undefined): void {
    this.reply({ id, kind: 'end', ...(error && { error }) });
  }

  /** Drops what waits for a subscription that is over. */
  forget(id: number): void {
    this.#waiting = this.#waiting.filter((reply) => reply.id !== id);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#waiting = [];
  }

  #drain(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#waiting.length > 0 && !this.#transport.isCongested()) {
      this.#transport.send(this.#waiting.shift() as BridgeReply);
    }
    if (this.#waiting.length > 0) this.#timer = setTimeout(() => this.#drain(), RETRY_MS);
  }
}
