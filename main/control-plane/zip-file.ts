/**
 * Files in one ZIP (PKWARE's APPNOTE): each deflated as it is read, so that none has to fit into memory; its check sum and
 * sizes stand behind it, and in the directory at the end. The same files make the same archive.
 *
 * Node packs on threads of its own and computes the sums, so that training and windows go on: libraries that write ZIPs
 * pack in JavaScript, on this thread. What is left of the format is its three records.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createDeflateRaw } from 'node:zlib';
import { CaduceusError } from '../core/errors.ts';

export interface ZipEntry {
  /** Relative, with `/` between its parts. */
  name: string;
  path: string;
}

/** Of the archive and of each file: more needs fields that not every program reads. */
const MAX_BYTES = 2 ** 32 - 1;
/** The version that is needed to read it; sizes follow the data and names are UTF-8; deflated; no time of day; 1980-01-01. */
const COMMON = [20, 0x0808, 8, 0, 0x0021] as const;

/** @throws CAD-OUTPUT when they are too large for one archive; whatever reading and writing throw. */
export async function writeZip(path: string, entries: readonly ZipEntry[], signal?: AbortSignal): Promise<void> {
  const target = createWriteStream(path, { mode: 0o600 });
  await pipeline(Readable.from(archive(entries)), target, { ...(signal && { signal }) });
}

async function* archive(entries: readonly ZipEntry[]): AsyncGenerator<Buffer> {
  const directory: Buffer[] = [];
  let offset = 0;
  const placed = (part: Buffer): Buffer => {
    offset = within(offset + part.length);
    return part;
  };
  for (const entry of entries) {
    const name = Buffer.from(entry.name);
    const [at, sums] = [offset, { crc: 0, bytes: 0 }];
    yield placed(Buffer.concat([fields(0x04034b50, COMMON, [0, 0, 0], [name.length, 0]), name]));
    const dataAt = offset;
    for await (const part of deflated(entry.path, sums)) yield placed(part as Buffer);
    const sizes = [sums.crc, offset - dataAt, sums.bytes];
    yield placed(fields(0x08074b50, [], sizes, []));
    const record = fields(0x02014b50, [20, ...COMMON], sizes, [name.length, 0, 0, 0, 0, 0, 0]);
    directory.push(record, uint32(at), name);
  }
  const directoryAt = offset;
  yield placed(Buffer.concat(directory));
  yield fields(0x06054b50, [0, 0, entries.length, entries.length], [offset - directoryAt, directoryAt], [0]);
}

function deflated(path: string, sums: { crc: number; bytes: number }): Readable {
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sums.crc = crc32(chunk, sums.crc);
      sums.bytes += chunk.length;
      done(null, chunk);
    },
    flush(done) {
      done(sums.bytes > MAX_BYTES ? tooLarge() : null);
    },
  });
  const packed = createDeflateRaw();
  // What goes wrong on the way comes out at the end, which is read.
  pipeline(createReadStream(path), counted, packed).catch((error: Error) => packed.destroy(error));
  return packed;
}

/** A signature, then fields of 16, 32 and again 16 bits, little endian. */
function fields(signature: number, first: readonly number[], longs: readonly number[], last: readonly number[]) {
  return Buffer.concat([uint32(signature), ...first.map(uint16), ...longs.map(uint32), ...last.map(uint16)]);
}

function uint16(value: number): Buffer {
  const field = Buffer.alloc(2);
  field.writeUInt16LE(value);
  return field;
}

function uint32(value: number): Buffer {
  const field = Buffer.alloc(4);
  field.writeUInt32LE(value);
  return field;
}

function within(bytes: number): number {
  if (bytes > MAX_BYTES) throw tooLarge();
  return bytes;
}

function tooLarge(): CaduceusError {
  return new CaduceusError('CAD-OUTPUT', 'the files are too large for one ZIP (4 GiB)', 'Write fewer formats at once.');
}
