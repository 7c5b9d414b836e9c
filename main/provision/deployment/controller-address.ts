/**
 * Can a device reach this machine? For the time of a check something listens here that knows one word;
 * the device says whether it got there, and we hear whether it was the device.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import type { DevicePath } from '../../core/device.ts';

export interface ReverseCheck {
  host: string;
  port: number;
  word: string;
  /** Takes a connection that came another way, as through a tunnel. */
  answer(connection: NodeJS.ReadWriteStream): void;
  close(): void;
}

const MAX_CONNECTIONS = 16;
const MAX_WORD_BYTES = 64;
const CONNECTION_MS = 5000;

/** Listens on one address of this machine, a port that is free. @throws the error of the listener */
export async function openReverseCheck(host: string): Promise<ReverseCheck> {
  const word = randomBytes(16).toString('hex');
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.setTimeout(CONNECTION_MS, () => socket.destroy());
    answer(socket, word);
  });
  server.maxConnections = MAX_CONNECTIONS;
  await listen(server, host);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  server.unref();
  return {
    host,
    port,
    word,
    answer: (connection) => answer(connection, word),
    close: () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

function listen(server: Server, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port: 0 }, resolve);
  });
}

function answer(connection: NodeJS.ReadWriteStream, word: string): void {
  let heard = '';
  connection.on('error', () => undefined);
  connection.on('data', (chunk: Buffer) => {
    heard += chunk.toString('latin1');
    if (heard === `${word}\n`) connection.end('heard\n');
    else if (heard.length > MAX_WORD_BYTES) connection.end();
  });
}

/** Of this machine and this machine only: what a device sees behind a gateway is not ours to listen on. */
export function isOwnAddress(address: string, interfaces = networkInterfaces()): boolean {
  return ownAddresses(interfaces).includes(address.replace(/%.*$/, ''));
}

function ownAddresses(interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>): string[] {
  return Object.values(interfaces).flatMap((list) => (list ?? []).map(({ address }) => address));
}

/** `lan`: an address for local networks; `direct`: any other, the tailnet's among them. */
export function pathKind(address: string): DevicePath['kind'] {
  if (/^127\.|^::1$/.test(address)) return 'loopback';
  if (/^10\.|^192\.168\.|^172\.(1[6-9]|2\d|3[01])\.|^169\.254\.|^fe80:|^f[cd]/i.test(address)) {
    return /^fd7a:115c:a1e0:/i.test(address) ? 'direct' : 'lan';
  }
  return 'direct';
}
