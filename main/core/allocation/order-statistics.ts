/**
 * Quantiles of values that come and go: a sorted list cut into chunks, so that adding, removing and
 * finding the k-th value cost O(√n) small steps instead of sorting n values. Plain JSON.
 */
import { assert } from '../assert.ts';

/** A chunk that grows past twice this is split. */
const CHUNK = 128;

export interface OrderStatistics {
  /** Sorted within and across; none is empty. */
  chunks: number[][];
  size: number;
}

export function noValues(): OrderStatistics {
  return { chunks: [], size: 0 };
}

export function addValue(values: OrderStatistics, value: number): void {
  const index = Math.min(chunkFor(values, value), values.chunks.length - 1);
  const chunk = values.chunks[index];
  values.size += 1;
  if (chunk === undefined) {
    values.chunks.push([value]);
    return;
  }
  chunk.splice(placeIn(chunk, value), 0, value);
  if (chunk.length > 2 * CHUNK) values.chunks.splice(index + 1, 0, chunk.splice(CHUNK));
}

/** Removes one value that is among them. */
export function removeValue(values: OrderStatistics, value: number): void {
  const index = chunkFor(values, value);
  const chunk = values.chunks[index];
  const place = chunk === undefined ? -1 : placeIn(chunk, value);
  assert(chunk !== undefined && chunk[place] === value, `${value} is among the values`);
  values.size -= 1;
  chunk.splice(place, 1);
  if (chunk.length === 0) values.chunks.splice(index, 1);
}

/** As `quantile` of core/cost.ts over the same values, to the bit. NaN when there are none. */
export function quantileOf(values: OrderStatistics, q: number): number {
  if (values.size === 0) return NaN;
  const place = (values.size - 1) * q;
  const low = Math.floor(place);
  const lower = valueAt(values, low);
  const upper = valueAt(values, Math.min(low + 1, values.size - 1));
  return lower + (upper - lower) * (place - low);
}

/** The first chunk whose last value is not below `value`; the number of chunks when there is none. */
function chunkFor({ chunks }: OrderStatistics, value: number): number {
  let [low, high] = [0, chunks.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((chunks[middle]?.at(-1) as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The first place in a sorted chunk whose value is not below `value`. */
function placeIn(chunk: readonly number[], value: number): number {
  let [low, high] = [0, chunk.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((chunk[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function valueAt({ chunks }: OrderStatistics, place: number): number {
  let rest = place;
  for (const chunk of chunks) {
    if (rest < chunk.length) return chunk[rest] as number;
    rest -= chunk.length;
  }
  return NaN;
}
