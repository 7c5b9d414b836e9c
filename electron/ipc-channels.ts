/** The names under which things travel between a page and its shell. A page names itself in all that it sends. */
export const REQUEST = 'caduceus:request';
export const REPLY = 'caduceus:reply';
/** How many replies the page has taken by now: what has not been taken is on its way. */
export const TAKEN = 'caduceus:taken';
/** Native services that a browser has not; asked by their name in `NATIVE_CALLS`. */
export const NATIVE = 'caduceus:native';
/** What the native menu asks of the page. */
export const COMMAND = 'caduceus:command';
