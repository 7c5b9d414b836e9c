/** WebSocket close codes that server and workers give a meaning beyond "the connection is over". */

/** All is said. */
export const CLOSE_DONE = 1000;
/** A frame or message broke the protocol. */
export const CLOSE_PROTOCOL = 1002;
/** Not admitted; the same for every reason, so that a stranger learns nothing from it. */
export const CLOSE_REFUSED = 1008;
/** Do not come back: replaced by a newer connection of the same worker, or put out of the run. */
export const CLOSE_EXPELLED = 4000;

const MAX_REASON_BYTES = 123;

/** A reason that fits a close frame (RFC 6455, 5.5.1); what is too long is cut, what is not ASCII replaced. */
export function closeReason(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, MAX_REASON_BYTES);
}
