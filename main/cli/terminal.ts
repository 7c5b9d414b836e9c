/**
 * What a person reads. Always on standard error: standard output belongs to the one JSON document,
 * or to the verb's plain answer. On a terminal the newest progress line is redrawn in place;
 * elsewhere (logs, pipes) progress comes as plain lines, one every few seconds.
 */
import { printable } from '../core/plain-text.ts';
import { withOwnName } from './own-name.ts';

const PLAIN_EVERY_MS = 5000;
const REDRAW_EVERY_MS = 100;

export class Terminal {
  readonly #stream: NodeJS.WriteStream;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #live: boolean;
  /** Lines of progress on the screen, above the cursor's own. */
  #shownAbove = 0;
  #progressShown = false;
  #lastProgressMs = -Infinity;

  constructor(stream: NodeJS.WriteStream, environment: NodeJS.ProcessEnv) {
    this.#stream = stream;
    this.#environment = environment;
    // Whoever read along may go away (`… 2>&1 | head`): that ends the reading, not the training.
    stream.on('error', () => undefined);
    this.#live = stream.isTTY === true && environment['TERM'] !== 'dumb' && environment['CI'] === undefined;
  }

  get columns(): number {
    return this.#live ? Math.max(40, this.#stream.columns) : 100;
  }

  line(text = ''): void {
    this.#erase();
    this.#stream.write(`${printable(withOwnName(text, this.#environment))}\n`);
  }

  /** Replaces the progress shown before; skipped when it comes too soon. */
  progress(nowMs: number, text: () => string): void {
    if (nowMs - this.#lastProgressMs < (this.#live ? REDRAW_EVERY_MS : PLAIN_EVERY_MS)) return;
    this.#lastProgressMs = nowMs;
    if (!this.#live) {
      this.#stream.write(`${printable(text())}\n`);
      return;
    }
    this.#erase();
    this.#stream.write(printable(text()).slice(0, this.columns - 1));
    this.#progressShown = true;
  }

  /** Whether lines can be redrawn in place. */
  get isLive(): boolean {
    return this.#live;
  }

  /** Several lines of progress, redrawn in place; on a terminal only, elsewhere the caller says what is worth a line. */
  block(lines: readonly string[]): void {
    if (!this.#live) return;
    this.#erase();
    const shown = lines.map((line) => printable(line).slice(0, this.columns - 1));
    this.#stream.write(shown.join('\n'));
    this.#progressShown = shown.length > 0;
    this.#shownAbove = Math.max(0, shown.length - 1);
  }

  /** Leaves the block on the screen as it is and goes on below it. */
  keepBlock(): void {
    if (!this.#progressShown) return;
    this.#stream.write('\n');
    this.#progressShown = false;
    this.#shownAbove = 0;
  }

  /** Forgets the progress line, so that the next run's starts at once. */
  endProgress(): void {
    this.#erase();
    this.#lastProgressMs = -Infinity;
  }

  #erase(): void {
    if (!this.#progressShown) return;
    this.#stream.write(`\r\u001b[2K${'\u001b[1A\u001b[2K'.repeat(this.#shownAbove)}`);
    this.#progressShown = false;
    this.#shownAbove = 0;
  }
}

/** A bar of `width` characters, `share` of it filled. */
export function bar(share: number, width: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * width);
  return '█'.repeat(filled) + '░'.repeat(width - filled);
}
