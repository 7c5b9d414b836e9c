/** What a device says of itself and of its speed, and what that means for an allocation. */

/** Measured by the device when it joins. Unknown figures are absent, never 0. */
export interface DeviceProfile {
  engine: string;
  cores: number;
  architecture: string;
  platform: string;
  memoryBytes: number;
  /** Samples per second in a training step at the run's mini-batch, on this device, as throttled. */
  samplesPerSecond?: number;
  /** How the device is held back, in words, when it is. */
  throttle?: string;
}

/** The middle value; the mean of the two middle values of an even count. Empty input gives NaN. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Linear interpolation between order statistics (Hyndman & Fan type 7, NumPy's default). */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  if (sorted.length === 0) return NaN;
  const place = (sorted.length - 1) * q;
  const low = Math.floor(place);
  const lower = sorted[low] as number;
  const upper = sorted[Math.min(low + 1, sorted.length - 1)] as number;
  return lower + (upper - lower) * (place - low);
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Population standard deviation (divides by n). */
export function populationDeviation(values: readonly number[]): number {
  const centre = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)));
}
