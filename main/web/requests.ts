/** HTTP of the loopback host: the window's files, the exchange of a token, and files made for the user. */
import { createReadStream } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { OutputFile } from '../core/api.ts';
import { judge } from './origin-check.ts';
import { SECURITY_HEADERS } from './security-headers.ts';
import type { Sessions } from './sessions.ts';
import type { StaticFile } from './static-files.ts';

/** Of the only body that is read. */
const MAX_BODY_BYTES = 1024;
const COOKIE = 'caduceus';
const FILE_PATH = /^\/files\/([0-9a-f]{32})$/;

export interface RequestParts {
  port(): number;
  files: ReadonlyMap<string, StaticFile>;
  sessions: Sessions;
  /** @throws CAD-FILE-UNKNOWN */
  outputFile(id: string): OutputFile;
}

export async function respond(parts: RequestParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, url = '' } = request;
  const isRead = method === 'GET' || method === 'HEAD';
  const verdict = judge(request, parts.port(), !isRead);
  if (verdict === 'misdirected') return end(response, 421);
  if (verdict === 'foreign') return end(response, 403);
  if (isRead && url === '/session') {
    return end(response, parts.sessions.find(cookieOf(request, parts.port())) === undefined ? 401 : 204);
  }
  if (method === 'POST' && url === '/session') return exchange(parts, request, response);
  if (!isRead) return end(response, 405, { Allow: 'GET, HEAD' });
  const made = FILE_PATH.exec(url);
  if (made?.[1] !== undefined) return sendOutput(parts, made[1], request, response);
  const file = parts.files.get(url);
  if (file === undefined) return end(response, 404);
  const { content, mediaType, isHashed } = file;
  response.writeHead(200, {
    ...SECURITY_HEADERS,
    'Content-Type': mediaType,
    'Content-Length': content.length,
    'Cache-Control': isHashed ? 'public, max-age=31536000, immutable' : 'no-store',
  });
  response.end(method === 'HEAD' ? undefined : content);
}

/** The window's cookie, where it has one. */
export function cookieOf({ headers }: Pick<IncomingMessage, 'headers'>, port: number): string | undefined {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim().split('='));
  return pairs.find(([name]) => name === `${COOKIE}-${port}`)?.[1];
}

async function exchange(parts: RequestParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.headers['content-type'] !== 'application/json') return end(response, 415);
  const body = await readBody(request);
  if (body === undefined) return end(response, 413);
  const session = parts.sessions.exchange(tokenIn(body));
  if (session === undefined) return end(response, 401);
  const answer = JSON.stringify({ key: session.key });
  response.writeHead(200, {
    ...SECURITY_HEADERS,
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
    'Set-Cookie': `${COOKIE}-${parts.port()}=${session.cookie}; HttpOnly; SameSite=Strict; Path=/`,
  });
  response.end(answer);
}

function tokenIn(body: string): string {
  try {
    const { token } = JSON.parse(body) as { token?: unknown };
    return typeof token === 'string' ? token : '';
  } catch {
    return '';
  }
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Only what was made for the user, only to a window that was let in, and never to be run as a page here. */
function sendOutput(parts: RequestParts, id: string, request: IncomingMessage, response: ServerResponse): void {
  if (parts.sessions.find(cookieOf(request, parts.port())) === undefined) return end(response, 401);
  let file: OutputFile;
  try {
    file = parts.outputFile(id);
  } catch {
    return end(response, 404);
  }
  const content = createReadStream(file.path);
  content.once('error', () => (response.headersSent ? response.destroy() : end(response, 404)));
  content.once('open', () => {
    response.writeHead(200, {
      ...SECURITY_HEADERS,
      'Content-Security-Policy': "default-src 'none'; sandbox",
      'Content-Type': file.mediaType,
      'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`,
      'Cache-Control': 'no-store',
    });
    if (request.method === 'HEAD') {
      content.destroy();
      response.end();
    } else content.pipe(response);
  });
}

function end(response: ServerResponse, status: number, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { ...SECURITY_HEADERS, 'Content-Length': 0, 'Cache-Control': 'no-store', ...headers });
  response.end();
}
