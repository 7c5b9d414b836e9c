/**
 * A growing list in bounded room: every `stride`-th item is kept, and the newest. The stride doubles when
 * room runs out, so what is kept depends on nothing but how many there were.
 */
export interface Thinned<Item> {
  /** Items there ever were. */
  count: number;
  stride: number;
  /** With their number among all, counted from 0; multiples of the stride. */
  items: [index: number, item: Item][];
  last: Item | null;
}

/** @param count Items there were before: a list of what is new numbers on from there. */
export function noneThinned<Item>(count = 0, stride = 1): Thinned<Item> {
  return { count, stride, items: [], last: null };
}

export function append<Item>(list: Thinned<Item>, item: Item, limit: number): void {
  if (list.count % list.stride === 0) list.items.push([list.count, item]);
  list.count += 1;
  list.last = item;
  thin(list, limit);
}

/** Keeps to a limit, which may have become lower. */
export function thin<Item>(list: Thinned<Item>, limit: number): void {
  let { stride } = list;
  while (list.count > stride * limit) stride *= 2;
  restride(list, stride);
}

/** Appends what came after. */
export function mergeThinned<Item>(into: Thinned<Item>, from: Thinned<Item>, limit: number): void {
  if (from.last === null) return;
  const stride = Math.max(into.stride, from.stride);
  restride(into, stride);
  for (const [index, item] of from.items) if (index % stride === 0) into.items.push([index, item]);
  into.count = from.count;
  into.last = from.last;
  thin(into, limit);
}

/** What is kept, oldest first, the newest at the end. */
export function kept<Item>({ items, last, count }: Thinned<Item>): Item[] {
  const all = items.map(([, item]) => item);
  if (last !== null && items.at(-1)?.[0] !== count - 1) all.push(last);
  return all;
}

function restride<Item>(list: Thinned<Item>, stride: number): void {
  if (stride === list.stride) return;
  list.stride = stride;
  list.items = list.items.filter(([index]) => index % stride === 0);
}
