/** The built window, from memory: only files that were there at the start, by exact name. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join, sep } from 'node:path';
import { CaduceusError } from '../core/errors.ts';
import { WINDOW_MEDIA_TYPES } from '../core/window-files.ts';

const MAX_BYTES = 64 * 2 ** 20;

export interface StaticFile {
  content: Buffer;
  mediaType: string;
  /** Its name changes with its content. */
  isHashed: boolean;
}

/** @returns files by the path of their address. @throws CAD-WINDOW-BUILD */
export function loadStaticFiles(folder: string): ReadonlyMap<string, StaticFile> {
  if (!existsSync(join(folder, 'index.html'))) {
    throw new CaduceusError('CAD-WINDOW-BUILD', `there is no window in ${folder}`, 'Build it: npm run build:window');
  }
  const files = new Map<string, StaticFile>();
  let bytes = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const mediaType = WINDOW_MEDIA_TYPES[extname(entry.name)];
    if (!entry.isFile() || mediaType === undefined) continue;
    const path = join(entry.parentPath, entry.name);
    const content = readFileSync(path);
    bytes += content.length;
    if (bytes > MAX_BYTES) {
      throw new CaduceusError(
        'CAD-WINDOW-BUILD',
        `${folder} holds more than a window`,
        'Build it: npm run build:window',
      );
    }
    const address = `/${path
      .slice(folder.length + 1)
      .split(sep)
      .join('/')}`;
    files.set(address, { content, mediaType, isHashed: address.startsWith('/assets/') });
  }
  const index = files.get('/index.html');
  if (index !== undefined) files.set('/', index);
  return files;
}
