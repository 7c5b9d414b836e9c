/**
 * `app://caduceus/…`: the window's own files, and nothing else. Not `file://`, where every file of the
 * machine would be of the same origin.
 */
import { readFile } from 'node:fs/promises';
import { extname, join, normalize, relative, sep } from 'node:path';
import { WINDOW_MEDIA_TYPES } from '../main/core/window-files.ts';
import { CONTENT_SECURITY_POLICY } from './content-policy.ts';

export const SCHEME = 'app';
export const ORIGIN = `${SCHEME}://caduceus`;
export const START_PAGE = `${ORIGIN}/index.html`;

/** The file behind an address; undefined for whatever is not inside `root`. */
export function fileFor(url: string, root: string): string | undefined {
  let path: string;
  try {
    const address = new URL(url);
    if (address.protocol !== `${SCHEME}:` || address.host !== 'caduceus') return undefined;
    path = decodeURIComponent(address.pathname);
  } catch {
    return undefined;
  }
  if (/[\0\\]/.test(path)) return undefined;
  const file = normalize(join(root, path === '/' ? 'index.html' : path));
  const inside = relative(root, file);
  if (inside === '' || inside === '..' || inside.startsWith(`..${sep}`)) return undefined;
  return Object.hasOwn(WINDOW_MEDIA_TYPES, extname(file)) ? file : undefined;
}

/** @param root folder of the built window. */
export async function answer(request: Pick<Request, 'url' | 'method'>, root: string): Promise<Response> {
  const headers = {
    'content-security-policy': CONTENT_SECURITY_POLICY,
    'x-content-type-options': 'nosniff',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
  };
  if (request.method !== 'GET') return new Response(null, { status: 405, headers });
  const file = fileFor(request.url, root);
  if (file === undefined) return new Response(null, { status: 404, headers });
  try {
    const body = await readFile(file);
    return new Response(body, { headers: { ...headers, 'content-type': WINDOW_MEDIA_TYPES[extname(file)] as string } });
  } catch {
    return new Response(null, { status: 404, headers });
  }
}
