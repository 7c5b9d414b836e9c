/**
 * A machine in the middle: ends TLS with a certificate of its own and opens another TLS connection to the
 * server, so that it reads everything. With the server's own key it is a witness, with another an attacker.
 */
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { connect, createServer, type TLSSocket } from 'node:tls';
import type { ServerCertificate } from '../main/server/certificate.ts';
import type { Direction } from '../scripts/testbed/fault-proxy.ts';

export class TlsRelay {
  /** Hears what is inside; `connection` counts from 0. */
  tap: ((connection: number, direction: Direction, bytes: Buffer) => void) | undefined;
  /** Bytes that clients sent inside TLS. */
  heardBytes = 0;
  /** Connections that clients opened, whether TLS came about on them or not. */
  connections = 0;
  #carried = 0;
  #port = 0;

  static async start(target: number, { key, certificate }: ServerCertificate): Promise<TlsRelay> {
    const relay = new TlsRelay();
    const listener = createServer({ key, cert: certificate }, (client) => relay.#carry(client, target));
    listener.on('connection', () => (relay.connections += 1));
    listener.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void listener.close());
    relay.#port = (listener.address() as AddressInfo).port;
    return relay;
  }

  get url(): string {
    return `wss://127.0.0.1:${this.#port}/`;
  }

  #carry(client: TLSSocket, target: number): void {
    const connection = this.#carried++;
    const server = connect({ port: target, host: '127.0.0.1', rejectUnauthorized: false });
    const pipe = (from: TLSSocket, to: TLSSocket, direction: Direction): void => {
      from.on('data', (bytes: Buffer) => {
        if (direction === 'up') this.heardBytes += bytes.length;
        this.tap?.(connection, direction, bytes);
        if (!to.destroyed) to.write(bytes);
      });
      from.on('end', () => to.end());
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroySoon());
    };
    pipe(client, server, 'up');
    pipe(server, client, 'down');
  }
}
