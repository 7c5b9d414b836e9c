/**
 * A TCP proxy in user space: the independent witness for byte counts, and the hand that cuts cables.
 * It knows nothing of what it carries. Counts are of its own sockets.
 */
import { connect, createServer, type Server, type Socket } from 'node:net';

export interface Carried {
  /** Bytes written to, and read from, the server's side. */
  toServer: number;
  fromServer: number;
  /** Bytes written to, and read from, the client's side. */
  toClient: number;
  fromClient: number;
}

export type Direction = 'up' | 'down';

interface Pair {
  number: number;
  client: Socket;
  server: Socket;
  /** What is read is thrown away from here on. */
  isCut: boolean;
}

const HOST = '127.0.0.1';

export class FaultProxy {
  readonly #listener: Server;
  readonly #target: number;
  readonly #pairs = new Set<Pair>();
  readonly #ended: Carried = { toServer: 0, fromServer: 0, toClient: 0, fromClient: 0 };
  /** Directions in which nothing is carried: read and dropped, so that the sender notices nothing. */
  readonly #deaf = new Set<Direction>();
  #isRefusing = false;
  /** Hears everything that is written to the server or read from it; `connection` counts from 0. */
  tap: ((connection: number, direction: Direction, bytes: Buffer) => void) | undefined;
  #accepted = 0;
  #whenEmpty: (() => void) | undefined;

  /** In front of a server on this port of the loopback. */
  static async start(target: number): Promise<FaultProxy> {
    const proxy = new FaultProxy(target);
    await new Promise<void>((resolve) => proxy.#listener.listen(0, HOST, resolve));
    return proxy;
  }

  private constructor(target: number) {
    this.#target = target;
    this.#listener = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
  }

  get port(): number {
    return (this.#listener.address() as { port: number }).port;
  }

  get url(): string {
    return `ws://${HOST}:${this.port}/`;
  }

  get connections(): number {
    return this.#pairs.size;
  }

  /** Of all connections, ended ones included. */
  get carried(): Carried {
    const sum = { ...this.#ended };
    for (const pair of this.#pairs) add(sum, pair);
    return sum;
  }

  /** Ends every connection as a peer would that closes: what was sent until then arrives and is counted. */
  cut(): void {
    for (const pair of this.#pairs) {
      pair.isCut = true;
      // Read on, whatever was held back: the other end of a finished stream never drains.
      pair.client.resume().end();
      pair.server.resume().end();
    }
  }

  /** Ends every connection without a farewell. */
  reset(): void {
    for (const { client, server } of this.#pairs) {
      client.resetAndDestroy();
      server.resetAndDestroy();
    }
  }

  /** Nothing is carried in this direction any more; connections stay open. */
  deafen(direction: Direction): void {
    this.#deaf.add(direction);
  }

  /** Connections go on in every direction. What was dropped is gone. */
  heal(): void {
    this.#deaf.clear();
  }

  /** New connections are reset at once. */
  refuse(isRefusing: boolean): void {
    this.#isRefusing = isRefusing;
  }

  /** No new connections; resolves when those there are have ended by themselves. */
  async drained(): Promise<void> {
    this.#listener.close();
    if (this.#pairs.size > 0) await new Promise<void>((resolve) => (this.#whenEmpty = resolve));
  }

  close(): Promise<void> {
    const ended = this.drained();
    this.reset();
    return ended;
  }

  #accept(client: Socket): void {
    if (this.#isRefusing) {
      client.resetAndDestroy();
      return;
    }
    const server = connect({ port: this.#target, host: HOST, allowHalfOpen: true, noDelay: true });
    client.setNoDelay(true);
    const pair: Pair = { number: this.#accepted++, client, server, isCut: false };
    this.#pairs.add(pair);
    this.#carry(pair, client, server, 'up');
    this.#carry(pair, server, client, 'down');
    let open = 2;
    for (const socket of [client, server]) {
      socket.on('close', () => {
        open -= 1;
        if (open > 0) return;
        add(this.#ended, pair);
        this.#pairs.delete(pair);
        if (this.#pairs.size === 0) this.#whenEmpty?.();
      });
    }
  }

  #carry(pair: Pair, from: Socket, to: Socket, direction: Direction): void {
    from.on('data', (bytes) => {
      if (direction === 'down') this.tap?.(pair.number, direction, bytes);
      if (pair.isCut || this.#deaf.has(direction) || to.destroyed || to.writableEnded) return;
      if (direction === 'up') this.tap?.(pair.number, direction, bytes);
      if (!to.write(bytes)) from.pause();
    });
    to.on('drain', () => from.resume());
    to.on('close', () => from.resume());
    from.on('end', () => to.end());
    from.on('error', () => undefined); // 'close' follows
    from.on('close', (hadError) => {
      // A killed peer's reset is passed on as an end, so that what it had sent still arrives.
      if (hadError) to.end();
    });
  }
}

function add(sum: Carried, { client, server }: Pair): void {
  sum.toServer += server.bytesWritten;
  sum.fromServer += server.bytesRead;
  sum.toClient += client.bytesWritten;
  sum.fromClient += client.bytesRead;
}
