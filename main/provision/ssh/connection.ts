/** A machine over one authenticated ssh2 connection: the implementation of `Remote`. */
import type { Duplex } from 'node:stream';
import type { AcceptConnection, Client, ClientChannel, RejectConnection, TcpConnectionDetails } from 'ssh2';
import { CaduceusError } from '../../core/errors.ts';
import { oneLine } from '../../core/plain-text.ts';
import { bootstrapCommand, endingCommand, makeMark } from './bootstrap.ts';
import { openRemotely } from './open-program.ts';
import type { ProgramOptions, Remote, RemoteListener, RemoteProcess, RunOptions, RunResult } from './remote.ts';
import { runRemotely } from './run-program.ts';

const LOOPBACK = '127.0.0.1';
/** For the device to open a channel and start a shell, before any program of ours runs. */
export const CHANNEL_TIMEOUT_MS = 20_000;
/** For a polite end; then the socket is destroyed. */
const CLOSE_TIMEOUT_MS = 2000;
/** For ending programs that were cancelled, before the connection closes under them. */
const ENDING_TIMEOUT_MS = 4000;
/** Of one device at once, below the 10 sessions that sshd allows a connection by default. */
const MAX_PROGRAMS = 8;
const SESSION_ATTEMPTS = 4;
const SESSION_WAIT_MS = 250;

export class Connection implements Remote {
  readonly address: string;
  readonly server: string;
  readonly whenLost: Promise<CaduceusError | undefined>;
  readonly #client: Client;
  readonly #stream: Duplex;
  readonly #onForwarded = new Map<number, (connection: Duplex) => void>();
  readonly #waiting: (() => void)[] = [];
  readonly #endings = new Set<Promise<void>>();
  #running = 0;
  #isOpen = true;
  #isClosing = false;
  #failure: Error | undefined;

  constructor(client: Client, stream: Duplex, address: string, server: string) {
    this.#client = client;
    this.#stream = stream;
    this.address = address;
    this.server = oneLine(server, 80);
    client.on('error', (error) => (this.#failure ??= error));
    client.on('tcp connection', (details, accept, reject) => this.#forwarded(details, accept, reject));
    this.whenLost = new Promise((resolve) => {
      client.once('close', () => {
        this.#isOpen = false;
        for (const go of this.#waiting.splice(0)) go();
        resolve(this.#isClosing ? undefined : this.lost());
      });
    });
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  async run(program: string, options: RunOptions): Promise<RunResult> {
    const { channel, mark } = await this.#start(options);
    return runRemotely(this, channel, mark, program, options);
  }

  async open(program: string, options: ProgramOptions): Promise<RemoteProcess> {
    const { channel, mark } = await this.#start(options);
    return openRemotely(this, channel, mark, program, options);
  }

  async forwardIn(port: number, onConnection: (connection: Duplex) => void): Promise<RemoteListener> {
    const bound = await new Promise<number>((resolve, reject) => {
      if (!this.#isOpen) throw this.lost();
      const timer = setTimeout(
        () => reject(this.tooLong('ask for a forwarded port', CHANNEL_TIMEOUT_MS)),
        CHANNEL_TIMEOUT_MS,
      );
      this.#client.forwardIn(LOOPBACK, port, (error, actual) => {
        clearTimeout(timer);
        if (error === undefined) resolve(port === 0 ? actual : port);
        else reject(this.#isOpen ? refusedForward(this.address, error) : this.lost());
      });
    });
    this.#onForwarded.set(bound, onConnection);
    return {
      port: bound,
      close: () =>
        new Promise((resolve) => {
          this.#onForwarded.delete(bound);
          if (!this.#isOpen) return resolve();
          const timer = setTimeout(resolve, CLOSE_TIMEOUT_MS);
          this.#client.unforwardIn(LOOPBACK, bound, () => {
            clearTimeout(timer);
            resolve();
          });
        }),
    };
  }

  /** A stream to an address as this machine sees it: the way to the next hop. @throws CAD-SSH-REACH */
  async forwardOut(host: string, port: number): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      if (!this.#isOpen) throw this.lost();
      const timer = setTimeout(
        () => reject(this.tooLong(`reach ${host}:${port}`, CHANNEL_TIMEOUT_MS)),
        CHANNEL_TIMEOUT_MS,
      );
      this.#client.forwardOut(LOOPBACK, 0, host, port, (error, channel) => {
        clearTimeout(timer);
        if (error === undefined) resolve(channel);
        else reject(this.#isOpen ? unreachableFrom(this.address, host, port, error) : this.lost());
      });
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#endings);
    this.#isClosing = true;
    if (!this.#isOpen) return;
    this.#client.end();
    // Not the client's own `destroy`: after `end` it does nothing, and a device that is gone never answers the end.
    const timer = setTimeout(() => this.#stream.destroy(), CLOSE_TIMEOUT_MS);
    await this.whenLost;
    clearTimeout(timer);
  }

  lost(): CaduceusError {
    const reason = this.#failure === undefined ? 'it was closed from the other side' : oneLine(this.#failure.message);
    return new CaduceusError(
      'CAD-SSH-LOST',
      `the connection to ${this.address} ended: ${reason}`,
      'Check that the device is on and reachable, then try again.',
      this.#failure,
    );
  }

  tooLong(what: string, boundMs: number): CaduceusError {
    return new CaduceusError(
      'CAD-SSH-TIMEOUT',
      `${this.address} took longer than ${Math.round(boundMs / 1000)} s to ${what}`,
      'Look at the load of the device and its network, then try again.',
    );
  }

  /** Ends a program and its children, by a channel of its own. Never fails: a lost connection has ended enough. */
  end(process: number): void {
    if (!this.#isOpen) return;
    const ending = new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ENDING_TIMEOUT_MS);
      const done = (): void => {
        clearTimeout(timer);
        resolve();
      };
      this.#client.exec(endingCommand(process), (error, channel) => {
        if (error !== undefined) return done();
        channel.on('error', () => undefined).on('close', done);
        channel.resume();
        channel.stderr.resume();
      });
    });
    this.#endings.add(ending);
    void ending.then(() => this.#endings.delete(ending));
  }

  async #start(options: ProgramOptions): Promise<{ channel: ClientChannel; mark: string }> {
    await this.#admission();
    try {
      const mark = makeMark();
      const channel = await this.#exec(bootstrapCommand(mark), options, performance.now() + CHANNEL_TIMEOUT_MS);
      // The server counts a session until its channel is closed.
      channel.once('close', () => this.#leave());
      return { channel, mark };
    } catch (error) {
      this.#leave();
      throw error;
    }
  }

  /** Tries again for a moment when the server has no session free: those that just ended may still count. */
  async #exec(command: string, options: ProgramOptions, untilMs: number): Promise<ClientChannel> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#execOnce(command, options);
      } catch (error) {
        const isRefused = error instanceof CaduceusError && error.code === 'CAD-DEVICE-SHELL';
        if (!isRefused || attempt === SESSION_ATTEMPTS || performance.now() > untilMs) throw error;
        await new Promise((resolve) => setTimeout(resolve, SESSION_WAIT_MS));
      }
    }
  }

