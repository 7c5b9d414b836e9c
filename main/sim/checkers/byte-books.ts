/** C6: the server's ledger holds every byte that crossed the wire, by worker and category, and adds up. */
import { noTraffic, type Traffic } from '../../core/accounting.ts';
import { assert } from '../../core/assert.ts';
import type { WorkerId } from '../../core/policy/policy.ts';
import { type Category, categoryOf, type Message } from '../../core/protocol/messages.ts';
import type { Watcher, Witnessed } from '../watch.ts';

export class ByteBooks implements Watcher {
  readonly #workers = new Map<WorkerId, Traffic>();

  moved(worker: WorkerId, message: Message, bytes: number): void {
    let traffic = this.#workers.get(worker);
    if (traffic === undefined) {
      traffic = noTraffic();
      this.#workers.set(worker, traffic);
    }
    assert(Number.isSafeInteger(bytes) && bytes > 0, `C6: a ${message.kind} of ${bytes} bytes`);
    traffic[categoryOf(message.kind)] += bytes;
  }

  finished({ ledger }: Witnessed): void {
    const sum = noTraffic();
    const books = ledger.snapshot();
    for (const [worker, traffic] of this.#workers) {
      for (const category of Object.keys(sum) as Category[]) {
        assert(books[worker]?.[category] === traffic[category], `C6: ${category} bytes of ${worker}`);
        sum[category] += traffic[category];
      }
    }
    const total = ledger.total();
    for (const category of Object.keys(sum) as Category[]) {
      assert(total[category] === sum[category], `C6: ${category} bytes of all workers`);
    }
  }
}
