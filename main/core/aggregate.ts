/** Arithmetic on flat vectors: the only loops over parameters besides the optimizer and compression. */
import type { Vector } from './parameters.ts';

/** `target += scale * source`, in place. */
export function accumulate(target: Vector, scale: number, source: Vector): void {
  for (let index = 0; index < target.length; index++) {
    target[index] = (target[index] as number) + scale * (source[index] as number);
  }
}

/** `left + scale * (weight * right)`, in a new vector; the bits of `accumulate` on a copy, of `scaled`. */
export function sumScaled(left: Vector, scale: number, right: Vector, weight = 1): Vector {
  const result = new Float32Array(left.length);
  for (let index = 0; index < left.length; index++) {
    result[index] = (left[index] as number) + scale * Math.fround(weight * (right[index] as number));
  }
  return result;
}

/** `left - right`, in a new vector. */
export function difference(left: Vector, right: Vector): Vector {
  const result = new Float32Array(left.length);
  for (let index = 0; index < left.length; index++) {
    result[index] = (left[index] as number) - (right[index] as number);
  }
  return result;
}

const SUM_BLOCK = 2048;

/** `left + right`, in a new vector. */
export function sum(left: Vector, right: Vector): Vector {
  const result = new Float32Array(left.length);
  for (let index = 0; index < left.length; index++) {
    result[index] = (left[index] as number) + (right[index] as number);
  }
  return result;
}

/**
 * `sum(weight_i * vector_i)`, in a new vector, reduced in the order given: the same contributions in
 * the same order give the same bits. Sums in double precision, one value at a time, so that the
 * rounding does not depend on how many contributions there are.
 */
export function weightedSum(size: number, contributions: readonly { vector: Vector; weight: number }[]): Vector {
  const [only] = contributions;
  if (only !== undefined && contributions.length === 1) return scaled(only.vector, only.weight);
  const result = new Float32Array(size);
  // In blocks that stay in the cache, one contribution after the other: the same sums, several times faster.
  const sums = new Float64Array(Math.min(size, SUM_BLOCK));
  for (let start = 0; start < size; start += SUM_BLOCK) {
    const length = Math.min(SUM_BLOCK, size - start);
    sums.fill(0);
    const fours = contributions.length - (contributions.length % 4);
    for (let first = 0; first < fours; first += 4) addFour(sums, contributions, first, start, length);
    for (const { vector, weight } of contributions.slice(fours)) {
      for (let index = 0; index < length; index++) {
        sums[index] = (sums[index] as number) + weight * (vector[start + index] as number);
      }
    }
    for (let index = 0; index < length; index++) result[start + index] = sums[index] as number;
  }
  return result;
}

/** Adds four contributions from `first` on, in their order: four times fewer ways to the sums and back. */
function addFour(
  sums: Float64Array,
  contributions: readonly { vector: Vector; weight: number }[],
  first: number,
  start: number,
  length: number,
): void {
  const at = (index: number) => contributions[first + index] as { vector: Vector; weight: number };
  const [one, two, three, four] = [at(0), at(1), at(2), at(3)];
  const [v1, v2, v3, v4] = [one.vector, two.vector, three.vector, four.vector];
  const [w1, w2, w3, w4] = [one.weight, two.weight, three.weight, four.weight];
  for (let index = 0; index < length; index++) {
    const place = start + index;
    sums[index] =
      (sums[index] as number) +
      w1 * (v1[place] as number) +
      w2 * (v2[place] as number) +
      w3 * (v3[place] as number) +
      w4 * (v4[place] as number);
  }
}

/** `factor * vector`, in a new vector: a sum of one, to 0, which makes -0 to 0. */
export function scaled(vector: Vector, factor: number): Vector {
  const result = new Float32Array(vector.length);
  for (let index = 0; index < vector.length; index++) result[index] = 0 + factor * (vector[index] as number);
  return result;
}

/** The squared L2 norm, summed in double precision. */
export function squaredNorm(vector: Vector): number {
  let sum = 0;
  for (let index = 0; index < vector.length; index++) sum += (vector[index] as number) * (vector[index] as number);
  return sum;
}
