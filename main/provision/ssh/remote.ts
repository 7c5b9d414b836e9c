/**
 * What a machine that we are connected to offers: programs with arguments, in both directions as much data as they
 * want, and a port of its own that leads here. Everything that deployment does, it does through this.
 *
 * Programs are fixed POSIX-sh texts; whatever varies comes in as arguments or on standard input. They run in the
 * device's `/bin/sh` with `LC_ALL=C` and umask 077, whatever the login shell is and whatever its start-up files print.
 */
import type { Duplex, Readable, Writable } from 'node:stream';
import type { CaduceusError } from '../../core/errors.ts';
import type { Argument } from './quote.ts';

export interface ProgramOptions {
  /** `$1`, `$2` … of the program. */
  args?: readonly Argument[];
  /** What is done, for messages: `unpack the agent`. */
  what: string;
  /** Ends the program on the device and rejects with CAD-CANCELLED. */
  signal?: AbortSignal;
}

export interface RunOptions extends ProgramOptions {
  /** A stream is read only as fast as the device takes it, and destroyed when the program ends before it. */
  stdin?: Uint8Array | string | Readable;
  timeoutMs: number;
  /** More than this on standard output is an error (default 1 MiB). */
  maxStdoutBytes?: number;
  /** Of standard error only the newest bytes are kept (default 16 KiB). */
  maxStderrBytes?: number;
  /** Each piece of standard output as it comes; then `stdout` of the result is empty and has no limit. */
  onStdout?: (chunk: Buffer) => void;
}

export interface RunResult {
  /** Exit code of the program; one that a signal ended has 128 + its number, as in every shell. */
  code: number;
  stdout: Buffer;
  /** Text for people: the device's words with control characters made visible. */
  stderr: string;
  tookMs: number;
}

/** A program that runs until it ends, is killed, or the connection is lost. */
export interface RemoteProcess {
  readonly stdin: Writable;
  /** Both start behind all shell noise, and both must be read (or resumed): else the program waits. */
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves however it ends; `code` is null when a signal or the loss of the connection ended it. */
  readonly exited: Promise<{ code: number | null; signal: string | null; lost: boolean }>;
  /** Asks the program and its children to end (SIGTERM), and closes the channel. */
  kill(): void;
}

export interface RemoteListener {
  /** On the device. */
  readonly port: number;
  close(): Promise<void>;
}

export interface Remote {
  /** `user@host:port`, for messages. */
  readonly address: string;
  /** As the server names itself: `OpenSSH_9.6p1 Ubuntu-3`. */
  readonly server: string;
  readonly isOpen: boolean;
  /** Resolves when the connection has ended; with the reason, unless it was closed on purpose. Never rejects. */
  readonly whenLost: Promise<CaduceusError | undefined>;

  /**
   * Runs a program to its end. Its exit code is for the caller to judge.
   * @throws CAD-SSH-LOST, CAD-SSH-TIMEOUT, CAD-CANCELLED; CAD-DEVICE-SHELL when the login shell runs no commands;
   * CAD-DEVICE-COMMAND when it says more than its bound.
   */
  run(program: string, options: RunOptions): Promise<RunResult>;

  /**
   * Starts a program and answers once its shell runs.
   * @throws CAD-SSH-LOST, CAD-SSH-TIMEOUT, CAD-CANCELLED, CAD-DEVICE-SHELL
   */
  open(program: string, options: ProgramOptions): Promise<RemoteProcess>;

  /**
   * Listens on the device's loopback; each connection there arrives here as a stream, which the callee must end.
   * @param port 0: any that is free.
   * @throws CAD-TUNNEL when the device refuses to forward, with its reason; CAD-SSH-LOST
   */
  forwardIn(port: number, onConnection: (connection: Duplex) => void): Promise<RemoteListener>;

  /** Closes the connection and with it everything opened on it. */
  close(): Promise<void>;
}
