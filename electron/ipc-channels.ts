/** The two names under which requests and replies travel; their contents are those of every bridge. */
export const REQUEST = 'caduceus:request';
export const REPLY = 'caduceus:reply';
/** Native services that a browser has not: handing over a file, choosing a path. */
export const HAND_OVER = 'caduceus:hand-over';
export const CHOOSE_PATH = 'caduceus:choose-path';
