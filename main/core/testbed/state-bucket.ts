/**
 * A policy's state with all but its outline taken off, to tell how many kinds of states an exploration
 * has been in: numbers as none, one, two or many, workers as one another, lists by what they hold.
 */
const MANY = 3;

export function bucketOf(state: unknown, workers: ReadonlySet<string>): string {
  if (typeof state === 'number') return numberBucket(state);
  if (typeof state === 'string') return workers.has(state) ? 'worker' : state;
  if (typeof state !== 'object' || state === null) return String(state);
  if (Array.isArray(state)) return `[${together(state, workers)}]`;
  const entries = Object.entries(state);
  // Entries of workers and of numbers are alike: what counts is which kinds of them there are.
  if (entries.length > 0 && entries.every(([key]) => workers.has(key) || /^\d+$/.test(key))) {
    return `{${together(
      entries.map(([, value]) => value as unknown),
      workers,
    )}}`;
  }
  return `{${entries.map(([key, value]) => `${key}:${bucketOf(value, workers)}`).join()}}`;
}

function together(values: readonly unknown[], workers: ReadonlySet<string>): string {
  const kinds = new Set(values.map((value) => bucketOf(value, workers)));
  return `${Math.min(values.length, MANY)}×${[...kinds].sort().join('|')}`;
}

function numberBucket(value: number): string {
  if (value < 0) return '-';
  if (!Number.isInteger(value)) return value < 1 ? '<1' : '>1';
  return String(Math.min(value, MANY));
}
