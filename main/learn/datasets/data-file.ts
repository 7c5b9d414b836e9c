/**
 * Files of a data set, plain or gzipped, read without trusting them: the reader says how many bytes
 * there must be before room for them is made, and anything else is one clear error.
 */
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { CaduceusError } from '../../core/errors.ts';

/** No file of a data set may unpack to more than this. */
const MAX_FILE_BYTES = 2 ** 30;
/** Deflate cannot shrink further (zlib's own bound); a header that promises more, lies. */
const MAX_DEFLATE_RATIO = 1032;

export interface Expectation {
  /** Bytes from which `totalBytes` can tell the length of the file. */
  headerBytes: number;
  /** Length of the whole file; throws when the header is not what it should be. */
  totalBytes(header: Buffer, available: Available): number;
}

/** What can be known without unpacking: the exact length of a plain file, a bound for a gzipped one. */
export interface Available {
  bytes: number;
  exact: boolean;
}

/** The whole file, unpacked. @throws CAD-DATASET-MISSING, CAD-DATASET-CORRUPT */
export async function readDataFile(path: string, expected: Expectation): Promise<Buffer> {
  const available = await sizeOf(path);
  let head = Buffer.alloc(0);
  let whole: Buffer | undefined;
  let filled = 0;

  function take(chunk: Buffer): void {
    if (whole === undefined) {
      head = Buffer.concat([head, chunk]);
      if (head.length < expected.headerBytes) return;
      const total = expected.totalBytes(head.subarray(0, expected.headerBytes), available);
      if (total > MAX_FILE_BYTES) throw corrupt(path, `at most ${MAX_FILE_BYTES} bytes`, `${total} bytes`);
      if (available.exact ? total !== available.bytes : total > available.bytes) {
        const found = available.exact ? `${available.bytes} bytes` : `too little compressed data for them`;
        throw corrupt(path, `${total} bytes, as its header says`, found);
      }
      whole = Buffer.alloc(total);
      chunk = head;
    }
    if (filled + chunk.length > whole.length) throw corrupt(path, `${whole.length} bytes, as its header says`, 'more');
    filled += chunk.copy(whole, filled);
  }

  await unpack(path, take);
  if (whole === undefined) throw corrupt(path, `a header of ${expected.headerBytes} bytes`, `${head.length} bytes`);
  if (filled < whole.length) throw corrupt(path, `${whole.length} bytes, as its header says`, `${filled} bytes`);
  return whole;
}

/** For formats without a header: whatever is there, as records of one length. */
export async function readRecordFile(path: string, recordBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  await unpack(path, (chunk) => {
    bytes += chunk.length;
    if (bytes > MAX_FILE_BYTES) throw corrupt(path, `at most ${MAX_FILE_BYTES} bytes`, 'more');
    chunks.push(chunk);
  });
  if (bytes === 0 || bytes % recordBytes !== 0) {
    throw corrupt(path, `whole records of ${recordBytes} bytes`, `${bytes} bytes`);
  }
  return Buffer.concat(chunks, bytes);
}

async function unpack(path: string, take: (chunk: Buffer) => void): Promise<void> {
  const drain = async (source: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of source) take(chunk);
  };
  try {
    const file = createReadStream(path);
    await (path.endsWith('.gz') ? pipeline(file, createGunzip(), drain) : pipeline(file, drain));
  } catch (error) {
    throw error instanceof CaduceusError ? error : unreadable(path, error);
  }
}

async function sizeOf(path: string): Promise<Available> {
  try {
    const { size } = await stat(path);
    return path.endsWith('.gz') ? { bytes: size * MAX_DEFLATE_RATIO, exact: false } : { bytes: size, exact: true };
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** The first of these names, plain or with `.gz`, that the folder holds. */
export async function findDataFile(folder: string, names: readonly string[]): Promise<string | undefined> {
  let entries: string[];
  try {
    entries = await readdir(folder);
  } catch {
    return undefined;
  }
  const found = names.flatMap((name) => [name, `${name}.gz`]).find((name) => entries.includes(name));
  return found === undefined ? undefined : join(folder, found);
}

export function corrupt(path: string, expected: string, found: string): CaduceusError {
  return new CaduceusError(
    'CAD-DATASET-CORRUPT',
    `${path} is damaged: expected ${expected}, found ${found}`,
    'Fetch the file again and compare its size with the source.',
  );
}

export function missing(folder: string | undefined, what: string, files: readonly string[]): CaduceusError {
  const where = folder === undefined ? 'no data directory was given' : `${folder} lacks ${what}`;
  return new CaduceusError(
    'CAD-DATASET-MISSING',
    `the data set cannot be opened: ${where}`,
    `Point --data-dir at a folder that holds ${files.join(', ')} (plain or with .gz).`,
  );
}

function unreadable(path: string, error: unknown): CaduceusError {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (code.startsWith('Z_')) return corrupt(path, 'a complete gzip stream', message);
  return new CaduceusError(
    'CAD-DATASET-MISSING',
    `${path} cannot be read: ${message}`,
    'Check that the file is there and that you may read it.',
    error,
  );
}
