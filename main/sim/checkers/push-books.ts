/**
 * Every push has one fate.
 *
 * C1 a push is applied at most once; C2 what a model says it includes is decided; C4 nothing comes of
 * an older connection, and incarnations only rise; C7 received = applied + dropped + rejected + open;
 * A2 staleness counts the versions since the one that the worker was sent.
 */
import { assert } from '../../core/assert.ts';
import type { RunRecord } from '../../core/metrics.ts';
import type { ServerInput, ServerOutput } from '../../core/parameter-server.ts';
import type { WorkerId } from '../../core/policy/policy.ts';
import type { Message, ServerMessage } from '../../core/protocol/messages.ts';
import type { Watcher } from '../watch.ts';

interface Books {
  incarnation: number;
  active: boolean;
  /** Sequences received in this incarnation and not decided. */
  open: Set<number>;
  lastReceived: number;
  /** Versions sent in this incarnation, as far as a push may still be based on them. */
  versions: number[];
}

export class PushBooks implements Watcher {
  readonly #workers = new Map<WorkerId, Books>();
  #received = 0;
  #applied = 0;
  #dropped = 0;
  #rejected = 0;

  exchange(input: ServerInput, outputs: readonly ServerOutput[]): void {
    const received = input.type === 'message' ? this.#receive(input) : undefined;
    for (const output of outputs) {
      if (output.type === 'send' && output.message.kind === 'welcome') this.#welcome(output.worker, output.message);
      if (output.type === 'record') this.#record(output.record, received);
    }
  }

  moved(worker: WorkerId, message: Message): void {
    if (message.kind !== 'model') return;
    const books = this.#books(worker);
    books.versions.push(message.version);
    for (const sequence of books.open) {
      assert(sequence > message.includes, `C2: a model includes push ${sequence} of ${worker}, which is undecided`);
    }
  }

  finished(): void {
    let open = 0;
    for (const books of this.#workers.values()) open += books.open.size;
    const decided = this.#applied + this.#dropped + this.#rejected;
    assert(
      this.#received === decided + open,
      `C7: of ${this.#received} pushes ${decided} are decided and ${open} open`,
    );
  }

  /** The sequence of a push that the server has to take; undefined for anything else. */
  #receive({ worker, incarnation, message }: ServerInput & { type: 'message' }): number | undefined {
    if (message.kind !== 'push') return undefined;
    const books = this.#books(worker);
    const isNews = books.active && incarnation === books.incarnation && message.sequence > books.lastReceived;
    if (!isNews) return undefined;
    books.lastReceived = message.sequence;
    while ((books.versions[0] ?? Infinity) < message.baseVersion) books.versions.shift();
    assert(books.versions[0] === message.baseVersion, `A2: ${worker} was never sent version ${message.baseVersion}`);
    books.open.add(message.sequence);
    this.#received += 1;
    return message.sequence;
  }

  #welcome(worker: WorkerId, { incarnation }: ServerMessage & { kind: 'welcome' }): void {
    const books = this.#books(worker);
    assert(incarnation > books.incarnation, `C4: incarnation ${incarnation} of ${worker} is used again`);
    assert(books.open.size === 0, `C7: ${worker} left a push behind`);
    Object.assign(books, { incarnation, lastReceived: 0, versions: [] });
  }

  #record(record: RunRecord, received: number | undefined): void {
    if (record.type === 'push') {
      this.#decide(record);
    } else if (record.type === 'worker') {
      this.#books(record.worker).active = true;
    } else if (record.type === 'incident' && record.what === 'lost' && record.worker !== undefined) {
      this.#books(record.worker).active = false;
    } else if (record.type === 'decision' && record.event.type === 'rejected') {
      const { worker } = record.event;
      assert(
        received !== undefined && this.#books(worker).open.delete(received),
        `C7: what ${worker} had refused came in`,
      );
      this.#rejected += 1;
    }
  }

  #decide({ worker, sequence, outcome, staleness, version, baseVersion }: RunRecord & { type: 'push' }): void {
    const books = this.#books(worker);
    assert(books.open.delete(sequence), `C1: push ${sequence} of ${worker} is decided once, after it came in`);
    if (outcome === 'dropped') {
      this.#dropped += 1;
      return;
    }
    this.#applied += 1;
    assert(books.active, `C4: a push of ${worker} is applied while it takes part`);
    assert(version !== undefined && staleness === version - 1 - baseVersion, `A2: staleness ${staleness} of ${worker}`);
  }

  #books(worker: WorkerId): Books {
    let books = this.#workers.get(worker);
    if (books === undefined) {
      books = { incarnation: 0, active: false, open: new Set(), lastReceived: 0, versions: [] };
      this.#workers.set(worker, books);
    }
    return books;
  }
}
