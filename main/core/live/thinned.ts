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
