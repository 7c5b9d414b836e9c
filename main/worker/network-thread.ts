/**
 * The agent's network thread: the host of the worker machine. It reads the join ticket, holds the
 * link, and hands training to the main thread.
 */
import { writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { present, unreachable } from '../core/assert.ts';
import { type ErrorReport, reportError } from '../core/errors.ts';
import { policyNamed } from '../core/policy/registry.ts';
import type { JoinTicket } from '../core/protocol/join-ticket.ts';
import type { ServerMessage } from '../core/protocol/messages.ts';
import { Worker, type WorkerInput, type WorkerOutput } from '../core/worker.ts';
import { CallOff, type ToNetwork, type ToTraining } from './between-threads.ts';
import { EXIT } from './exit-codes.ts';
import { Link } from './link.ts';
import { log } from './log.ts';
import { readTicket } from './ticket-reader.ts';

/** The main thread looks up from its work between two steps; one that does not within this time never will. */
const EXIT_MS = 5000;

export function runNetworkThread(): void {
  const training = present(parentPort, 'parent thread');
  const callOff = new CallOff(workerData as SharedArrayBuffer);
  const exit = (code: number): void => {
    callOff.everything();
    training.postMessage({ type: 'exit', code } satisfies ToTraining);
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), EXIT_MS);
  };
  readTicket(() => {
    log('standard input was closed: whoever started this agent is gone');
    exit(EXIT.orphaned);
  }).then(
    (ticket) => new NetworkHost(ticket, (message, transfer) => training.postMessage(message, transfer), callOff, exit),
    (error: unknown) => {
      log(reportError(error).message);
      exit(EXIT.usage);
    },
  );
}

class NetworkHost {
  readonly #ticket: JoinTicket;
  readonly #tell: (message: ToTraining, transfer?: ArrayBuffer[]) => void;
  readonly #callOff: CallOff;
  readonly #exit: (code: number) => void;
  readonly #link: Link;
  /** Born when the main thread has said what this device can do. */
  #machine: Worker | undefined;
  /** Welcomed, but the main thread is still getting ready. */
  #pending: ServerMessage[] = [];
  #isPreparing = false;
  #workId = 0;

  constructor(
    ticket: JoinTicket,
    tell: (message: ToTraining, transfer?: ArrayBuffer[]) => void,
    callOff: CallOff,
    exit: (code: number) => void,
  ) {
    this.#ticket = ticket;
    this.#tell = tell;
    this.#callOff = callOff;
    this.#exit = exit;
    parentPort?.on('message', (message: ToNetwork) => {
      try {
        this.#fromTraining(message);
      } catch (error) {
        this.#failed(reportError(error));
      }
    });
    this.#link = new Link(ticket, {
      onMessage: (message) => this.#fromServer(message),
      onLost: () => this.#lost(),
      onGivenUp: (why, text) => {
        log(`gives up on ${text}`);
        exit(EXIT[why]);
      },
    });
    writeSync(1, 'accepted\n'); // for the launcher
    log(`worker ${ticket.worker} joins run ${ticket.run} at ${ticket.url}`);
    this.#link.open();
  }

  #fromServer(message: ServerMessage): void {
    if (message.kind === 'stop') {
      this.#leave(message.reason, EXIT.done);
      return;
    }
    if (this.#machine) {
      this.#give({ type: 'message', nowMs: performance.now(), message });
      return;
    }
    this.#pending.push(message);
    if (message.kind !== 'welcome' || this.#isPreparing) return;
    this.#isPreparing = true;
    const { engine, batch, throttle } = this.#ticket;
    const device = { ...(engine && { engine }), ...(batch && { batch }), ...(throttle && { throttle }) };
    this.#tell({ type: 'prepare', plan: message.plan, device });
  }

  #fromTraining(message: ToNetwork): void {
    switch (message.type) {
      case 'prepared': {
        this.#machine = new Worker(this.#ticket.worker, message.profile, policyNamed);
        const pending = this.#pending;
        this.#pending = [];
        for (const early of pending) this.#give({ type: 'message', nowMs: performance.now(), message: early });
        return;
      }
      case 'trained':
        this.#give({ type: 'trained', nowMs: performance.now(), result: message.result });
        return;
      case 'failed':
        this.#failed(message.error);
        return;
      default:
        unreachable(message);
    }
  }

  #give(input: WorkerInput): void {
    for (const output of present(this.#machine, 'machine').handle(input)) this.#perform(output);
  }

  #perform(output: WorkerOutput): void {
    switch (output.type) {
      case 'send':
        this.#link.send(output.message);
        return;
      case 'store-rows': {
        // A copy, once: the payload is part of a buffer that other messages may be in.
        const payload = new Uint8Array(output.payload);
        this.#tell({ type: 'store-rows', block: output.block, count: output.count, payload }, [payload.buffer]);
        return;
      }
      case 'forget-rows':
        this.#tell(output);
        return;
      case 'train':
        this.#workId = output.work.id;
        // What is only to be read is shared with the machine, and copied for the other thread.
        this.#tell(output, output.work.mode === 'gradient' ? [] : [output.work.parameters.buffer]);
        return;
      case 'stopped':
        this.#leave(output.reason, EXIT.done);
        return;
      default:
        unreachable(output);
    }
  }

  #lost(): void {
    this.#pending = [];
    this.#callOff.upTo(this.#workId);
    if (this.#machine) this.#give({ type: 'disconnected', nowMs: performance.now() });
  }

  #failed({ code, message }: ErrorReport): void {
    this.#link.send({ kind: 'failed', code, message });
    this.#leave(message, code === 'CAD-INTERNAL' ? EXIT.internal : EXIT.engine);
  }

  #leave(reason: string, code: number): void {
    log(`leaves the run: ${reason}`);
    this.#callOff.everything();
    void this.#link.close().then(() => this.#exit(code));
  }
}
