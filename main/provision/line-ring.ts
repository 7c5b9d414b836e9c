/** The last lines of a stream: bounded, whatever is written to it. */
import type { Readable } from 'node:stream';

const MAX_LINES = 200;
const MAX_LINE_CHARACTERS = 1000;

export class LineRing {
  readonly #lines: string[] = [];
  #partial = '';

  constructor(stream: Readable) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => this.#add(text));
    stream.on('end', () => this.#add('\n'));
  }

  lines(): readonly string[] {
    return [...this.#lines];
  }

  #add(text: string): void {
    const parts = (this.#partial + text).split('\n');
    this.#partial = (parts.pop() ?? '').slice(-MAX_LINE_CHARACTERS);
    for (const line of parts) if (line.trim() !== '') this.#lines.push(line.slice(0, MAX_LINE_CHARACTERS));
    this.#lines.splice(0, this.#lines.length - MAX_LINES);
  }
}
