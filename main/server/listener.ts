/**
 * The server's door: a TCP listener that turns proper WebSocket upgrades into connections and
 * everything else away, within narrow limits, before anybody has proved anything.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Ledger } from '../core/accounting.ts';
import { present } from '../core/assert.ts';
import { CaduceusError } from '../core/errors.ts';
import { SUBPROTOCOL } from '../core/protocol/messages.ts';
import { ConnectionMeter } from './connection-meter.ts';

export interface ListenAddress {
  host: string;
  /** 0: any free port. */
  port: number;
}

export interface Connection {
  webSocket: WebSocket;
  socket: Socket;
  meter: ConnectionMeter;
  address: string;
  /** The connection has proved whose it is and no longer counts as a stranger. */
  admitted(): void;
}

export interface ListenerSettings extends ListenAddress {
  /** Largest message that a worker may send. */
  maxMessageBytes: number;
  ledger: Ledger;
  onConnection(connection: Connection): void;
  /** From the TCP connection to the end of the upgrade request. */
  upgradeMs?: number;
}

const UPGRADE_MS = 5000;
const MAX_HTTP_HEADER_BYTES = 8192;
const MAX_STRANGERS = 512;
const MAX_STRANGERS_PER_ADDRESS = 128;
/** Our own workers never fragment a message. */
const MAX_FRAGMENTS = 16;
/** A message arrives in chunks no smaller than this on any sane network; each chunk costs memory beyond its bytes. */
const SMALLEST_CHUNK_BYTES = 512;
const CLOSE_HANDSHAKE_MS = 2000;

export class Listener {
  readonly #settings: ListenerSettings;
  readonly #http: Server;
  readonly #webSockets: WebSocketServer;
  readonly #open = new Map<Socket, { meter: ConnectionMeter; tooLate: NodeJS.Timeout }>();
  readonly #strangers = new Map<Socket, string>();
  #whenEmpty: (() => void) | undefined;

  constructor(settings: ListenerSettings) {
    this.#settings = settings;
    this.#http = createServer({
      maxHeaderSize: MAX_HTTP_HEADER_BYTES,
      headersTimeout: UPGRADE_MS,
      requestTimeout: UPGRADE_MS,
      connectionsCheckingInterval: 1000,
      keepAliveTimeout: 1,
    });
    const limits = {
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: settings.maxMessageBytes,
      maxFragments: MAX_FRAGMENTS,
      maxBufferedChunks: 256 + Math.ceil(settings.maxMessageBytes / SMALLEST_CHUNK_BYTES),
      closeTimeout: CLOSE_HANDSHAKE_MS, // newer than its types
    };
    this.#webSockets = new WebSocketServer(limits);
    this.#http.on('connection', (socket) => this.#accept(socket));
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#http.on('request', (_request, response) => {
      response.writeHead(426, { connection: 'close', 'content-length': 0 }).end();
    });
    this.#http.on('clientError', (_error, socket) => socket.destroy());
  }

  /** @throws CAD-PORT-IN-USE, CAD-LISTEN */
  async start(): Promise<ListenAddress> {
    const { host, port } = this.#settings;
    await new Promise<void>((resolve, reject) => {
      this.#http.once('error', (error) => reject(explain(error, host, port)));
      this.#http.listen({ host, port }, resolve);
    });
    this.#http.removeAllListeners('error').on('error', () => undefined); // a failed accept concerns nobody else
    return { host, port: (this.#http.address() as AddressInfo).port };
  }

  /** Counts what has left on every connection; called before the ledger is read. */
  settle(): void {
    for (const { meter } of this.#open.values()) meter.settle();
  }

  /** No new connections. Resolves when all have ended; those left after `graceMs` are cut. */
  async close(graceMs: number): Promise<void> {
    this.#http.close();
    for (const socket of this.#strangers.keys()) socket.destroy();
    const cut = setTimeout(() => {
      for (const socket of this.#open.keys()) socket.destroy();
    }, graceMs);
    if (this.#open.size > 0) await new Promise<void>((resolve) => (this.#whenEmpty = resolve));
    clearTimeout(cut);
  }

  #accept(socket: Socket): void {
    const address = socket.remoteAddress ?? '';
    const meter = new ConnectionMeter(socket, this.#settings.ledger);
    const tooLate = setTimeout(() => socket.destroy(), this.#settings.upgradeMs ?? UPGRADE_MS);
    this.#open.set(socket, { meter, tooLate });
    const ofAddress = [...this.#strangers.values()].filter((other) => other === address).length;
    this.#strangers.set(socket, address);
    socket.once('close', () => {
      clearTimeout(tooLate);
      this.#strangers.delete(socket);
      // The WebSocket hands on what is left of the stream while the socket closes: count after that.
      setImmediate(() => {
        meter.finish();
        this.#open.delete(socket);
        if (this.#open.size === 0) this.#whenEmpty?.();
      });
    });
    socket.on('error', () => undefined); // 'close' follows
    if (this.#strangers.size > MAX_STRANGERS || ofAddress >= MAX_STRANGERS_PER_ADDRESS) socket.destroy();
  }

  #upgrade(request: IncomingMessage, duplex: Duplex, head: Buffer): void {
    const socket = duplex as Socket;
    const { meter, tooLate } = present(this.#open.get(socket), 'accepted socket');
    const complaint = objectionTo(request);
    if (complaint !== undefined) {
      socket.end(`HTTP/1.1 ${complaint}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    clearTimeout(tooLate);
    meter.upgraded(head.length);
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('error', () => undefined); // never unhandled; the session listens too
      this.#settings.onConnection({
        webSocket,
        socket,
        meter,
        address: socket.remoteAddress ?? '',
        admitted: () => this.#strangers.delete(socket),
      });
    });
  }
}

/** The HTTP status to turn a request away with; undefined for a proper one. The rest is checked by ws. */
function objectionTo({ url, headers }: IncomingMessage): string | undefined {
  if (headers.origin !== undefined) return '403 Forbidden'; // browsers are not workers
  if (url !== '/') return '404 Not Found';
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  return offered.includes(SUBPROTOCOL) ? undefined : '400 Bad Request';
}

function explain(error: NodeJS.ErrnoException, host: string, port: number): CaduceusError {
  if (error.code === 'EADDRINUSE') {
    return new CaduceusError(
      'CAD-PORT-IN-USE',
      `port ${port} on ${host} belongs to another program`,
      'End that program, choose another port, or use port 0 to get any free one.',
      error,
    );
  }
  const remedy =
    error.code === 'EACCES'
      ? 'Use a port from 1024 up, or 0 for any free one.'
      : 'Use an address of this machine, such as 127.0.0.1.';
  return new CaduceusError('CAD-LISTEN', `cannot listen on ${host}:${port} (${error.message})`, remedy, error);
}