  async #execOnce(command: string, { what, signal }: ProgramOptions): Promise<ClientChannel> {
    if (signal?.aborted) throw cancelled(what);
    return new Promise((resolve, reject) => {
      if (!this.#isOpen) throw this.lost();
      let isLate = false;
      const giveUp = (error: CaduceusError): void => {
        isLate = true;
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        reject(error);
      };
      const onAbort = (): void => giveUp(cancelled(what));
      const timer = setTimeout(
        () => giveUp(this.tooLong(`open a channel to ${what}`, CHANNEL_TIMEOUT_MS)),
        CHANNEL_TIMEOUT_MS,
      );
      signal?.addEventListener('abort', onAbort);
      this.#client.exec(command, (error, channel) => {
        if (isLate) {
          channel?.close();
          return;
        }
        if (error === undefined) {
          clearTimeout(timer);
          signal?.removeEventListener('abort', onAbort);
          resolve(channel);
        } else giveUp(this.#isOpen ? refusedProgram(this.address, error) : this.lost());
      });
    });
  }

  #forwarded(
    { destPort }: TcpConnectionDetails,
    accept: AcceptConnection<ClientChannel>,
    reject: RejectConnection,
  ): void {
    const callee = this.#onForwarded.get(destPort);
    if (callee === undefined) return reject();
    const connection = accept();
    // Its end is told by `close`; without a listener an error would end the program.
    connection.on('error', () => undefined);
    callee(connection);
  }

  async #admission(): Promise<void> {
    if (this.#running < MAX_PROGRAMS) {
      this.#running++;
      return;
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running--;
    else next();
  }
}

export function cancelled(what: string): CaduceusError {
  return new CaduceusError('CAD-CANCELLED', `cancelled: ${what}`, 'Start it again when you want it.');
}

function refusedProgram(address: string, error: Error): CaduceusError {
  return new CaduceusError(
    'CAD-DEVICE-SHELL',
    `${address} refused to run a program: ${oneLine(error.message)}`,
    'The account must be allowed to run commands: look for ForceCommand, MaxSessions and a key with command= on the device.',
    error,
  );
}

function refusedForward(address: string, error: Error): CaduceusError {
  return new CaduceusError(
    'CAD-TUNNEL',
    `${address} refused to forward a port: ${oneLine(error.message)}`,
    'Set AllowTcpForwarding yes (or remote) in its sshd_config, or let the device reach the server directly.',
    error,
  );
}

function unreachableFrom(address: string, host: string, port: number, error: Error): CaduceusError {
  return new CaduceusError(
    'CAD-SSH-REACH',
    `${address} could not open a way to ${host}:${port}: ${oneLine(error.message)}`,
    'Check the address, and that the jump host allows forwarding (AllowTcpForwarding).',
    error,
  );
}
