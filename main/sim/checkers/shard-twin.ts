/**
 * D1: shards cover the training set, never overlap and follow the workers' rows per iteration. Held
 * against a slow twin: running sums over all places, counted anew for every order.
 */
import { assert } from '../../core/assert.ts';
import type { RunRecord } from '../../core/metrics.ts';
import type { ServerInput, ServerOutput } from '../../core/parameter-server.ts';
import type { WorkerId } from '../../core/policy/policy.ts';
import type { Message, Shard } from '../../core/protocol/messages.ts';
import type { Watcher } from '../watch.ts';

interface Place {
  /** 0 while the worker does not take part. */
  weight: number;
  assigned: number;
}

/** In larger clusters only every n-th order is checked, so that checking stays in proportion. */
const ALL_ORDERS_UP_TO = 64;

export class ShardTwin implements Watcher {
  readonly #rows: number;
  readonly #places = new Map<WorkerId, Place>();
  #orders = 0;

  constructor(rows: number, workers: readonly WorkerId[]) {
    this.#rows = rows;
    for (const worker of workers) this.#place(worker);
  }

  exchange(input: ServerInput, outputs: readonly ServerOutput[]): void {
    if (input.type === 'connected') this.#place(input.worker);
    for (const output of outputs) {
      if (output.type === 'record') this.#record(output.record);
      if (output.type === 'send' && 'orders' in output.message) this.#check(output.worker, output.message.orders.shard);
    }
  }

  moved(worker: WorkerId, message: Message): void {
    if (message.kind === 'model') this.#check(worker, message.orders.shard);
  }

  #record(record: RunRecord): void {
    if (record.type === 'worker') {
      const place = this.#place(record.worker);
      place.weight = place.assigned;
    } else if (record.type === 'allocation') {
      const place = this.#place(record.worker);
      place.assigned = record.assignment.samples;
      place.weight = place.assigned;
    } else if (record.type === 'incident' && record.what === 'lost' && record.worker !== undefined) {
      this.#place(record.worker).weight = 0;
    }
  }

  #check(worker: WorkerId, { start, length }: Shard): void {
    this.#orders += 1;
    if (this.#places.size > ALL_ORDERS_UP_TO && this.#orders % this.#places.size !== 0) return;
    let total = 0;
    let before = 0;
    let own = 0;
    for (const [name, { weight }] of this.#places) {
      if (name === worker) {
        before = total;
        own = weight;
      }
      total += weight;
    }
    // A worker that was told before all were sent away: the whole set is nobody's else.
    if (total === 0) {
      assert(start === 0 && length === this.#rows, `D1: ${worker} is alone and has rows ${start}+${length}`);
      return;
    }
    const from = Math.min(Math.round((before / total) * this.#rows), this.#rows - 1);
    const rows = Math.max(
      1,
      Math.round(((before + own) / total) * this.#rows) - Math.round((before / total) * this.#rows),
    );
    assert(
      start === from && length === rows,
      `D1: ${worker} has rows ${start}+${length}, its share is ${from}+${rows}`,
    );
  }

  #place(worker: WorkerId): Place {
    let place = this.#places.get(worker);
    if (place === undefined) {
      place = { weight: 0, assigned: 0 };
      this.#places.set(worker, place);
    }
    return place;
  }
}
