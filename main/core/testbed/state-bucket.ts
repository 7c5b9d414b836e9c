/**
 * A policy's state with all but its outline taken off, to tell how many kinds of states an exploration
 * has been in: numbers as none, some or fewer than none, workers as one another, lists by the kinds that
 * they hold.
 */

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
  return [...kinds].sort().join('|');
}

function numberBucket(value: number): string {
  return value === 0 ? '0' : value < 0 ? '-' : '+';
}
