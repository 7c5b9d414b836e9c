/** One worker's device in the testbed: the machine under test, the rows it stored, the work it does. */
import { assert, present } from '../assert.ts';
import type { DeviceProfile } from '../cost.ts';
import type { Policy, WorkerId } from '../policy/policy.ts';
import { ROWS_PER_BLOCK, type WorkerMessage } from '../protocol/messages.ts';
import { type Trained, type Work, Worker, type WorkerInput, type WorkerOutput } from '../worker.ts';
import { type Row, rowOfBlock, train } from './problem.ts';

export const PROFILE: DeviceProfile = {
  engine: 'plain loops',
  cores: 1,
  architecture: 'none',
  platform: 'testbed',
  memoryBytes: 1e9,
};

export class Device {
  readonly worker: WorkerId;
  readonly machine: Worker;
  /** What the machine wants trained, until it is done. */
  work: Work | undefined;
  stopped = false;
  /** Sent away by the server: its process has ended, and only a new one comes back. */
  isExpelled = false;
  /** The next iteration gives numbers that are none. */
  poisoned = false;
  /** Every iteration does. */
  diverges = false;
  /** Told of every piece of work before it is done. */
  onWork: ((work: Work) => void) | undefined;
  readonly #blocks = new Map<number, Uint8Array>();
  readonly #msPerRow: number;

  constructor(worker: WorkerId, policy: Policy, msPerRow: number) {
    this.worker = worker;
    this.#msPerRow = msPerRow;
    this.machine = new Worker(worker, PROFILE, (name) => {
      assert(name === policy.name, `the plan names ${policy.name}`);
      return policy;
    });
  }

  /** One input for the machine; what it wants sent is returned. */
  give(input: WorkerInput): WorkerMessage[] {
    if (input.type === 'disconnected') this.work = undefined;
    return this.#perform(this.machine.handle(input));
  }

  /** Ends the training under way. */
  finish(nowMs: number): WorkerMessage[] {
    const work = present(this.work, 'work');
    this.work = undefined;
    const result = train(work, (position) => this.#row(position), work.order.length * this.#msPerRow);
    if (this.poisoned || this.diverges) poison(result);
    this.poisoned = false;
    return this.give({ type: 'trained', nowMs, result });
  }

  #row(position: number): Row {
    const block = Math.floor(position / ROWS_PER_BLOCK);
    return rowOfBlock(present(this.#blocks.get(block), `stored block ${block}`), position % ROWS_PER_BLOCK);
  }

  #perform(outputs: readonly WorkerOutput[]): WorkerMessage[] {
    const messages: WorkerMessage[] = [];
    for (const output of outputs) {
      switch (output.type) {
        case 'send':
          messages.push(output.message);
          break;
        case 'store-rows':
          this.#blocks.set(output.block, output.payload);
          break;
        case 'forget-rows':
          for (const block of output.blocks) this.#blocks.delete(block);
          break;
        case 'train':
          assert(this.work === undefined, 'a device trains one thing at a time');
          this.work = output.work;
          this.onWork?.(output.work);
          break;
        case 'stopped':
          this.stopped = true;
          break;
      }
    }
    return messages;
  }
}

/** What a diverged or broken device hands back. */
function poison(result: Trained): void {
  (result.gradient ?? result.parameters).fill(NaN);
  result.loss = NaN;
  if (result.probeLoss !== undefined) result.probeLoss = NaN;
}
