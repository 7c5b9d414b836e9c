/** Something that several may listen to. */
export class Topic<Message> {
  readonly #listeners = new Set<(message: Message) => void>();

  get listeners(): number {
    return this.#listeners.size;
  }

  /** @returns how to stop. */
  listen(listener: (message: Message) => void): () => void {
    const own = (message: Message): void => listener(message);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  tell(message: Message): void {
    for (const listener of [...this.#listeners]) listener(message);
  }
}
