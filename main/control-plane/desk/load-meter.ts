/** How busy this process is, which workers wait for: told once a second. */
import type { Load } from '../../core/api.ts';
import { LoopDelayMeter } from '../../server/loop-delay.ts';
import { Topic } from './topic.ts';

const EVERY_MS = 1000;

export class LoadMeter {
  readonly changes = new Topic<Load>();
  readonly #meter = new LoopDelayMeter();
  readonly #count: () => { activeRuns: number; activeJobs: number };
  readonly #timer: NodeJS.Timeout;
  #newest: Load['delayMs'] = { p50: 0, p99: 0, max: 0 };

  constructor(count: () => { activeRuns: number; activeJobs: number }) {
    this.#count = count;
    this.#meter.start();
    this.#timer = setInterval(() => {
      this.#newest = this.#meter.read();
      if (this.changes.listeners > 0) this.changes.tell(this.read());
    }, EVERY_MS).unref();
  }

  read(): Load {
    return { delayMs: this.#newest, memoryBytes: process.memoryUsage.rss(), ...this.#count() };
  }

  close(): void {
    clearInterval(this.#timer);
    this.#meter.stop();
  }
}
