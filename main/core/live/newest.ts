/** The newest items of a growing list, and how many there ever were. */
export interface Newest<Item> {
  count: number;
  items: Item[];
}

export function noneNewest<Item>(): Newest<Item> {
  return { count: 0, items: [] };
}

export function push<Item>(list: Newest<Item>, item: Item, limit: number): void {
  list.count += 1;
  list.items.push(item);
  if (list.items.length > limit) list.items.splice(0, list.items.length - limit);
}

/** Appends what came after; counts in `from` are of its own items alone. */
export function mergeNewest<Item>(into: Newest<Item>, from: Newest<Item>, limit: number): void {
  into.count += from.count;
  into.items.push(...from.items);
  if (into.items.length > limit) into.items.splice(0, into.items.length - limit);
}
