/** A TCP connection to an address, and what it means when there is none. */
import { connect, type Socket } from 'node:net';
import { CaduceusError } from '../../core/errors.ts';
import { cancelled } from './connection.ts';
import { type Hop, hopAddress } from './target.ts';

const DIAL_TIMEOUT_MS = 10_000;

/** @throws CAD-SSH-RESOLVE, CAD-SSH-REACH, CAD-CANCELLED */
export async function dial(hop: Hop, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hop.host, port: hop.port, noDelay: true });
    const settle = (error?: CaduceusError): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.removeAllListeners('error').on('error', () => undefined);
      if (error === undefined) return resolve(socket);
      socket.destroy();
      reject(error);
    };
    const onAbort = (): void => settle(cancelled(`reach ${hopAddress(hop)}`));
    const timer = setTimeout(() => settle(noAnswer(hop)), DIAL_TIMEOUT_MS);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) return onAbort();
    socket.once('error', (error: NodeJS.ErrnoException) => settle(explain(hop, error)));
    socket.once('connect', () => settle());
  });
}

function noAnswer(hop: Hop): CaduceusError {
  return new CaduceusError(
    'CAD-SSH-REACH',
    `${hopAddress(hop)} did not answer within ${DIAL_TIMEOUT_MS / 1000} s`,
    'Check that the device is on and in this network (on a tailnet: that both are connected), and that no firewall is between.',
  );
}

function explain(hop: Hop, error: NodeJS.ErrnoException): CaduceusError {
  const address = hopAddress(hop);
  switch (error.code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_NODATA':
      return new CaduceusError(
        'CAD-SSH-RESOLVE',
        `the name ${hop.host} is not known to the name service of this machine`,
        'Check the spelling; a name of the tailnet needs MagicDNS, the address 100.x.y.z works without it.',
        error,
      );
    case 'ECONNREFUSED':
      return new CaduceusError(
        'CAD-SSH-REACH',
        `${address} refused the connection: the machine is there, but nothing listens at this port`,
        'Start the SSH server on the device, or correct the port.',
        error,
      );
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return new CaduceusError(
        'CAD-SSH-REACH',
        `there is no way to ${address} from here (${error.code})`,
        'Check that the device is on and that this machine is in the same network or tailnet.',
        error,
      );
    default:
      return new CaduceusError(
        'CAD-SSH-REACH',
        `${address} cannot be reached: ${error.message}`,
        'Check the address and port, and that the device is on.',
        error,
      );
  }
}
