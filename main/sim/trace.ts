/**
 * A fingerprint of all that happened: every message with its time, size and worker, and every figure
 * that the server recorded. Two simulations with the same fingerprint did the same things.
 */
import type { ServerInput, ServerOutput } from '../core/parameter-server.ts';
import type { Message, MessageKind } from '../core/protocol/messages.ts';
import type { Watcher } from './watch.ts';

const PRIME = 0x01000193;
const NOT_A_NUMBER = 0x7ff80000;
const KIND_CODES = new Map<MessageKind, number>();

export class Trace implements Watcher {
  #low = 0x811c9dc5;
  #high = 0x050c5d1f;
  readonly #workers = new Map<string, number>();
  readonly #float = new Float64Array(1);
  readonly #words = new Uint32Array(this.#float.buffer);

  /** 16 hexadecimal digits. */
  get fingerprint(): string {
    const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');
    return hex(this.#high) + hex(this.#low);
  }

  exchange(input: ServerInput, outputs: readonly ServerOutput[]): void {
    this.#number(input.nowMs);
    for (const output of outputs) {
      if (output.type !== 'record') continue;
      const { record } = output;
      if (record.type === 'push') {
        this.#word(this.#place(record.worker));
        this.#number(record.version ?? -1);
        this.#number(record.weight);
      } else if (record.type === 'evaluation') {
        this.#number(record.loss);
      } else if (record.type === 'incident') {
        for (const unit of record.text) this.#word(unit.codePointAt(0) ?? 0);
      }
    }
  }

  moved(worker: string, message: Message, bytes: number): void {
    this.#word(this.#place(worker));
    this.#word(codeOf(message.kind));
    this.#number(bytes);
    if ('iteration' in message) this.#number(message.iteration.loss);
  }

  finished({ parameters }: { parameters: Float32Array }): void {
    for (const value of parameters) this.#number(value);
  }

  #place(worker: string): number {
    const known = this.#workers.get(worker);
    if (known !== undefined) return known;
    for (const unit of worker) this.#word(unit.codePointAt(0) ?? 0);
    const place = this.#workers.size;
    this.#workers.set(worker, place);
    return place;
  }

  #number(value: number): void {
    if (Number.isNaN(value)) {
      this.#word(NOT_A_NUMBER); // its bits differ between hosts
      return;
    }
    this.#float[0] = value;
    this.#word(this.#words[0] as number);
    this.#word(this.#words[1] as number);
  }

  /** FNV-1a by words, twice: the second takes in the first, so that 64 bits count. */
  #word(word: number): void {
    this.#low = Math.imul(this.#low ^ word, PRIME);
    this.#high = Math.imul(this.#high ^ (this.#low >>> 13) ^ word, PRIME);
  }
}

function codeOf(kind: MessageKind): number {
  const known = KIND_CODES.get(kind);
  if (known !== undefined) return known;
  let code = 0;
  for (const unit of kind) code = Math.imul(code ^ (unit.codePointAt(0) ?? 0), PRIME);
  KIND_CODES.set(kind, code);
  return code;
}
