/** The newest items of a growing list, and how many there ever were. */
export interface Newest<Item> {
  count: number;
  items: Item[];
}
