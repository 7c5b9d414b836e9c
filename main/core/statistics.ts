/** Medians and how sure they are. */
import { median, quantile } from './cost.ts';
import { below, prng } from './prng.ts';

const RESAMPLES = 2000;

export interface Estimate {
  median: number;
  /** 95 % interval. */
  low: number;
  high: number;
}

/**
 * The median with its 95 % percentile-bootstrap interval (Efron 1979, 2,000 resamples, seeded: the same
 * values give the same interval). With few values the interval is their range, and no narrower than
 * it should be is claimed. Undefined without values.
 */
export function estimate(values: readonly number[]): Estimate | undefined {
  if (values.length === 0) return undefined;
  const chance = prng(values.length, 'bootstrap');
  const medians: number[] = [];
  for (let resample = 0; resample < RESAMPLES; resample++) {
    medians.push(median(values.map(() => values[below(chance, values.length)] as number)));
  }
  return { median: median(values), low: quantile(medians, 0.025), high: quantile(medians, 0.975) };
}
