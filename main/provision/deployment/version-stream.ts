/**
 * One tar stream with the files that a device lacks, and the manifest that names them all. On a slow line it is
 * compressed, as a chain of gzip members: that of the runtime, which is nearly everything, was made once and is kept.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline, Readable, Transform } from 'node:stream';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { pack } from 'tar-stream';
import { compressedRuntime, fetchRuntime, type RuntimeFile, type RuntimeSource } from './runtime.ts';
import type { Version, VersionFile } from './version-files.ts';

export interface VersionStream {
  stream: Readable;
  /** That the device will read. */
  bytes: number;
}

/** A piece of the stream: bytes, or a file of this machine. */
type Piece = Buffer | { path: string; bytes: number };

/** Larger than a file stream's own pieces: each costs a turn through the cipher. */
const CHUNK_BYTES = 256 * 1024;
const BLOCK_BYTES = 512;
/** Two empty blocks end an archive. */
const END_BYTES = 2 * BLOCK_BYTES;

/** @throws CAD-RUNTIME when a runtime that the device lacks cannot be fetched */
export async function streamVersion(
  { manifest }: Version,
  missing: readonly VersionFile[],
  {
    compressed,
    source: runtimes,
    onBytes,
  }: { compressed: boolean; source: RuntimeSource; onBytes: (count: number) => void },
): Promise<VersionStream> {
  const plain: Piece[] = [await entry('manifest', manifest)];
  for (const { name, content, bytes } of missing) {
    if (Buffer.isBuffer(content)) plain.push(await entry(name, content));
    else plain.push(await header(name, bytes), await fetchRuntime(content, runtimes), padding(bytes));
  }
  plain.push(Buffer.alloc(END_BYTES));
  const pieces = compressed ? await compress(plain) : plain;
  const source = Readable.from(contentOf(pieces), { objectMode: false, highWaterMark: 2 * CHUNK_BYTES });
  const stream = new Transform({
    readableHighWaterMark: 2 * CHUNK_BYTES,
    writableHighWaterMark: 2 * CHUNK_BYTES,
    transform(chunk: Buffer, _encoding, done) {
      onBytes(chunk.length);
      done(null, chunk);
    },
  });
  // Whichever ends early takes the other with it; the reader sees why.
  pipeline(source, stream, () => undefined);
  const bytes = pieces.reduce((sum, piece) => sum + (Buffer.isBuffer(piece) ? piece.length : piece.bytes), 0);
  return { stream, bytes };
}

async function compress(plain: readonly Piece[]): Promise<Piece[]> {
  const pieces: Piece[] = [];
  let small: Buffer[] = [];
  const flush = async (): Promise<void> => {
    if (small.length > 0) pieces.push(await promisify(gzip)(Buffer.concat(small)));
    small = [];
  };
  for (const piece of plain) {
    if (Buffer.isBuffer(piece)) small.push(piece);
    else {
      await flush();
      const path = await compressedRuntime(piece as RuntimeFile);
      pieces.push({ path, bytes: (await stat(path)).size });
    }
  }
  await flush();
  return pieces;
}

async function* contentOf(pieces: readonly Piece[]): AsyncGenerator<Buffer> {
  for (const piece of pieces) {
    if (Buffer.isBuffer(piece)) yield piece;
    else yield* createReadStream(piece.path, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Buffer>;
  }
}

async function entry(name: string, content: Buffer): Promise<Buffer> {
  return Buffer.concat([await header(name, content.length), content, padding(content.length)]);
}

/** The block that says what follows; the content does not pass through the packer. */
async function header(name: string, bytes: number): Promise<Buffer> {
  const archive = pack();
  archive.entry({ name, size: bytes, mode: 0o600, mtime: new Date(0) }).on('error', () => undefined);
  for await (const chunk of archive) {
    return Buffer.from(chunk as Buffer); // leaving the loop ends the packer
  }
  throw new Error('the packer gave no header');
}

function padding(bytes: number): Buffer {
  return Buffer.alloc((BLOCK_BYTES - (bytes % BLOCK_BYTES)) % BLOCK_BYTES);
}
