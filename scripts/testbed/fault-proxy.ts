/**
 * A TCP proxy in user space: the independent witness for byte counts, and the hand that slows links and
 * cuts cables. It knows nothing of what it carries. Counts are of its own sockets.
 */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { DelayLine, type LinkShape } from './delay-line.ts';

export interface Carried {
  /** Bytes written to, and read from, the server's side. */
  toServer: number;
  fromServer: number;
  /** Bytes written to, and read from, the client's side. */
  toClient: number;
  fromClient: number;
}

export type Direction = 'up' | 'down';

export interface Endpoint {
  host: string;
  port: number;
}

/** A port of the loopback, an address, or a rule that finds it for each client; undefined refuses the client. */
export type Target = number | Endpoint | ((client: Socket) => Endpoint | undefined);

export interface ProxyOptions {
  /** Where it listens; a free port of the loopback when left out. */
  listen?: Partial<Endpoint>;
  /** Up: from client to server. Also settable later, for new connections. */
  shape?: Partial<Record<Direction, LinkShape>>;
  /** Of the jitter. */
  seed?: number;
  /** From a client's connection to the one to the server. */
  connectAfterMs?: number;
}

export interface Cut {
  direction: Direction;
  /** So many are let through; of a reset connection the other end may read fewer. */
  afterBytes: number;
  /** End: as a peer that closes. Reset: without a farewell. Hang: nothing more comes, and the connection stays. */
  how: 'end' | 'reset' | 'hang';
}

interface Pair {
  number: number;
  client: Socket;
  server: Socket;
  /** What is read is thrown away from here on. */
  isCut: boolean;
  left: Record<Direction, number>;
  lines: Partial<Record<Direction, DelayLine>>;
}

const HOST = '127.0.0.1';
/** On the way in one direction of a slow connection. */
const MAX_QUEUED_BYTES = 4 * 2 ** 20;

export class FaultProxy {
  readonly #listener: Server;
  readonly #target: Target;
  readonly #seed: number;
  readonly #connectAfterMs: number;
  readonly #pairs = new Set<Pair>();
  readonly #ended: Carried = { toServer: 0, fromServer: 0, toClient: 0, fromClient: 0 };
  /** Directions in which nothing is carried: read and dropped, so that the sender notices nothing. */
  readonly #deaf = new Set<Direction>();
  /** Clients that were let in and lead nowhere. */
  readonly #swallowed = new Set<Socket>();
  #isRefusing = false;
  #isBlackHole = false;
  #cutNext: Cut | undefined;
  /** Slows new connections. */
  shape: Partial<Record<Direction, LinkShape>>;
  /** Hears everything that is written to the server or read from it; `connection` counts from 0. */
  tap: ((connection: number, direction: Direction, bytes: Buffer) => void) | undefined;
  #accepted = 0;
  #whenEmpty: (() => void) | undefined;

  /** In front of a server. */
  static async start(target: Target, options: ProxyOptions = {}): Promise<FaultProxy> {
    const proxy = new FaultProxy(target, options);
    const { host = HOST, port = 0 } = options.listen ?? {};
    await new Promise<void>((resolve, reject) => {
      proxy.#listener.once('error', reject);
      proxy.#listener.listen(port, host, resolve);
    });
    return proxy;
  }

