/**
 * Who may talk to the loopback host: only pages that it served itself. A request must name the host exactly
 * as its own page does, and what it says of where it comes from must be that page.
 */
import type { IncomingMessage } from 'node:http';

/** The names under which a page of this host can have been opened. */
export function ownNames(port: number): readonly string[] {
  return [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`];
}

export type Verdict = 'own' | 'misdirected' | 'foreign';

type Head = Pick<IncomingMessage, 'rawHeaders' | 'url'>;

/**
 * Reads the headers as they came: node:http drops or joins repeated ones. Never throws, whatever is in them.
 * `own` with a wrong `Host` is not possible; `foreign`: another page's, by its own account.
 * @param needsOrigin Whether a request without `Origin` is foreign: all that are no plain GET.
 */
export function judge({ rawHeaders, url }: Head, port: number, needsOrigin: boolean): Verdict {
  const hosts = valuesOf(rawHeaders, 'host');
  const [host] = hosts;
  if (hosts.length !== 1 || host === undefined || !ownNames(port).includes(host)) return 'misdirected';
  // `GET http://elsewhere/ HTTP/1.1` names another host in its first line.
  if (url === undefined || !url.startsWith('/') || url.startsWith('//')) return 'misdirected';
  const origins = valuesOf(rawHeaders, 'origin');
  if (origins.length > 1 || (needsOrigin && origins.length === 0)) return 'foreign';
  if (origins.some((origin) => origin !== `http://${host}`)) return 'foreign';
  const sites = valuesOf(rawHeaders, 'sec-fetch-site');
  if (sites.every((site) => site === 'same-origin')) return 'own';
  return !needsOrigin && isOpened(rawHeaders, url) ? 'own' : 'foreign';
}

/**
 * The user opened the page: typed its address, or followed a link to it. The page alone is no secret, shows
 * nothing before it is let in, and cannot be framed.
 */
function isOpened(rawHeaders: readonly string[], url: string): boolean {
  const [mode, destination] = [valuesOf(rawHeaders, 'sec-fetch-mode'), valuesOf(rawHeaders, 'sec-fetch-dest')];
  return url === '/' && mode.join() === 'navigate' && destination.join() === 'document';
}

function valuesOf(rawHeaders: readonly string[], name: string): string[] {
  return rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name);
}
