/**
 * The device that the others are measured by: how fast the fastest of them would train by itself.
 *
 * What a worker measured when it joined may be too low: others started beside it, or its first second was slow. Then a
 * claim of "6 times the fastest alone" would be refuted by that worker's own row. So nobody counts for less than it
 * has computed at in the run, its waiting left out.
 */
export interface SpeedSeen {
  name: string;
  /** Samples per second, when it joined. */
  measured: number | undefined;
  samples: number;
  computeMs: number;
}

export interface FastestAlone {
  name: string;
  samplesPerSecond: number;
  /** Whether it is the measurement of when it joined; else it is what it computed at in the run. */
  isMeasured: boolean;
}

/** Null where nobody was measured when it joined: what workers that share processors compute at is not "alone". */
export function fastestAlone(workers: readonly SpeedSeen[]): FastestAlone | null {
  if (workers.every(({ measured }) => measured === undefined)) return null;
  let fastest: FastestAlone | null = null;
  for (const { name, measured = 0, samples, computeMs } of workers) {
    const seen = computeMs > 0 ? samples / (computeMs / 1000) : 0;
    const samplesPerSecond = Math.max(measured, seen);
    if (samplesPerSecond > (fastest?.samplesPerSecond ?? 0))
      fastest = { name, samplesPerSecond, isMeasured: measured >= seen };
  }
  return fastest;
}
