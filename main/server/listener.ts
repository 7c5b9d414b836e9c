/**
 * The server's doors: TCP listeners, with TLS or without, that turn proper WebSocket upgrades into
 * connections and everything else away, within narrow limits, before anybody has proved anything.
 */
import { lookup } from 'node:dns/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Ledger } from '../core/accounting.ts';
import { present } from '../core/assert.ts';
import { CaduceusError } from '../core/errors.ts';
import { isEveryAddress } from '../core/listen-address.ts';
import { SUBPROTOCOL } from '../core/protocol/messages.ts';
import type { ServerCertificate } from './certificate.ts';
import { ConnectionMeter } from './connection-meter.ts';

export interface ListenAddress {
  host: string;
  /** 0: any free port. */
  port: number;
}

/** One address to listen on; with a certificate, for TLS and nothing else. */
export interface Door extends ListenAddress {
  certificate?: ServerCertificate;
}

export interface Connection {
  webSocket: WebSocket;
  /** What the peer wrote comes out here: behind TLS, where there is TLS. */
  socket: Socket;
  /** Fingerprint of the certificate that the peer was shown; empty without TLS. */
  certificate: string;
  meter: ConnectionMeter;
  address: string;
  /** The connection has proved whose it is and no longer counts as a stranger. */
  admitted(): void;
}

export interface ListenerSettings {
  /** Largest message that a worker may send. */
  maxMessageBytes: number;
  ledger: Ledger;
  onConnection(connection: Connection): void;
  /** From the TCP connection to the end of the upgrade request, a TLS handshake included. */
  upgradeMs?: number;
}

/** What there is of a connection from the first packet on. */
interface Arrival {
  meter: ConnectionMeter;
  tooLate: NodeJS.Timeout;
  certificate: string;
  /** The socket of the TCP connection itself. */
  wire: Socket;
}

const UPGRADE_MS = 5000;
/** One a network that devices are on; a machine has few. */
const MAX_DOORS = 16;
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
  /** Reads requests from sockets that the doors hand to it; it listens nowhere itself. */
  readonly #http: Server;
  readonly #doors: TcpServer[] = [];
  readonly #webSockets: WebSocketServer;
  /** By the socket that requests are read from. */
  readonly #open = new Map<Socket, Arrival>();
  /** By the socket of the TCP connection. */
  readonly #strangers = new Map<Socket, string>();
  #whenEmpty: (() => void) | undefined;

  constructor(settings: ListenerSettings) {
    this.#settings = settings;
    this.#http = createServer({ maxHeaderSize: MAX_HTTP_HEADER_BYTES, keepAliveTimeout: 1 });
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
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#http.on('request', (_request, response) => {
      response.writeHead(426, { connection: 'close', 'content-length': 0 }).end();
    });
    this.#http.on('clientError', (_error, socket) => socket.destroy());
  }

  /**
   * Opens one more door; answers with its address. Whoever asks, none is every address at once.
   * @throws CAD-PORT-IN-USE, CAD-LISTEN
   */
  async open({ host, port, certificate }: Door): Promise<ListenAddress> {
    if (this.#doors.length >= MAX_DOORS) throw tooManyDoors(host);
    const secure = certificate && {
      fingerprint: certificate.fingerprint,
      // TLS 1.3 alone: both ends are ours, and it neither renegotiates nor has a weak choice.
      context: createSecureContext({
        key: certificate.key,
        cert: certificate.certificate,
        minVersion: 'TLSv1.3',
      }),
    };
    const address = await ownAddressOf(host, port);
    const door = createTcpServer({ noDelay: true }, (socket) => this.#accept(socket, secure));
    await new Promise<void>((resolve, reject) => {
      door.once('error', (error) => reject(explain(error, host, port)));
      door.listen({ host: address, port }, resolve);
    });
    door.removeAllListeners('error').on('error', () => undefined); // a failed accept concerns nobody else
    this.#doors.push(door);
    return { host, port: (door.address() as AddressInfo).port };
  }

  /** Counts what has left on every connection; called before the ledger is read. */
  settle(): void {
    for (const { meter } of this.#open.values()) meter.settle();
  }

  /** No new connections. Resolves when all have ended; those left after `graceMs` are cut. */
  async close(graceMs: number): Promise<void> {
    for (const door of this.#doors) door.close();
    for (const socket of this.#strangers.keys()) socket.destroy();
    const cut = setTimeout(() => {
      for (const socket of this.#open.keys()) socket.destroy();
    }, graceMs);
    if (this.#open.size > 0) await new Promise<void>((resolve) => (this.#whenEmpty = resolve));
    clearTimeout(cut);
  }

  #accept(wire: Socket, secure?: { fingerprint: string; context: SecureContext }): void {
    const address = wire.remoteAddress ?? '';
    const socket = secure ? new TLSSocket(wire, { isServer: true, secureContext: secure.context }) : wire;
    const meter = new ConnectionMeter(socket, this.#settings.ledger, wire);
    const tooLate = setTimeout(() => wire.destroy(), this.#settings.upgradeMs ?? UPGRADE_MS);
    this.#open.set(socket, { meter, tooLate, certificate: secure?.fingerprint ?? '', wire });
    const ofAddress = [...this.#strangers.values()].filter((other) => other === address).length;
    this.#strangers.set(wire, address);
    socket.once('close', () => {
      clearTimeout(tooLate);
      this.#strangers.delete(wire);
      // The WebSocket hands on what is left of the stream while the socket closes: count after that.
      setImmediate(() => {
        meter.finish();
        this.#open.delete(socket);
        if (this.#open.size === 0) this.#whenEmpty?.();
      });
    });
    for (const one of new Set([wire, socket])) one.on('error', () => wire.destroy()); // 'close' follows
    if (this.#strangers.size > MAX_STRANGERS || ofAddress >= MAX_STRANGERS_PER_ADDRESS) {
      wire.destroy();
    } else if (secure) {
      socket.once('secure', () => this.#http.emit('connection', socket));
    } else {
      this.#http.emit('connection', socket);
    }
  }

  #upgrade(request: IncomingMessage, duplex: Duplex, head: Buffer): void {
    const socket = duplex as Socket;
    const { meter, tooLate, certificate, wire } = present(this.#open.get(socket), 'accepted socket');
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
        certificate,
        meter,
        address: wire.remoteAddress ?? '',
        admitted: () => this.#strangers.delete(wire),
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

/** Resolved before anything listens: a name, too, may stand for every address. */
async function ownAddressOf(host: string, port: number): Promise<string> {
  const address = isEveryAddress(host)
    ? host
    : await lookup(host).then(
        (found) => found.address,
        (error: unknown) => Promise.reject(explain(error as NodeJS.ErrnoException, host, port)),
      );
  if (!isEveryAddress(address)) return address;
  throw new CaduceusError(
    'CAD-LISTEN',
    `the server does not listen on ${host}: that is every address of this machine at once`,
    'Name one address of this machine: 127.0.0.1, or the one that devices reach.',
  );
}

function tooManyDoors(host: string): CaduceusError {
  return new CaduceusError(
    'CAD-LISTEN',
    `the server listens on ${MAX_DOORS} addresses already and does not open another one on ${host}`,
    'Name one address that all devices can reach, with --host.',
  );
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