  private constructor(target: Target, { shape = {}, seed = 1, connectAfterMs = 0 }: ProxyOptions) {
    this.#target = target;
    this.#connectAfterMs = connectAfterMs;
    this.shape = shape;
    this.#seed = seed;
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

  /** Connections ever let through. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Of all connections, ended ones included. */
  get carried(): Carried {
    const sum = { ...this.#ended };
    for (const pair of this.#pairs) add(sum, pair);
    return sum;
  }

  /** Ends every connection as a peer would that closes: what was sent until then arrives and is counted. */
  cut(): void {
    for (const pair of this.#pairs) this.#end(pair);
  }

  /** The next connection ends by itself in the middle. */
  cutNext(cut: Cut): void {
    this.#cutNext = cut;
  }

  /** Ends every connection without a farewell. */
  reset(): void {
    for (const pair of this.#pairs) this.#reset(pair);
  }

  /** Nothing is carried in this direction any more; connections stay open. */
  deafen(direction: Direction): void {
    this.#deaf.add(direction);
  }

  /** Connections go on in every direction. What was dropped is gone. */
  heal(): void {
    this.#deaf.clear();
    this.#isBlackHole = false;
  }

  /** New connections are reset at once. */
  refuse(isRefusing: boolean): void {
    this.#isRefusing = isRefusing;
  }

  /** New connections are let in and never answered, as by a firewall behind a load balancer. Old ones go deaf. */
  blackHole(): void {
    this.#isBlackHole = true;
    this.#deaf.add('up').add('down');
  }

  /** No new connections; resolves when those there are have ended by themselves. */
  async drained(): Promise<void> {
    this.#listener.close();
    if (this.#pairs.size > 0) await new Promise<void>((resolve) => (this.#whenEmpty = resolve));
  }

  close(): Promise<void> {
    const ended = this.drained();
    this.reset();
    for (const client of this.#swallowed) client.destroy();
    return ended;
  }

  #accept(client: Socket): void {
    client.on('error', () => undefined); // 'close' follows
    if (this.#isBlackHole) {
      this.#swallow(client);
      return;
    }
    const endpoint = this.#isRefusing ? undefined : this.#endpointFor(client);
    if (!endpoint) {
      client.resetAndDestroy();
      return;
    }
    if (this.#connectAfterMs === 0) this.#join(client, endpoint);
    else setTimeout(() => this.#join(client, endpoint), this.#connectAfterMs);
  }

  #join(client: Socket, endpoint: Endpoint): void {
    if (client.destroyed) return;
    const server = connect({ ...endpoint, allowHalfOpen: true, noDelay: true });
    client.setNoDelay(true);
    const number = this.#accepted++;
    const cut = this.#cutNext;
    this.#cutNext = undefined;
    const pair: Pair = {
      number,
      client,
      server,
      isCut: false,
      left: { up: Infinity, down: Infinity, ...(cut && { [cut.direction]: cut.afterBytes }) },
      lines: {},
    };
    for (const [direction, shape] of Object.entries(this.shape) as [Direction, LinkShape][]) {
      pair.lines[direction] = new DelayLine(shape, this.#seed + number);
    }
    this.#pairs.add(pair);
    this.#carry(pair, client, server, 'up', cut);
    this.#carry(pair, server, client, 'down', cut);
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

  #endpointFor(client: Socket): Endpoint | undefined {
    if (typeof this.#target === 'number') return { host: HOST, port: this.#target };
    return typeof this.#target === 'function' ? this.#target(client) : this.#target;
  }

  #swallow(client: Socket): void {
    this.#swallowed.add(client);
    client.resume();
    client.on('end', () => client.end());
    client.on('close', () => {
      this.#ended.fromClient += client.bytesRead;
      this.#swallowed.delete(client);
    });
  }

  #carry(pair: Pair, from: Socket, to: Socket, direction: Direction, cut: Cut | undefined): void {
    const line = pair.lines[direction];
    const isFull = (): boolean => to.writableNeedDrain || (line?.queuedBytes ?? 0) > MAX_QUEUED_BYTES;
    const goOn = (): void => {
      if (!isFull()) from.resume();
    };
    const write = (bytes: Buffer): void => {
      if (to.destroyed || to.writableEnded) return;
      to.write(bytes);
      if (isFull()) from.pause();
    };
    from.on('data', (bytes) => {
      if (direction === 'down') this.tap?.(pair.number, direction, bytes);
      if (pair.isCut || this.#deaf.has(direction) || to.destroyed || to.writableEnded) return;
      const last = pair.left[direction] <= bytes.length;
      const part = last ? bytes.subarray(0, pair.left[direction]) : bytes;
      pair.left[direction] -= part.length;
      if (direction === 'up') this.tap?.(pair.number, direction, part);
      if (line) line.put(part.length, () => (write(part), goOn()));
      else write(part);
      if (isFull()) from.pause();
      if (last && cut && cut.direction === direction) this.#perform(pair, cut);
    });
    to.on('drain', goOn);
    to.on('close', () => from.resume());
    const pass = (): void => void (line ? line.put(0, () => to.end()) : to.end());
    from.on('end', pass);
    from.on('error', () => undefined); // 'close' follows
    from.on('close', (hadError) => {
      // A killed peer's reset is passed on as an end, so that what it had sent still arrives.
      if (hadError) pass();
    });
  }

  /** Once the bytes let through have been written. */
  #perform(pair: Pair, { direction, how }: Cut): void {
    pair.isCut = true;
    if (how === 'hang') return;
    if (how === 'end') {
      this.#end(pair);
      return;
    }
    const to = direction === 'up' ? pair.server : pair.client;
    // A reset would overtake what is still to be sent.
    const flush = (): void => void (to.destroyed ? this.#reset(pair) : to.write('', () => this.#reset(pair)));
    const line = pair.lines[direction];
    if (line) line.put(0, flush);
    else flush();
  }

  #end(pair: Pair): void {
    pair.isCut = true;
    for (const [socket, line] of [[pair.client, pair.lines.down] as const, [pair.server, pair.lines.up] as const]) {
      // Read on, whatever was held back: the other end of a finished stream never drains.
      socket.resume();
      if (line) line.put(0, () => socket.end());
      else socket.end();
    }
  }

  #reset(pair: Pair): void {
    for (const line of Object.values(pair.lines)) line.drop();
    pair.client.resetAndDestroy();
    pair.server.resetAndDestroy();
  }
}

function add(sum: Carried, { client, server }: Pair): void {
  sum.toServer += server.bytesWritten;
  sum.fromServer += server.bytesRead;
  sum.toClient += client.bytesWritten;
  sum.fromClient += client.bytesRead;
}
