/**
 * A trained model as safetensors, the format that PyTorch, JAX and others read: u64 header length (little
 * endian), JSON header with dtype, shape and data_offsets a tensor, then the values, float32.
 * https://huggingface.co/docs/safetensors
 *
 * The reader takes files from strangers: lengths and offsets are checked against the file's size before
 * anything is allocated, and every byte must belong to exactly one tensor.
 */
import { open, readFile } from 'node:fs/promises';
import { CaduceusError } from '../core/errors.ts';
import { layoutOf, type ParameterLayout, type TensorSpec, tensorView, type Vector } from '../core/parameters.ts';
import { writeFileAtomically } from './atomic-file.ts';

const LENGTH_BYTES = 8;
/** The format's own limit. */
const MAX_HEADER_BYTES = 100_000_000;
const MAX_FILE_BYTES = 2 ** 31 - 1;
const VALUE_BYTES = 4;

export interface ModelFile {
  layout: ParameterLayout;
  /** All parameters, in the layout's order. */
  parameters: Vector;
  /** What the writer wanted known: run, policy, accuracy. Text only, by the format. */
  metadata: Readonly<Record<string, string>>;
}

/** @throws CAD-OUTPUT */
export async function writeModelFile(path: string, { layout, parameters, metadata }: ModelFile): Promise<void> {
  await writeFileAtomically(path, encodeModelFile({ layout, parameters, metadata }));
}

/** The file in two pieces: head and values. The values are a view, not a copy. */
export function encodeModelFile({ layout, parameters, metadata }: ModelFile): [Uint8Array, Uint8Array] {
  const header: Record<string, unknown> = { __metadata__: metadata };
  for (const { name, shape, offset, size } of layout.tensors) {
    header[name] = { dtype: 'F32', shape, data_offsets: [offset * VALUE_BYTES, (offset + size) * VALUE_BYTES] };
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const padded = Math.ceil(json.length / LENGTH_BYTES) * LENGTH_BYTES;
  const head = new Uint8Array(LENGTH_BYTES + padded).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(padded), true);
  head.set(json, LENGTH_BYTES);
  return [head, new Uint8Array(parameters.buffer, parameters.byteOffset, parameters.byteLength)];
}

/** @throws CAD-CHECKPOINT-CORRUPT saying what is wrong. */
export async function readModelFile(path: string): Promise<ModelFile> {
  const file = await open(path, 'r').catch((error: unknown) => {
    throw corrupt(path, error instanceof Error ? error.message : String(error));
  });
  try {
    const { size } = await file.stat();
    if (size > MAX_FILE_BYTES) throw corrupt(path, `it has ${size} bytes, more than any model here`);
    return decodeModelFile(await readFile(file), path);
  } finally {
    await file.close();
  }
}

/** @param path names the file in errors. */
export function decodeModelFile(bytes: Uint8Array, path: string): ModelFile {
  if (bytes.length < LENGTH_BYTES) throw corrupt(path, 'it ends before its header');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const announced = view.getBigUint64(0, true);
  if (announced > BigInt(MAX_HEADER_BYTES) || announced > BigInt(bytes.length - LENGTH_BYTES)) {
    throw corrupt(path, `its header claims ${announced} bytes in a file of ${bytes.length}`);
  }
  const dataStart = LENGTH_BYTES + Number(announced);
  const { metadata, entries } = readHeader(bytes.subarray(LENGTH_BYTES, dataStart), path);
  entries.sort((left, right) => left.begin - right.begin);

  let end = 0;
  for (const { name, begin, end: tensorEnd } of entries) {
    if (begin !== end) throw corrupt(path, `tensor ${name} leaves a gap or overlaps another`);
    end = tensorEnd;
  }
  if (end !== bytes.length - dataStart) {
    throw corrupt(path, `its tensors need ${end} bytes and it has ${bytes.length - dataStart}`);
  }
  const layout = layoutOf(entries);
  const parameters = new Float32Array(layout.size);
  new Uint8Array(parameters.buffer).set(bytes.subarray(dataStart));
  return { layout, parameters, metadata };
}

/** The values of one tensor: a view. */
export function tensorOf(model: ModelFile, name: string): Vector | undefined {
  const slot = model.layout.tensors.find((tensor) => tensor.name === name);
  return slot === undefined ? undefined : tensorView(model.parameters, slot);
}

interface HeaderEntry extends TensorSpec {
  /** Bytes from the start of the data. */
  begin: number;
  end: number;
}

function readHeader(bytes: Uint8Array, path: string): { metadata: Record<string, string>; entries: HeaderEntry[] } {
  const header = parseObject(bytes, path);
  const metadata: Record<string, string> = {};
  const entries: HeaderEntry[] = [];
  for (const [name, value] of Object.entries(header)) {
    if (!isObject(value)) throw corrupt(path, `its entry ${name} is not an object`);
    if (name === '__metadata__') {
      for (const [key, text] of Object.entries(value)) {
        if (typeof text !== 'string') throw corrupt(path, `its metadata ${key} is not text`);
        metadata[key] = text;
      }
    } else entries.push(readEntry(name, value, path));
  }
  return { metadata, entries };
}

function readEntry(name: string, value: Record<string, unknown>, path: string): HeaderEntry {
  const { dtype, shape, data_offsets: offsets } = value;
  if (dtype !== 'F32') throw corrupt(path, `tensor ${name} is not float32`);
  if (!isSizes(shape) || !isSizes(offsets) || offsets.length !== 2)
    throw corrupt(path, `tensor ${name} has no valid shape or place`);
  const [begin = 0, end = 0] = offsets;
  const size = shape.reduce((product, extent) => product * extent, VALUE_BYTES);
  if (!Number.isSafeInteger(size) || size === 0 || end - begin !== size) {
    throw corrupt(path, `tensor ${name} has another size than its shape`);
  }
  return { name, shape, begin, end };
}

function parseObject(bytes: Uint8Array, path: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw corrupt(path, 'its header is not JSON');
  }
  if (!isObject(parsed)) throw corrupt(path, 'its header is not an object');
  return parsed;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((extent) => Number.isSafeInteger(extent) && extent >= 0);
}

function corrupt(path: string, why: string): CaduceusError {
  return new CaduceusError(
    'CAD-CHECKPOINT-CORRUPT',
    `${path} is not a usable model file: ${why}`,
    'Export the model again from its run.',
  );
}
