/**
 * Seeded chance. The generator is sfc32 (Chris Doty-Humphrey, PractRand): 128 bits of state, passes
 * PractRand and BigCrush, and its state is four integers, so it lives inside plain JSON state.
 */

/** Four unsigned 32-bit integers; advanced in place by every draw. */
export interface PrngState {
  a: number;
  b: number;
  c: number;
  counter: number;
}

/**
 * A generator for one purpose. The same seed with other labels gives an unrelated stream, so that
 * one more draw in one place never shifts the draws of another.
 */
export function prng(seed: number, ...labels: readonly (string | number)[]): PrngState {
  const state: PrngState = { a: seed >>> 0, b: Math.floor(seed / 2 ** 32) >>> 0, c: 0x9e3779b9, counter: 1 };
  for (const label of labels) {
    for (const character of `${label}/`) {
      state.c = (state.c ^ (character.codePointAt(0) ?? 0)) >>> 0;
      nextUint32(state);
    }
  }
  for (let warmUp = 0; warmUp < 15; warmUp++) nextUint32(state);
  return state;
}

/** An integer in [0, 2^32). */
export function nextUint32(state: PrngState): number {
  const sum = (state.a + state.b + state.counter) | 0;
  state.counter = (state.counter + 1) >>> 0;
  state.a = (state.b ^ (state.b >>> 9)) >>> 0;
  state.b = (state.c + (state.c << 3)) >>> 0;
  state.c = (((state.c << 21) | (state.c >>> 11)) + sum) >>> 0;
  return sum >>> 0;
}

/** A number in [0, 1), 32 bits fine. */
export function uniform(state: PrngState): number {
  return nextUint32(state) / 4294967296;
}

/** An integer in [0, bound), without modulo bias. `bound` in 1 … 2^32. */
export function below(state: PrngState, bound: number): number {
  const limit = 4294967296 - (4294967296 % bound);
  let draw = nextUint32(state);
  while (draw >= limit) draw = nextUint32(state);
  return draw % bound;
}

/** A draw from N(0, 1) by the Box–Muller transform. */
export function normal(state: PrngState): number {
  const radius = Math.sqrt(-2 * Math.log(1 - uniform(state)));
  return radius * Math.cos(2 * Math.PI * uniform(state));
}

/** Fisher–Yates, in place. */
export function shuffle<T extends { length: number; [index: number]: number }>(state: PrngState, items: T): T {
  for (let last = items.length - 1; last > 0; last--) {
    const other = below(state, last + 1);
    const held = items[last] as number;
    items[last] = items[other] as number;
    items[other] = held;
  }
  return items;
}

/** The integers 0 … length-1 in a random order. */
export function permutation(state: PrngState, length: number): Uint32Array<ArrayBuffer> {
  const order = new Uint32Array(length);
  for (let index = 0; index < length; index++) order[index] = index;
  return shuffle(state, order);
}
