/**
 * The browser host: the window's files and its bridge on the loopback interface, for the one user who was
 * given the address.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BridgeHost } from '../control-plane/bridge-host.ts';
import type { Desk } from '../control-plane/desk/desk.ts';
import { CaduceusError } from '../core/errors.ts';
import { respond } from './requests.ts';
import { Sessions } from './sessions.ts';
import { loadStaticFiles } from './static-files.ts';
import { WindowSockets } from './window-sockets.ts';

const HOST = '127.0.0.1';
const LIMITS = { maxHeaderSize: 16 * 1024, headersTimeout: 5000, requestTimeout: 10_000, keepAliveTimeout: 5000 };
const CHECK_EVERY_MS = 1000;
const MAX_CONNECTIONS = 256;
const CLOSE_WITHIN_MS = 1000;

export interface WebHostOptions {
  desk: Desk;
  /** The built window. */
  folder: string;
  /** 0: any free port. */
  port: number;
}

export class WebHost {
  readonly #server: Server;
  readonly #sessions = new Sessions();
  readonly #sockets: WindowSockets;
  #port = 0;

  /** @throws CAD-WINDOW-BUILD, CAD-PORT-IN-USE, CAD-LISTEN */
  static async start(options: WebHostOptions): Promise<WebHost> {
    const host = new WebHost(options);
    await host.#listen(options.port);
    return host;
  }

  private constructor({ desk, folder }: WebHostOptions) {
    const port = (): number => this.#port;
    const sessions = this.#sessions;
    const parts = { port, sessions, files: loadStaticFiles(folder), outputFile: (id: string) => desk.files.find(id) };
    this.#sockets = new WindowSockets({ port, sessions, bridge: new BridgeHost(desk) });
    this.#server = createServer({
      ...LIMITS,
      connectionsCheckingInterval: CHECK_EVERY_MS,
      insecureHTTPParser: false,
      requireHostHeader: false,
    });
    this.#server.maxConnections = MAX_CONNECTIONS;
    this.#server.on('request', (request, response) => {
      respond(parts, request, response).catch((error: unknown) => {
        desk.onInternalError(error, 'web');
        response.destroy();
      });
    });
    this.#server.on('upgrade', (request, socket, head) => this.#sockets.upgrade(request, socket, head));
    this.#server.on('connect', (_, socket) => socket.destroy());
    this.#server.on('clientError', (_, socket) => socket.destroy());
  }

  get port(): number {
    return this.#port;
  }

  /** An address that lets one window in, once. What is behind the # is never sent anywhere. */
  newAddress(): string {
    return `http://${HOST}:${this.#port}/#token=${this.#sessions.issue()}`;
  }

  async close(): Promise<void> {
    this.#sockets.close();
    const closed = new Promise((resolve) => this.#server.close(resolve));
    const impatient = setTimeout(() => {
      this.#sockets.terminate();
      this.#server.closeAllConnections();
    }, CLOSE_WITHIN_MS);
    this.#server.closeIdleConnections();
    await closed;
    clearTimeout(impatient);
  }

  #listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', (cause: NodeJS.ErrnoException) => reject(cannotListen(port, cause)));
      this.#server.listen({ host: HOST, port }, () => {
        this.#port = (this.#server.address() as AddressInfo).port;
        resolve();
      });
    });
  }
}

function cannotListen(port: number, cause: NodeJS.ErrnoException): CaduceusError {
  const isTaken = cause.code === 'EADDRINUSE';
  return new CaduceusError(
    isTaken ? 'CAD-PORT-IN-USE' : 'CAD-LISTEN',
    isTaken ? `port ${port} belongs to another program` : `port ${port} cannot be listened on: ${cause.message}`,
    'Choose another with --port, or leave it out for any free one.',
    cause,
  );
}
