/** Runs one program to its end over one channel, with bounds on everything the device may do meanwhile. */
import { constants } from 'node:os';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ClientChannel } from 'ssh2';
import { CaduceusError } from '../../core/errors.ts';
import { plainText } from '../../core/plain-text.ts';
import { boundedProgram } from './bootstrap.ts';
import { cancelled, type Connection } from './connection.ts';
import { MarkedOutput } from './marked-output.ts';
import type { RunOptions, RunResult } from './remote.ts';
import { NoiseBudget, noShell, SHELL_TIMEOUT_MS } from './shell-start.ts';

const MAX_STDOUT_BYTES = 1024 * 1024;
const MAX_STDERR_BYTES = 16 * 1024;
/** After the channel says how the program ended, for what is still on the way. */
const CLOSE_WAIT_MS = 5000;
/** After the program's end, for its shell to exit. */
const EXIT_WAIT_MS = 500;

export async function runRemotely(
  connection: Connection,
  channel: ClientChannel,
  mark: string,
  program: string,
  options: RunOptions,
): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    new Execution(connection, channel, mark, program, options, resolve, reject).start();
  });
}

class Execution {
  readonly #connection: Connection;
  readonly #channel: ClientChannel;
  readonly #options: RunOptions;
  readonly #program: Buffer;
  readonly #resolve: (result: RunResult) => void;
  readonly #reject: (error: Error) => void;
  readonly #out: MarkedOutput;
  readonly #err: MarkedOutput;
  readonly #noise = new NoiseBudget();
  readonly #startedMs = performance.now();
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #feed = new AbortController();
  #stdout: Buffer[] = [];
  #stdoutBytes = 0;
  #stderr: Buffer = Buffer.alloc(0);
  #exitCode: number | undefined;
  #hasSent = false;
  #isSettled = false;

  constructor(
    connection: Connection,
    channel: ClientChannel,
    mark: string,
    program: string,
    options: RunOptions,
    resolve: (result: RunResult) => void,
    reject: (error: Error) => void,
  ) {
    this.#connection = connection;
    this.#channel = channel;
    this.#options = options;
    this.#program = boundedProgram(program, options.args ?? [], mark);
    this.#resolve = resolve;
    this.#reject = reject;
    this.#out = new MarkedOutput(mark);
    this.#err = new MarkedOutput(mark);
  }

  start(): void {
    const { timeoutMs, what, signal } = this.#options;
    const shellMs = Math.min(SHELL_TIMEOUT_MS, timeoutMs);
    this.#after(shellMs, () => {
      if (!this.#hasSent) this.#fail(noShell(this.#connection.address, this.#out, this.#err, shellMs));
    });
    this.#after(timeoutMs, () => this.#fail(this.#connection.tooLong(what, timeoutMs)));
    signal?.addEventListener('abort', this.#onAbort);
    this.#channel.on('data', (chunk: Buffer) => this.#onStdout(chunk));
    this.#channel.stderr.on('data', (chunk: Buffer) => this.#onStderr(chunk));
    this.#channel.on('exit', (code: number | null, signalName?: string) => {
      this.#exitCode = code ?? 128 + signalNumber(signalName);
      if (this.#isSettled) this.#channel.close();
      else this.#after(CLOSE_WAIT_MS, () => this.#onClose());
    });
    this.#channel.on('error', () => undefined);
    // Channels are told of a lost connection a moment before the connection itself knows.
    this.#channel.on('close', () => setImmediate(() => this.#onClose()));
    if (!this.#connection.isOpen) this.#onClose();
    if (signal?.aborted) this.#onAbort();
  }

  readonly #onAbort = (): void => this.#fail(cancelled(this.#options.what));

