/**
 * How it ends: what becomes of runs that train when the window is closed or the program is to quit. It is asked
 * once at a time, and whatever fails on the way, the program can be left.
 */
import type { Settings } from '../main/core/api.ts';
import type { QuitChoice } from './quit.ts';

export interface EndingParts {
  /** Names of the runs that train. */
  runs(): readonly string[];
  /** What its user has said once for all about closing the window. */
  onClose(): Promise<Settings['onClose']>;
  ask(runs: readonly string[]): Promise<QuitChoice>;
  keep(runs: readonly string[]): void;
  /** Writes checkpoints and closes everything; within a bound of its own. */
  stop(): Promise<void>;
  quit(): void;
  onFailure(error: unknown): void;
}

export class Ending {
  readonly #parts: EndingParts;
  #isDeciding = false;
  #isOver = false;

  constructor(parts: EndingParts) {
    this.#parts = parts;
  }

  /** @returns whether it may happen now; otherwise it is being decided, and happens later when it is to. */
  allows(wanted: 'close' | 'quit'): boolean {
    if (!this.#isOver && !this.#isDeciding) void this.#decide(wanted);
    return this.#isOver;
  }

  async #decide(wanted: 'close' | 'quit'): Promise<void> {
    this.#isDeciding = true;
    try {
      const runs = this.#parts.runs();
      const choice = runs.length === 0 ? 'stop' : await this.#choice(wanted, runs);
      if (choice === 'keep') this.#parts.keep(runs);
      if (choice === 'stop') await this.#stop();
    } finally {
      this.#isDeciding = false;
    }
  }

  /** Who quits does not close the window: kept in the tray, the program could never be quit. */
  async #choice(wanted: 'close' | 'quit', runs: readonly string[]): Promise<QuitChoice> {
    try {
      const said = await this.#parts.onClose();
      if (said === 'stop' || (said === 'keep' && wanted === 'close')) return said;
      return await this.#parts.ask(runs);
    } catch (error) {
      // Nobody can be asked. A checkpoint loses nothing.
      this.#parts.onFailure(error);
      return 'stop';
    }
  }

  async #stop(): Promise<void> {
    try {
      await this.#parts.stop();
    } catch (error) {
      this.#parts.onFailure(error);
    } finally {
      this.#isOver = true;
      this.#parts.quit();
    }
  }
}
