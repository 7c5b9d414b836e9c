/** The bridge over WebSockets: one window each, let in by cookie and key, bounded in what it may send. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { BridgeConnection, BridgeHost } from '../control-plane/bridge-host.ts';
import { judge } from './origin-check.ts';
import { cookieOf } from './requests.ts';
import type { Sessions } from './sessions.ts';

export const SOCKET_PATH = '/api';
const MAX_WINDOWS = 16;
/** A list of devices to import is the largest request. */
const MAX_REQUEST_BYTES = 2 * 2 ** 20;
/** More than this on its way to a window, and messages wait. */
const CONGESTED_BYTES = 2 * 2 ** 20;
/** For the key, which is the first message. */
const KEY_WITHIN_MS = 5000;
const PING_EVERY_MS = 15_000;
const POLICY_VIOLATION = 1008;
const GOING_AWAY = 1001;

export interface SocketParts {
  port(): number;
  sessions: Sessions;
  bridge: BridgeHost;
}

export class WindowSockets {
  readonly #parts: SocketParts;
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: true,
    maxPayload: MAX_REQUEST_BYTES,
    perMessageDeflate: false,
  });

  constructor(parts: SocketParts) {
    this.#parts = parts;
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { sessions, port } = this.#parts;
    socket.on('error', () => socket.destroy());
    const verdict = judge(request, port(), true);
    if (verdict === 'misdirected') return refuse(socket, '421 Misdirected Request');
    if (verdict === 'foreign') return refuse(socket, '403 Forbidden');
    if (request.method !== 'GET' || request.url !== SOCKET_PATH) return refuse(socket, '404 Not Found');
    const cookie = cookieOf(request, port());
    if (sessions.find(cookie) === undefined) return refuse(socket, '401 Unauthorized');
    if (this.#server.clients.size >= MAX_WINDOWS) return refuse(socket, '503 Service Unavailable');
    this.#server.handleUpgrade(request, socket, head, (window) => this.#admit(window, cookie));
  }

  close(): void {
    for (const window of this.#server.clients) window.close(GOING_AWAY);
    this.#server.close();
  }

  /** Terminates what has not closed by itself. */
  terminate(): void {
    for (const window of this.#server.clients) window.terminate();
  }

  #admit(window: WebSocket, cookie: string | undefined): void {
    const { sessions, bridge } = this.#parts;
    let connection: BridgeConnection | undefined;
    let isAlive = true;
    const waiting = setTimeout(() => window.close(POLICY_VIOLATION, 'no key'), KEY_WITHIN_MS);
    const pinging = setInterval(() => {
      if (!isAlive) window.terminate();
      isAlive = false;
      window.ping();
    }, PING_EVERY_MS);
    window.on('pong', () => (isAlive = true));
    window.on('error', () => window.terminate());
    window.on('close', () => {
      clearTimeout(waiting);
      clearInterval(pinging);
      connection?.close();
    });
    window.on('message', (data: Buffer, isBinary: boolean) => {
      isAlive = true;
      const message = isBinary ? undefined : parsed(data);
      if (connection !== undefined) {
        if (!connection.receive(message)) window.close(POLICY_VIOLATION, 'not a request');
        return;
      }
      clearTimeout(waiting);
      if (!sessions.owns(cookie, keyIn(message))) {
        window.close(POLICY_VIOLATION, 'wrong key');
        return;
      }
      connection = bridge.connect({
        send: (reply) => window.send(JSON.stringify(reply)),
        isCongested: () => window.readyState === window.OPEN && window.bufferedAmount > CONGESTED_BYTES,
      });
      window.send(JSON.stringify({ kind: 'welcome' }));
    });
  }
}

function keyIn(message: unknown): string {
  if (typeof message !== 'object' || message === null || !Object.hasOwn(message, 'key')) return '';
  const { key } = message as { key: unknown };
  return typeof key === 'string' ? key : '';
}

function parsed(data: Buffer): unknown {
  try {
    return JSON.parse(data.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
