/**
 * TLS to the one server whose certificate the ticket names by its fingerprint. Nobody vouches for that
 * certificate, and its name and dates mean nothing; any other one is refused before a byte of ours is
 * sent.
 */
import { createHash } from 'node:crypto';
import type { NetConnectOpts, Socket } from 'node:net';
import { connect, type ConnectionOptions } from 'node:tls';
import type { ClientOptions } from 'ws';

export class WrongCertificate extends Error {
  constructor(expected: string, shown: string) {
    const short = (fingerprint: string): string => `${fingerprint.slice(0, 16)}…`;
    super(`it shows the certificate ${short(shown)} instead of ${short(expected)}`);
    this.name = 'WrongCertificate';
  }
}

type Created = (error: Error | null, socket?: Socket) => void;
/** As HTTP requests take it: the socket is handed over when it is ready. The types only know of one that is there at once. */
type CreateConnection = NonNullable<ClientOptions['createConnection']>;

/** `fingerprint`: SHA-256 in lower-case hex. */
export function connectPinned(fingerprint: string, timeoutMs: number): CreateConnection {
  const create = (options: NetConnectOpts, created: Created): undefined => {
    const { host, port } = options as { host: string; port: number };
    const pinned: ConnectionOptions = {
      host,
      port,
      minVersion: 'TLSv1.3',
      servername: '',
      // In place of a chain, a name and dates: see below.
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    };
    const socket = connect(pinned);
    socket.setNoDelay(true);
    let isHandedOver = false;
    const handOver: Created = (error, ready) => {
      if (isHandedOver) return;
      isHandedOver = true;
      clearTimeout(tooLate);
      if (error) socket.destroy();
      created(error, ready);
    };
    const tooLate = setTimeout(() => handOver(new Error(`no TLS within ${timeoutMs / 1000} s`)), timeoutMs);
    socket.on('error', (error: Error) => handOver(error));
    socket.once('close', () => handOver(new Error('closed during the TLS handshake')));
    socket.once('secureConnect', () => {
      const certificate = socket.getPeerX509Certificate();
      const shown = createHash('sha256')
        .update(certificate?.raw ?? new Uint8Array(0))
        .digest('hex');
      if (shown === fingerprint) handOver(null, socket);
      else handOver(new WrongCertificate(fingerprint, shown));
    });
    return undefined;
  };
  return create as unknown as CreateConnection;
}
