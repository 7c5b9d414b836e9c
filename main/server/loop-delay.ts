/** How late this process's callbacks come: what its workers wait for on top of the network. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Milliseconds that callbacks of this process were late by since the last reading. */
export interface LoopDelay {
  p50: number;
  p99: number;
  max: number;
}

const RESOLUTION_MS = 10;

export class LoopDelayMeter {
  readonly #histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

  start(): void {
    this.#histogram.enable();
  }

  stop(): void {
    this.#histogram.disable();
  }

  /** Since the last reading. */
  read(): LoopDelay {
    const histogram = this.#histogram;
    // The histogram holds the time from one look to the next, the resolution included.
    const ms = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
    const delay = { p50: ms(histogram.percentile(50)), p99: ms(histogram.percentile(99)), max: ms(histogram.max) };
    histogram.reset();
    return delay;
  }
}
