/** Takes from a stream as many bytes as are wanted, however they arrive. One at a time. */
export class ByteInflow {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #left: Uint8Array = new Uint8Array(0);

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** @throws Error when the stream ends before that */
  async take(bytes: number): Promise<ArrayBuffer> {
    const taken = new Uint8Array(bytes);
    for (let filled = 0; filled < bytes;) {
      if (this.#left.length === 0) {
        const next = await this.#chunks.next();
        if (next.done === true) throw new Error(`${bytes} bytes were announced, and ${filled} came`);
        this.#left = next.value;
      }
      const part = this.#left.subarray(0, bytes - filled);
      taken.set(part, filled);
      filled += part.length;
      this.#left = this.#left.subarray(part.length);
    }
    return taken.buffer;
  }
}
