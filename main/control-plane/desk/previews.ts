/** Asks the thread that opens data sets, which is started when it is needed and ended when it has been idle. */
import { Worker } from 'node:worker_threads';
import type { CheckedInput, DatasetPreview } from '../../core/api.ts';
import { CaduceusError } from '../../core/errors.ts';
import type { DatasetReply, DatasetRequest } from '../dataset-thread.ts';

const IDLE_MS = 60_000;
const LONGEST_MS = 120_000;
const MAX_WAITING = 8;

interface Waiting {
  resolve(preview: DatasetPreview): void;
  reject(error: unknown): void;
  timer: NodeJS.Timeout;
}

export class Previews {
  readonly #program: string;
  readonly #waiting = new Map<number, Waiting>();
  #thread: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;
  #nextId = 1;

  /** @param program Path of that thread. */
  constructor(program: string) {
    this.#program = program;
  }

  /** @throws CAD-BUSY, and what opening the data set throws */
  look(input: CheckedInput<'experiment.previewDataset'>): Promise<DatasetPreview> {
    if (this.#waiting.size >= MAX_WAITING) {
      throw new CaduceusError('CAD-BUSY', `${MAX_WAITING} previews are being made`, 'Wait until one is there.');
    }
    clearTimeout(this.#idle);
    const thread = (this.#thread ??= this.#start());
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#end(tooLong()), LONGEST_MS);
      this.#waiting.set(id, { resolve, reject, timer });
      thread.postMessage({ id, look: input } satisfies DatasetRequest);
    });
  }

  close(): void {
    this.#end(new CaduceusError('CAD-CANCELLED', 'the program is ending', 'Start it again.'));
  }

  #start(): Worker {
    const thread = new Worker(this.#program);
    thread.unref();
    thread.on('message', (reply: DatasetReply) => this.#settle(reply));
    thread.on('error', (error) => this.#end(error));
    return thread;
  }

  #settle(reply: DatasetReply): void {
    const waiting = this.#waiting.get(reply.id);
    if (waiting === undefined) return;
    this.#waiting.delete(reply.id);
    clearTimeout(waiting.timer);
    if ('preview' in reply) waiting.resolve(reply.preview);
    else if ('error' in reply)
      waiting.reject(new CaduceusError(reply.error.code, reply.error.message, reply.error.remedy));
    if (this.#waiting.size === 0) this.#idle = setTimeout(() => this.#end(undefined), IDLE_MS).unref();
  }

  #end(error: unknown): void {
    clearTimeout(this.#idle);
    void this.#thread?.terminate();
    this.#thread = undefined;
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(error);
    }
    this.#waiting.clear();
  }
}

function tooLong(): CaduceusError {
  return new CaduceusError(
    'CAD-BUSY',
    `the data set was not open after ${LONGEST_MS / 1000} s`,
    'Ask for fewer rows, or look whether the disk is busy.',
  );
}
