/** The machine stays awake while a model trains, and devices are asked again after it slept. */
import type { PowerMonitor, PowerSaveBlocker } from 'electron';

export class Wakefulness {
  readonly #blocker: Pick<PowerSaveBlocker, 'start' | 'stop'>;
  #id: number | undefined;

  constructor(blocker: Pick<PowerSaveBlocker, 'start' | 'stop'>) {
    this.#blocker = blocker;
  }

  /** @param isTraining whether a run trains now; asked again with the same answer, nothing happens. */
  follow(isTraining: boolean): void {
    if (isTraining && this.#id === undefined) this.#id = this.#blocker.start('prevent-app-suspension');
    if (!isTraining && this.#id !== undefined) {
      this.#blocker.stop(this.#id);
      this.#id = undefined;
    }
  }
}

/** @param onWoke told how long the machine slept, in milliseconds of the wall clock. */
export function watchSleep(
  monitor: Pick<PowerMonitor, 'on'>,
  onWoke: (sleptMs: number) => void,
  now: () => number = Date.now,
): void {
  let asleepSinceMs: number | undefined;
  monitor.on('suspend', () => (asleepSinceMs = now()));
  monitor.on('resume', () => {
    if (asleepSinceMs !== undefined) onWoke(Math.max(0, now() - asleepSinceMs));
    asleepSinceMs = undefined;
  });
}
