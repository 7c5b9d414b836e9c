/**
 * What is going to happen, ordered by (time, sequence): of two things at the same time the one
 * scheduled first comes first, so that a run is the same every time. A binary heap, O(log n).
 */

export interface Scheduled<T> {
  readonly atMs: number;
  readonly sequence: number;
  /** Undefined once it has happened or was cancelled. */
  item: T | undefined;
}

/** Cancelled entries stay in the heap until they surface, or until they are the greater part of it. */
const MIN_SWEEP = 1024;

export class EventQueue<T> {
  #heap: Scheduled<T>[] = [];
  #sequence = 0;
  #cancelled = 0;

  /** Things still to happen. */
  get size(): number {
    return this.#heap.length - this.#cancelled;
  }

  schedule(atMs: number, item: T): Scheduled<T> {
    const entry: Scheduled<T> = { atMs, sequence: this.#sequence++, item };
    this.#heap.push(entry);
    this.#rise(this.#heap.length - 1);
    return entry;
  }

  /** No effect on what has happened already. */
  cancel(entry: Scheduled<T>): void {
    if (entry.item === undefined) return;
    entry.item = undefined;
    this.#cancelled += 1;
    if (this.#cancelled > MIN_SWEEP && this.#cancelled > this.#heap.length / 2) this.#sweep();
  }

  /** When the next thing is to happen; undefined when there is none. */
  get firstMs(): number | undefined {
    for (let first = this.#heap[0]; first !== undefined; first = this.#heap[0]) {
      if (first.item !== undefined) return first.atMs;
      this.#removeFirst();
      this.#cancelled -= 1;
    }
    return undefined;
  }

  /** Removes and returns the next thing to happen; undefined when there is none. */
  next(): { atMs: number; item: T } | undefined {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined) return undefined;
      this.#removeFirst();
      const { atMs, item } = first;
      if (item === undefined) {
        this.#cancelled -= 1;
        continue;
      }
      first.item = undefined;
      return { atMs, item };
    }
  }

  #removeFirst(): void {
    const last = this.#heap.pop() as Scheduled<T>;
    if (this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink(0);
  }

  #sweep(): void {
    // A sorted array is a heap, and the order of equals is in the entries themselves.
    this.#heap = this.#heap.filter(({ item }) => item !== undefined).sort((a, b) => (before(a, b) ? -1 : 1));
    this.#cancelled = 0;
  }

  #rise(place: number): void {
    const heap = this.#heap;
    const entry = heap[place] as Scheduled<T>;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = heap[parent] as Scheduled<T>;
      if (before(above, entry)) break;
      heap[place] = above;
      place = parent;
    }
    heap[place] = entry;
  }

  #sink(place: number): void {
    const heap = this.#heap;
    const entry = heap[place] as Scheduled<T>;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      const right = child + 1;
      if (right < heap.length && before(heap[right] as Scheduled<T>, heap[child] as Scheduled<T>)) child = right;
      const below = heap[child] as Scheduled<T>;
      if (before(entry, below)) break;
      heap[place] = below;
      place = child;
    }
    heap[place] = entry;
  }
}

function before(left: Scheduled<unknown>, right: Scheduled<unknown>): boolean {
  return left.atMs < right.atMs || (left.atMs === right.atMs && left.sequence < right.sequence);
}
