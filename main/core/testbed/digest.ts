/** Sums up what happened to one machine, so that two histories can be told apart without keeping them. */

/** Two mixes of 32 bits: among a million histories, two share a digest once in ten million explorations. */
export class Digest {
  #left = 0x811c9dc5;
  #right = 0x9e3779b9;

  add(part: string | number | Uint8Array): this {
    if (typeof part === 'number') {
      this.#mix(part);
    } else if (typeof part === 'string') {
      for (let index = 0; index < part.length; index++) this.#mix(part.charCodeAt(index));
    } else {
      for (let index = 0; index < part.length; index++) this.#mix(part[index] as number);
    }
    this.#mix(0x1f0);
    return this;
  }

  get text(): string {
    return `${(this.#left >>> 0).toString(36)}.${(this.#right >>> 0).toString(36)}`;
  }

  #mix(value: number): void {
    this.#left = Math.imul(this.#left ^ value, 0x01000193);
    this.#right = Math.imul(this.#right ^ value ^ (this.#left >>> 15), 0x85ebca6b);
    this.#right ^= this.#right >>> 13;
  }
}
