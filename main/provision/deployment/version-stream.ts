/** One tar stream with the files that a device lacks, and the manifest that names them all. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { pack, type Pack } from 'tar-stream';
import { compressedRuntime, fetchRuntime, type RuntimeSource } from './runtime.ts';
import type { Version, VersionFile } from './version-files.ts';

export interface VersionStream {
  stream: Readable;
  /** Of all contents; the archive adds a few kilobytes. */
  bytes: number;
  /** Files whose content is compressed, and has to be unpacked after the archive was. */
  compressed: boolean;
}

interface Entry {
  name: string;
  bytes: number;
  content: Buffer | { path: string };
}

/** Larger pieces than a file stream's own: each costs a turn through the cipher. */
const CHUNK_BYTES = 256 * 1024;

/** @throws CAD-RUNTIME when a runtime that the device lacks cannot be fetched */
export async function streamVersion(
  { manifest }: Version,
  missing: readonly VersionFile[],
  { compressed, source, onBytes }: { compressed: boolean; source: RuntimeSource; onBytes: (count: number) => void },
): Promise<VersionStream> {
  const entries: Entry[] = [{ name: 'manifest', bytes: manifest.length, content: manifest }];
  for (const file of missing) entries.push(await entryOf(file, compressed, source));
  const archive = pack();
  const stream = new Transform({
    readableHighWaterMark: 2 * CHUNK_BYTES,
    writableHighWaterMark: 2 * CHUNK_BYTES,
    transform(chunk: Buffer, _encoding, done) {
      onBytes(chunk.length);
      done(null, chunk);
    },
  });
  write(archive, entries).catch((error: Error) => stream.destroy(error));
  archive.on('error', (error: Error) => stream.destroy(error));
  archive.pipe(stream);
  return { stream, bytes: entries.reduce((sum, { bytes }) => sum + bytes, 0), compressed };
}

async function entryOf(
  { name, content, bytes }: VersionFile,
  compressed: boolean,
  source: RuntimeSource,
): Promise<Entry> {
  if (Buffer.isBuffer(content)) {
    if (!compressed) return { name, bytes, content };
    const packed = await promisify(gzip)(content);
    return { name: `${name}.gz`, bytes: packed.length, content: packed };
  }
  const runtime = await fetchRuntime(content, source);
  if (!compressed) return { name, bytes, content: { path: runtime.path } };
  const path = await compressedRuntime(runtime);
  return { name: `${name}.gz`, bytes: (await stat(path)).size, content: { path } };
}

async function write(archive: Pack, entries: readonly Entry[]): Promise<void> {
  for (const { name, bytes, content } of entries) {
    const header = { name, size: bytes, mode: 0o600, mtime: new Date(0) };
    if (Buffer.isBuffer(content)) {
      await new Promise<void>((resolve, reject) =>
        archive.entry(header, content, (error) => (error ? reject(error) : resolve())),
      );
    } else await pipeline(createReadStream(content.path, { highWaterMark: CHUNK_BYTES }), archive.entry(header));
  }
  archive.finalize();
}
