/**
 * Finds what a program said among what its shell said: everything before `MARK<process;` is noise and dropped, everything
 * after `MARK>code;` as well. Bytes in between pass unchanged, in whatever pieces they come.
 */

const EMPTY: Buffer = Buffer.alloc(0);
/** Kept of the noise, to tell what stands in the way when the mark never comes. */
const NOISE_KEPT_BYTES = 2048;
const NUMBER = /^(\d{1,10});/;
const LONGEST_NUMBER_BYTES = 11;

export class MarkedOutput {
  readonly #start: Buffer;
  readonly #end: Buffer;
  #held: Buffer = EMPTY;
  #noise: Buffer = EMPTY;
  #process: number | undefined;
  #code: number | undefined;

  constructor(mark: string) {
    this.#start = Buffer.from(`${mark}<`);
    this.#end = Buffer.from(`${mark}>`);
  }

  get hasStarted(): boolean {
    return this.#process !== undefined;
  }

  /** The program's shell on the device, once the start was seen. */
  get process(): number | undefined {
    return this.#process;
  }

  /** Once the end was seen. */
  get code(): number | undefined {
    return this.#code;
  }

  /** The newest of what came before the mark. */
  get noise(): Buffer {
    return this.#noise;
  }

  /** The program's own bytes in this piece. */
  take(chunk: Buffer): Buffer {
    if (this.#code !== undefined) return EMPTY;
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = EMPTY;
    if (this.#process !== undefined) return this.#upToEnd(bytes);
    this.#keepNoise(chunk);
    const start = this.#find(this.#start, bytes);
    if (start === undefined) return EMPTY;
    this.#process = start.number;
    return this.#upToEnd(bytes.subarray(start.behind));
  }

  #upToEnd(bytes: Buffer): Buffer {
    const end = this.#find(this.#end, bytes);
    if (end !== undefined) this.#code = end.number;
    return bytes.subarray(0, end?.at ?? bytes.length - this.#held.length);
  }

  /** A mark with its number; holds back what may be the beginning of one. */
  #find(mark: Buffer, bytes: Buffer): { at: number; number: number; behind: number } | undefined {
    for (let at = bytes.indexOf(mark); at !== -1; at = bytes.indexOf(mark, at + 1)) {
      const text = bytes.toString('latin1', at + mark.length, at + mark.length + LONGEST_NUMBER_BYTES);
      const digits = NUMBER.exec(text)?.[1];
      if (digits !== undefined) return { at, number: Number(digits), behind: at + mark.length + digits.length + 1 };
      if (text.length < LONGEST_NUMBER_BYTES) {
        this.#hold(bytes.subarray(at));
        return undefined;
      }
    }
    for (let length = Math.min(mark.length - 1, bytes.length); length > 0; length--) {
      if (bytes.subarray(bytes.length - length).equals(mark.subarray(0, length))) {
        this.#hold(bytes.subarray(bytes.length - length));
        break;
      }
    }
    return undefined;
  }

  /** Copied, so that a few bytes do not hold on to a whole packet. */
  #hold(bytes: Buffer): void {
    this.#held = Buffer.from(bytes);
  }

  #keepNoise(bytes: Buffer): void {
    const joined = Buffer.concat([this.#noise, bytes.subarray(-NOISE_KEPT_BYTES)]);
    this.#noise = Buffer.from(joined.subarray(-NOISE_KEPT_BYTES));
  }
}