  #onStdout(chunk: Buffer): void {
    if (this.#isSettled) return;
    const data = this.#out.take(chunk);
    if (!this.#out.hasStarted && this.#noise.isSpentBy(chunk)) {
      return this.#fail(noShell(this.#connection.address, this.#out, this.#err, 'says too much before it starts'));
    }
    if (this.#out.hasStarted && !this.#hasSent) this.#send();
    if (data.length > 0) this.#keep(data);
    this.#settleWhenBothEnded();
  }

  #onStderr(chunk: Buffer): void {
    if (this.#isSettled) return;
    const data = this.#err.take(chunk);
    const kept = this.#options.maxStderrBytes ?? MAX_STDERR_BYTES;
    if (data.length > 0) this.#stderr = Buffer.from(Buffer.concat([this.#stderr, data]).subarray(-kept));
    this.#settleWhenBothEnded();
  }

  #keep(data: Buffer): void {
    const { onStdout, maxStdoutBytes = MAX_STDOUT_BYTES, what } = this.#options;
    if (onStdout !== undefined) return onStdout(data);
    this.#stdoutBytes += data.length;
    if (this.#stdoutBytes <= maxStdoutBytes) {
      this.#stdout.push(Buffer.from(data));
      return;
    }
    this.#fail(
      new CaduceusError(
        'CAD-DEVICE-COMMAND',
        `${this.#connection.address} answered with more than ${maxStdoutBytes} bytes to: ${what}`,
        'This is not the answer of a healthy device: look at what its commands print.',
      ),
    );
  }

  /** Only now, when our own shell has said the mark, does anything leave for the device. */
  #send(): void {
    this.#hasSent = true;
    this.#channel.write(this.#program);
    const { stdin } = this.#options;
    if (stdin instanceof Readable) {
      // A program may end without reading all; that is for its exit code to tell. A source that fails is not.
      pipeline(stdin, this.#channel, { signal: this.#feed.signal }).catch((error: Error) => {
        if (!this.#isSettled && stdin.errored === error) this.#fail(error);
      });
    } else this.#channel.end(stdin === undefined ? undefined : Buffer.from(stdin));
  }

  #settleWhenBothEnded(): void {
    const code = this.#out.code;
    if (code !== undefined && this.#err.code !== undefined) this.#succeed(code);
  }

  #onClose(): void {
    if (this.#isSettled) return;
    const code = this.#out.code ?? (this.#out.hasStarted ? this.#exitCode : undefined);
    if (code !== undefined) return this.#succeed(code);
    if (!this.#connection.isOpen || this.#out.hasStarted) return this.#fail(this.#connection.lost());
    this.#fail(noShell(this.#connection.address, this.#out, this.#err, 'ended', this.#exitCode));
  }

  #succeed(code: number): void {
    const stdout = Buffer.concat(this.#stdout);
    this.#settle();
    this.#resolve({
      code,
      stdout,
      stderr: plainText(this.#stderr.toString()),
      tookMs: performance.now() - this.#startedMs,
    });
  }

  #fail(error: Error): void {
    if (this.#isSettled) return;
    // Ends what runs there: closing the channel alone would leave it running.
    const { process } = this.#out;
    if (process !== undefined && this.#exitCode === undefined) this.#connection.end(process);
    this.#settle();
    this.#reject(error);
  }

  #settle(): void {
    this.#isSettled = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    this.#feed.abort();
    if (this.#options.stdin instanceof Readable) this.#options.stdin.destroy();
    this.#stdout = [];
    // Whatever still comes must flow, or the connection's window stays taken.
    this.#channel.resume();
    this.#channel.stderr.resume();
    // A session that is closed before its shell has ended counts on, as far as the server's limit is concerned.
    if (this.#exitCode !== undefined) this.#channel.close();
    else setTimeout(() => this.#channel.close(), EXIT_WAIT_MS).unref();
  }

  #after(delayMs: number, work: () => void): void {
    this.#timers.push(setTimeout(work, delayMs));
  }
}

function signalNumber(name: string | undefined): number {
  return constants.signals[name as NodeJS.Signals] ?? constants.signals.SIGTERM;
}
