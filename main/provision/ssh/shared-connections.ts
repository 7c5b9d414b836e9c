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
  /** Still held by somebody, and given to nobody any more. */
  readonly #replaced = new Set<Connection>();
  readonly #underWay = new Map<string, Promise<unknown>>();

  /**
   * Whoever comes while it is being made waits; if that fails, makes it for itself, with its own questions.
   * @param isNew One that begins now, and takes the place of the one that is there: who has that keeps it.
   */
  async get(
    way: string,
    make: () => Promise<Connection>,
    isNew = false,
  ): Promise<ConnectionLease & { connection: Connection }> {
    let wantsNew = isNew;
    for (;;) {
      const shared = this.#open.get(way);
      if (!wantsNew && shared?.connection.isOpen === true) return this.#lease(way, shared);
      const other = this.#underWay.get(way);
      if (other === undefined) break;
      // What is being made right now is new enough.
      wantsNew = await other.then(
        () => false,
        () => wantsNew,
      );
    }
    const making = make();
    this.#underWay.set(way, making);
    try {
      const shared: Shared = { connection: await making, holders: 0, linger: undefined };
      const before = this.#open.get(way);
      this.#open.set(way, shared);
      if (before?.connection.isOpen === true) this.#replace(before);
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
    for (const connection of this.#replaced) await connection.close();
  }

  #replace({ connection, holders, linger }: Shared): void {
    clearTimeout(linger);
    this.#replaced.add(connection);
    void connection.whenLost.then(() => this.#replaced.delete(connection));
    if (holders === 0) void connection.close();
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
        if (shared.holders > 0) return;
        if (this.#open.get(way) !== shared) return void shared.connection.close();
        // Does not keep the program alive: whoever ends it closes all.
        shared.linger = setTimeout(() => void shared.connection.close(), LINGER_MS).unref();
      },
    };
  }
}
