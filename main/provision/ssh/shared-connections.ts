/** One connection a way, however many ask for it; closed a while after the last has given it back. */
import type { Connection } from './connection.ts';
import type { ConnectionLease } from './connector.ts';

/** So that a deployment, its log and its stop, one after the other, authenticate once. */
const LINGER_MS = 60_000;

interface Shared {
  connection: Connection;
  holders: number;
  linger: NodeJS.Timeout | undefined;
}

export class SharedConnections {
  readonly #open = new Map<string, Shared>();
  readonly #underWay = new Map<string, Promise<unknown>>();

  /** Whoever comes while it is being made waits; if that fails, makes it for itself, with its own questions. */
  async get(way: string, make: () => Promise<Connection>): Promise<ConnectionLease & { connection: Connection }> {
    for (;;) {
      const shared = this.#open.get(way);
      if (shared?.connection.isOpen === true) return this.#lease(way, shared);
      const other = this.#underWay.get(way);
      if (other === undefined) break;
      await other.catch(() => undefined);
    }
    const making = make();
    this.#underWay.set(way, making);
    try {
      const shared: Shared = { connection: await making, holders: 0, linger: undefined };
      this.#open.set(way, shared);
      void shared.connection.whenLost.then(() => {
        clearTimeout(shared.linger);
        if (this.#open.get(way) === shared) this.#open.delete(way);
      });
      return this.#lease(way, shared);
    } finally {
      this.#underWay.delete(way);
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#underWay.values());
    // The farthest first: each lets go of the one that it goes through.
    const open = [...this.#open.entries()].sort(([a], [b]) => b.length - a.length);
    for (const [, { connection }] of open) await connection.close();
  }

  #lease(way: string, shared: Shared): ConnectionLease & { connection: Connection } {
    shared.holders++;
    clearTimeout(shared.linger);
    let isHeld = true;
    return {
      remote: shared.connection,
      connection: shared.connection,
      release: async () => {
        if (!isHeld) return;
        isHeld = false;
        shared.holders--;
        if (shared.holders > 0 || this.#open.get(way) !== shared) return;
        // Does not keep the program alive: whoever ends it closes all.
        shared.linger = setTimeout(() => void shared.connection.close(), LINGER_MS).unref();
      },
    };
  }
}
