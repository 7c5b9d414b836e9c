/** Where the window is: the part of the address after `#`, so that it works over HTTP and from a file alike. */
import { createStore, type Store } from './store.ts';

export interface Route {
  /** `runs`, then `0f3a…`: the parts of the path, decoded. */
  path: readonly string[];
  query: ReadonlyMap<string, string>;
}

/** `#/runs/0f3a?tab=events` */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#?\/?/, '').split('?', 2);
  return {
    path: path
      .split('/')
      .filter((part) => part !== '')
      .map(decoded),
    query: new Map(new URLSearchParams(query)),
  };
}

/** The address of a place: `href('runs', id)`, `href('runs', { follow: '1' })`. */
export function href(...parts: (string | Readonly<Record<string, string>>)[]): string {
  const path = parts.filter((part) => typeof part === 'string').map(encodeURIComponent);
  const queries = parts.filter((part) => typeof part !== 'string');
  const query = new URLSearchParams(Object.assign({}, ...queries) as Record<string, string>).toString();
  return `#/${path.join('/')}${query === '' ? '' : `?${query}`}`;
}

/** A part that is no valid encoding is taken as it stands. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

const current = createStore<Route>({ path: [], query: new Map() });
export const route: Store<Route> = current;

/** Goes to a place made by `href`; `replace` leaves no step behind to go back to. */
export function navigate(to: string, how: 'push' | 'replace' = 'push'): void {
  if (how === 'replace') {
    history.replaceState(null, '', to);
    current.set(parseRoute(location.hash));
  } else {
    location.hash = to;
  }
}

/** Follows the address from now on. */
export function followAddress(): void {
  const read = (): void => current.set(parseRoute(location.hash));
  addEventListener('hashchange', read);
  read();
}
