/**
 * Sums over equal stretches of time, of bounded number: when time goes past the last one, two become
 * one. Widths are a power of two times the base, so whatever happened in between, the same events end
 * in the same buckets.
 */
export const BASE_WIDTH_US = 50_000;

export interface Buckets<Column extends string> {
  widthUs: number;
  /** Number of the first bucket held; bucket k spans [k × width, (k + 1) × width). */
  first: number;
  columns: Record<Column, number[]>;
}

export function noBuckets<Column extends string>(columns: readonly Column[], widthUs = BASE_WIDTH_US): Buckets<Column> {
  const empty = columns.map((column) => [column, [] as number[]]);
  return { widthUs, first: 0, columns: Object.fromEntries(empty) as Record<Column, number[]> };
}

/** The narrowest width with which everything up to `atUs` fits into `limit` buckets. */
export function widthFor(atUs: number, limit: number, atLeastUs = BASE_WIDTH_US): number {
  let width = atLeastUs;
  while (atUs >= width * limit) width *= 2;
  return width;
}

/** Makes buckets wider; never narrower. */
export function widen<Column extends string>(buckets: Buckets<Column>, widthUs: number): void {
  while (buckets.widthUs < widthUs) {
    const { first } = buckets;
    for (const column of Object.keys(buckets.columns) as Column[]) {
      const halved: number[] = [];
      buckets.columns[column].forEach((value, index) => {
        const into = Math.floor((first + index) / 2) - Math.floor(first / 2);
        halved[into] = (halved[into] ?? 0) + value;
      });
      buckets.columns[column] = halved;
    }
    buckets.first = Math.floor(first / 2);
    buckets.widthUs *= 2;
  }
}

/** Adds to the bucket that `atUs` is in. */
export function addAt<Column extends string>(
  buckets: Buckets<Column>,
  atUs: number,
  values: Partial<Record<Column, number>>,
): void {
  const index = reach(buckets, Math.floor(atUs / buckets.widthUs));
  for (const [column, value] of Object.entries(values) as [Column, number][]) {
    const cells = buckets.columns[column];
    cells[index] = (cells[index] ?? 0) + value;
  }
}

/** Adds a stretch of time to every bucket that it overlaps, by how much it does. Whole microseconds, none lost. */
export function addSpan<Column extends string>(
  buckets: Buckets<Column>,
  fromUs: number,
  toUs: number,
  column: Column,
): void {
  const { widthUs } = buckets;
  for (let start = fromUs; start < toUs;) {
    const bucket = Math.floor(start / widthUs);
    const end = Math.min(toUs, (bucket + 1) * widthUs);
    const index = reach(buckets, bucket);
    const cells = buckets.columns[column];
    cells[index] = (cells[index] ?? 0) + (end - start);
    start = end;
  }
}

/** Adds what another has; both become as wide as the wider. `from` may be widened. */
export function mergeBuckets<Column extends string>(into: Buckets<Column>, from: Buckets<Column>): void {
  widen(into, from.widthUs);
  widen(from, into.widthUs);
  const columns = Object.keys(from.columns) as Column[];
  const length = Math.max(0, ...columns.map((column) => from.columns[column].length));
  if (length === 0) return;
  reach(into, from.first);
  reach(into, from.first + length - 1);
  const shift = from.first - into.first;
  for (const column of columns) {
    const cells = into.columns[column];
    from.columns[column].forEach((value, index) => {
      cells[shift + index] = (cells[shift + index] ?? 0) + value;
    });
  }
}

/** The place of a bucket in the columns, which are made to reach there. All columns stay equally long. */
function reach<Column extends string>(buckets: Buckets<Column>, bucket: number): number {
  const { columns } = buckets;
  let length = 0;
  for (const column in columns) {
    length = columns[column].length;
    break;
  }
  if (length === 0) buckets.first = bucket;
  const place = bucket - buckets.first;
  if (place >= 0 && place < length) return place;
  for (const column in columns) {
    const cells = columns[column];
    if (place < 0) cells.unshift(...new Array<number>(-place).fill(0));
    while (cells.length <= place) cells.push(0);
  }
  if (place >= 0) return place;
  buckets.first = bucket;
  return 0;
}
