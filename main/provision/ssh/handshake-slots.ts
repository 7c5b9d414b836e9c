/**
 * How many handshakes may be under way. A server drops unauthenticated connections at random beyond its MaxStartups, and
 * newer ones punish addresses that make many; so there are few at once to one address, and the others wait here.
 */

const MAX_PER_ADDRESS = 2;
const MAX_IN_ALL = 16;

export class HandshakeSlots {
  readonly #underWay = new Map<string, number>();
  readonly #waiting: { address: string; go: () => void }[] = [];
  #total = 0;

  /** Resolves with what gives the place back; calling that twice does nothing. */
  async enter(address: string): Promise<() => void> {
    if (!this.#hasRoom(address)) {
      await new Promise<void>((resolve) => this.#waiting.push({ address, go: resolve }));
    } else this.#count(address, 1);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#count(address, -1);
      const next = this.#waiting.findIndex((waiter) => this.#hasRoom(waiter.address));
      const [waiter] = next === -1 ? [] : this.#waiting.splice(next, 1);
      if (waiter === undefined) return;
      // Taken for the waiter at once, so that nobody slips in between.
      this.#count(waiter.address, 1);
      waiter.go();
    };
  }

  #hasRoom(address: string): boolean {
    return this.#total < MAX_IN_ALL && (this.#underWay.get(address) ?? 0) < MAX_PER_ADDRESS;
  }

  #count(address: string, change: 1 | -1): void {
    const count = (this.#underWay.get(address) ?? 0) + change;
    if (count === 0) this.#underWay.delete(address);
    else this.#underWay.set(address, count);
    this.#total += change;
  }
}
