/**
 * Files that were made for the user, by an identifier that nobody can guess. Only these are ever handed
 * out: no path of anybody else's choice is read.
 */
import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { basename, extname } from 'node:path';
import type { OutputFile } from '../../core/api.ts';
import { CaduceusError } from '../../core/errors.ts';

/** Older ones stay on the disk and are no longer handed out. */
const MAX_FILES = 1000;

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.pdf': 'application/pdf',
  '.csv': 'text/csv; charset=utf-8',
  '.json': 'application/json',
  '.md': 'text/markdown; charset=utf-8',
  '.tex': 'application/x-tex; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.gz': 'application/gzip',
  '.zip': 'application/zip',
};

export class OutputFiles {
  readonly #files = new Map<string, OutputFile>();

  add(path: string): OutputFile {
    const id = randomBytes(16).toString('hex');
    const mediaType = MEDIA_TYPES[extname(path)] ?? 'application/octet-stream';
    const file = { id, name: basename(path), mediaType, bytes: statSync(path).size, path };
    this.#files.set(id, file);
    const [oldest] = this.#files.keys();
    if (this.#files.size > MAX_FILES && oldest !== undefined) this.#files.delete(oldest);
    return file;
  }

  /** @throws CAD-FILE-UNKNOWN */
  find(id: string): OutputFile {
    const file = this.#files.get(id);
    if (file !== undefined) return file;
    throw new CaduceusError('CAD-FILE-UNKNOWN', 'there is no such file', 'Make it again.');
  }
}
