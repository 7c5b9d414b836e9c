/** When two sides have no common algorithm: which ones each of them has. ssh2 tells that only in its debug output. */
import { CaduceusError } from '../../core/errors.ts';
import { oneLine } from '../../core/plain-text.ts';
import { type Hop, hopAddress } from './target.ts';

const OFFER = /^Handshake: \((local|remote)\) (.{1,40}?): (.*)$/;
const MISMATCH = /no matching (.+)$/;
/** As the mismatch is called, against the name of its list. */
const LISTS: Readonly<Record<string, string>> = {
  'key exchange algorithm': 'KEX method',
  'host key format': 'Host key format',
};
const MAX_LIST_CHARACTERS = 600;

export interface SeenAlgorithms {
  read(message: string): void;
  list(side: 'local' | 'remote', name: string): string | undefined;
}

export function algorithmsFromDebug(): SeenAlgorithms {
  const seen = new Map<string, string>();
  return {
    read(message) {
      const [, side, name, list] = OFFER.exec(message) ?? [];
      if (side !== undefined)
        seen.set(`${side} ${name}`, oneLine(list ?? '', MAX_LIST_CHARACTERS).replaceAll(',', ', '));
    },
    list: (side, name) => seen.get(`${side} ${name}`),
  };
}

/**
 * The server hung up before it showed a key: what one does that has too many unauthenticated connections (MaxStartups).
 * Nothing of ours was sent, so it may be tried again.
 */
export class DroppedEarly extends CaduceusError {
  constructor(hop: Hop, cause?: Error) {
    super(
      'CAD-SSH-REACH',
      `${hopAddress(hop)} ended the connection before it had shown a host key`,
      'The device may have too many connections under way (MaxStartups), or turn this machine away; try again later.',
      cause,
    );
  }
}

/** What stopped a handshake before the host key was judged. */
export function explainHandshake(
  hop: Hop,
  error: Error & { level?: string; code?: string },
  algorithms: SeenAlgorithms,
): CaduceusError {
  const address = hopAddress(hop);
  const what = MISMATCH.exec(error.message)?.[1];
  if (what !== undefined) {
    const name = LISTS[what] ?? what;
    const ours = algorithms.list('local', name) ?? 'unknown';
    const theirs = algorithms.list('remote', name) ?? 'unknown';
    return new CaduceusError(
      'CAD-SSH-ALGORITHMS',
      `no common ${what} with ${address}. Ours: ${ours}. The device's: ${theirs}`,
      'Update the SSH server of the device, or allow one of ours in its configuration.',
      error,
    );
  }
  if (error.code === 'ECONNRESET' || error.code === 'EPIPE' || /before handshake/.test(error.message)) {
    return new DroppedEarly(hop, error);
  }
  if (error.level === 'protocol' || error.level === 'handshake') {
    return new CaduceusError(
      'CAD-SSH-REACH',
      `${address} did not finish the SSH handshake: ${oneLine(error.message)}`,
      'Check that an SSH server listens at this port, and try again: a busy one turns new connections away.',
      error,
    );
  }
  return new CaduceusError(
    'CAD-SSH-REACH',
    `the connection to ${address} failed: ${oneLine(error.message)}`,
    'Check that the device is on, the address and port are right, and no firewall is between.',
    error,
  );
}
