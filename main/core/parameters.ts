/**
 * A model's parameters as one flat Float32Array, and the layout that says which tensor lies where.
 * Everything that moves, adds, compresses or compares models works on the flat vector; only `learn`
 * looks inside it.
 */
import { assert } from './assert.ts';

/** A flat vector of all parameters (or of a gradient or difference with the same layout). */
export type Vector = Float32Array<ArrayBuffer>;

export interface TensorSpec {
  name: string;
  shape: readonly number[];
}

export interface TensorSlot extends TensorSpec {
  /** Index of the tensor's first value in the flat vector. */
  offset: number;
  /** Number of values. */
  size: number;
}

export interface ParameterLayout {
  tensors: readonly TensorSlot[];
  /** Number of values in all tensors. */
  size: number;
}

/** Lays tensors one behind the other, in the order given. */
export function layoutOf(specs: readonly TensorSpec[]): ParameterLayout {
  const tensors: TensorSlot[] = [];
  const names = new Set<string>();
  let offset = 0;
  for (const { name, shape } of specs) {
    assert(!names.has(name), `tensor name ${name} is used twice`);
    names.add(name);
    const size = shape.reduce((product, extent) => product * extent, 1);
    assert(Number.isSafeInteger(size) && size > 0, `tensor ${name} has no valid size`);
    tensors.push({ name, shape: [...shape], offset, size });
    offset += size;
  }
  return { tensors, size: offset };
}

/** The part of `flat` that holds one tensor: a view, not a copy. */
export function tensorView(flat: Vector, slot: TensorSlot): Vector {
  return flat.subarray(slot.offset, slot.offset + slot.size);
}

/** True when no value is NaN or infinite. */
export function isFinite(vector: Vector): boolean {
  // A value times 0 is 0, unless it is NaN or infinite. Four sums, because each addition waits for the last.
  let [first, second, third, fourth] = [0, 0, 0, 0];
  const whole = vector.length - (vector.length % 4);
  for (let index = 0; index < whole; index += 4) {
    first += (vector[index] as number) * 0;
    second += (vector[index + 1] as number) * 0;
    third += (vector[index + 2] as number) * 0;
    fourth += (vector[index + 3] as number) * 0;
  }
  for (let index = whole; index < vector.length; index++) first += (vector[index] as number) * 0;
  return first + second + third + fourth === 0;
}

/** FNV-1a over the bytes: tells two vectors apart in logs and tests. Not a cryptographic hash. */
export function checksum(vector: Vector): string {
  const bytes = new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
  let hash = 0x811c9dc5;
  for (let index = 0; index < bytes.length; index++) {
    hash = Math.imul(hash ^ (bytes[index] as number), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}
