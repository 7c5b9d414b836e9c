/**
 * What the agent's two threads say to each other. The main thread trains (tfjs-node crashes in any
 * other); the network thread holds the connection and the worker machine, and answers pings while a
 * step computes. Vectors are transferred, not copied.
 */
import type { DeviceProfile } from '../core/cost.ts';
import type { ErrorReport } from '../core/errors.ts';
import type { JoinTicket } from '../core/protocol/join-ticket.ts';
import type { WorkerPlan } from '../core/protocol/messages.ts';
import type { Trained, Work } from '../core/worker.ts';

/** Network thread → main thread. */
export type ToTraining =
  /** Get ready for this run; answered by `prepared`. */
  | { type: 'prepare'; plan: WorkerPlan; device: Pick<JoinTicket, 'engine' | 'batch' | 'throttle'> }
  | { type: 'store-rows'; block: number; count: number; payload: Uint8Array<ArrayBuffer> }
  | { type: 'forget-rows'; blocks: readonly number[] }
  /** Answered by `trained`, unless it is called off. */
  | { type: 'train'; work: Work }
  | { type: 'exit'; code: number };

/** Main thread → network thread. */
export type ToNetwork =
  | { type: 'prepared'; profile: DeviceProfile }
  | { type: 'trained'; result: Trained }
  | { type: 'failed'; error: ErrorReport };

/**
 * One number in shared memory, for what cannot wait until a step is over: work up to this id is
 * called off. Whoever sleeps on it wakes when it changes.
 */
export class CallOff {
  readonly #cell: Int32Array<SharedArrayBuffer>;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(4)) {
    this.#cell = new Int32Array(memory);
  }

  get memory(): SharedArrayBuffer {
    return this.#cell.buffer;
  }

  /** Calls off all work up to `id`. */
  upTo(id: number): void {
    Atomics.store(this.#cell, 0, id);
    Atomics.notify(this.#cell, 0);
  }

  everything(): void {
    this.upTo(2 ** 31 - 1);
  }

  covers(id: number): boolean {
    return Atomics.load(this.#cell, 0) >= id;
  }

  /** Sleeps for this long, or until something is called off. */
  sleep(milliseconds: number): void {
    if (milliseconds > 0) Atomics.wait(this.#cell, 0, Atomics.load(this.#cell, 0), milliseconds);
  }
}
