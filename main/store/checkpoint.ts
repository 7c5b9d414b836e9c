/**
 * One checkpoint as bytes:
 *
 *   magic `CADCKPT\0` · version u32 · head length u32 · head (JSON: state, vector names and lengths), padded
 *   to 4 · the vectors, float32 · SHA-256 over all before it. Little endian.
 *
 * The hash is checked before anything is believed, so a torn or flipped file never loads.
 */
import { createHash } from 'node:crypto';
import { CaduceusError } from '../core/errors.ts';
import type { Vector } from '../core/parameters.ts';
import { fromExactJson, toExactJson } from './exact-json.ts';

const MAGIC = new TextEncoder().encode('CADCKPT\0');
const VERSION = 1;
const PREAMBLE_BYTES = MAGIC.length + 8;
const HASH_BYTES = 32;
const VALUE_BYTES = 4;

export interface Checkpoint {
  /** Plain JSON; NaN and infinities survive. */
  state: unknown;
  vectors: Readonly<Record<string, Vector>>;
}

interface Head {
  state: unknown;
  vectors: { name: string; length: number }[];
}

/** A copy: what happens to the vectors afterwards does not reach the file. */
export function encodeCheckpoint({ state, vectors }: Checkpoint): Uint8Array {
  const entries = Object.entries(vectors);
  const head: Head = { state, vectors: entries.map(([name, { length }]) => ({ name, length })) };
  const json = new TextEncoder().encode(toExactJson(head));
  const headBytes = Math.ceil(json.length / VALUE_BYTES) * VALUE_BYTES;
  const values = entries.reduce((sum, [, { byteLength }]) => sum + byteLength, 0);

  const bytes = new Uint8Array(PREAMBLE_BYTES + headBytes + values + HASH_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint32(MAGIC.length, VERSION, true);
  view.setUint32(MAGIC.length + 4, headBytes, true);
  bytes.fill(0x20, PREAMBLE_BYTES, PREAMBLE_BYTES + headBytes);
  bytes.set(json, PREAMBLE_BYTES);
  let offset = PREAMBLE_BYTES + headBytes;
  for (const [, vector] of entries) {
    bytes.set(new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength), offset);
    offset += vector.byteLength;
  }
  bytes.set(hashOf(bytes.subarray(0, offset)), offset);
  return bytes;
}

/**
 * @param path names the file in errors.
 * @throws CAD-CHECKPOINT-CORRUPT
 */
export function decodeCheckpoint(bytes: Uint8Array, path: string): Checkpoint {
  const end = bytes.length - HASH_BYTES;
  if (end < PREAMBLE_BYTES) throw corrupt(path, 'it ends too early');
  if (!MAGIC.every((byte, index) => bytes[index] === byte)) throw corrupt(path, 'it is no checkpoint');
  const expected = bytes.subarray(end);
  if (!hashOf(bytes.subarray(0, end)).every((byte, index) => expected[index] === byte)) {
    throw corrupt(path, 'its bytes are not those that were written');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint32(MAGIC.length, true);
  if (version !== VERSION) throw corrupt(path, `it has format ${version}, this Caduceus reads format ${VERSION}`);

  const dataStart = PREAMBLE_BYTES + view.getUint32(MAGIC.length + 4, true);
  if (dataStart > end) throw corrupt(path, 'its head is longer than the file');
  const head = fromExactJson(new TextDecoder().decode(bytes.subarray(PREAMBLE_BYTES, dataStart))) as Head;
  const vectors: Record<string, Vector> = {};
  let offset = dataStart;
  for (const { name, length } of head.vectors) {
    const next = offset + length * VALUE_BYTES;
    if (next > end) throw corrupt(path, `vector ${name} is longer than the file`);
    const vector = new Float32Array(length);
    new Uint8Array(vector.buffer).set(bytes.subarray(offset, next));
    vectors[name] = vector;
    offset = next;
  }
  if (offset !== end) throw corrupt(path, 'it has more bytes than its head names');
  return { state: head.state, vectors };
}

export function corrupt(path: string, why: string): CaduceusError {
  return new CaduceusError(
    'CAD-CHECKPOINT-CORRUPT',
    `checkpoint ${path} cannot be used: ${why}`,
    'Start the run again; its records and its other checkpoints are untouched.',
  );
}

function hashOf(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}
