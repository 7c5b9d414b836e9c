/**
 * One page's connection to the control plane. IPC has no measure of what it has not delivered, and its queue
 * no bound: so the page says how many replies it has taken, and with too many on their way the next ones wait
 * where they can be left out (`Delivery`).
 */
import type { WebContents } from 'electron';
import type { BridgeConnection, BridgeHost } from '../main/control-plane/bridge-host.ts';
import { REPLY } from './ipc-channels.ts';

/** Replies on their way to one page. */
export const MAX_UNTAKEN = 256;

export class PageLink {
  /** The page's own name: another one in the same window is another page, which counts from one. */
  readonly page: string;
  readonly #connection: BridgeConnection;
  #sent = 0;
  #taken = 0;

  constructor(page: string, contents: WebContents, host: BridgeHost) {
    this.page = page;
    this.#connection = host.connect({
      send: (reply) => {
        this.#sent += 1;
        if (!contents.isDestroyed()) contents.send(REPLY, reply);
      },
      isCongested: () => this.#sent - this.#taken >= MAX_UNTAKEN,
    });
  }

  /** A page that sends what is no request is heard no more. */
  receive(message: unknown): void {
    if (!this.#connection.receive(message)) this.#connection.close();
  }

  /** @param count of all replies since the page began; whatever cannot be one is passed over. */
  take(count: unknown): void {
    if (!Number.isSafeInteger(count)) return;
    const taken = count as number;
    if (taken > this.#taken && taken <= this.#sent) this.#taken = taken;
  }

  close(): void {
    this.#connection.close();
  }
}
