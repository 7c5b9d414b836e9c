/** IEEE binary32, little endian: the values as they are. */
import type { Vector } from '../parameters.ts';

const LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/** On little-endian hosts a view of the vector's own memory: send it before the vector changes. */
export function encodeFloat32(vector: Vector): Uint8Array {
  if (LITTLE_ENDIAN) return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
  const bytes = new Uint8Array(vector.length * 4);
  const view = new DataView(bytes.buffer);
  vector.forEach((value, index) => {
    view.setFloat32(index * 4, value, true);
  });
  return bytes;
}

/** On little-endian hosts a view of `bytes` where they lie on a value's boundary: neither may change afterwards. */
export function decodeFloat32(bytes: Uint8Array, size: number): Vector {
  const { buffer, byteOffset } = bytes;
  if (LITTLE_ENDIAN && byteOffset % 4 === 0 && buffer instanceof ArrayBuffer) {
    return new Float32Array(buffer, byteOffset, size);
  }
  const vector = new Float32Array(size);
  if (LITTLE_ENDIAN) {
    new Uint8Array(vector.buffer).set(bytes);
    return vector;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let index = 0; index < size; index++) vector[index] = view.getFloat32(index * 4, true);
  return vector;
}
