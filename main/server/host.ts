/**
 * The host of the parameter server: moves bytes and time in and out of the machine. One input, then
 * all its outputs in order, then the next input; nothing here decides anything about training.
 */
import type { Ledger } from '../core/accounting.ts';
import { assert, present, unreachable } from '../core/assert.ts';
import { encodedBytes } from '../core/compression/encoding.ts';
import { CaduceusError } from '../core/errors.ts';
import type { RunRecord, WorkerLink } from '../core/metrics.ts';
import { ParameterServer, type ServerInput, type ServerOutput, type ServerSnapshot } from '../core/parameter-server.ts';
import type { Vector } from '../core/parameters.ts';
import type { OptionValues } from '../core/policy/options.ts';
import type { WorkerId } from '../core/policy/policy.ts';
import type { RunEnd } from '../core/run-end.ts';
import { MAX_HEADER_BYTES, PREAMBLE_BYTES } from '../core/protocol/codec.ts';
import { HEARTBEAT } from '../core/protocol/liveness.ts';
import type { WorkerMessage } from '../core/protocol/messages.ts';
import { protocolError } from '../core/protocol/shape.ts';
import type { HostInput, HostSettings, OpenDoor } from './host-settings.ts';
import { hostInUrl, reachOf } from './interfaces.ts';
import { type Door, Listener } from './listener.ts';
import { type LoopDelay, LoopDelayMeter } from './loop-delay.ts';
import { RefusalLog } from './refusal-log.ts';
import { Session } from './session.ts';

export type { HostSettings, Judgement, OpenDoor } from './host-settings.ts';

const AUTHENTICATE_MS = 3000;
/** Farewells must be out within this time. */
const CLOSE_MS = 2000;
/** Room for orders and rows beside a model. */
const MAX_BUFFERED_EXTRA_BYTES = 4 * 2 ** 20;
/** Inputs that the outputs of one led to. */
const MAX_INPUTS = 10_000;
const MAX_TIMER_MS = 2 ** 31 - 1;

export class ParameterServerHost {
  readonly #settings: HostSettings;
  /** Of every worker that may take part now. */
  readonly #tokens: Map<WorkerId, string>;
  readonly #machine: ParameterServer;
  readonly #listener: Listener;
  readonly #sessions = new Set<Session>();
  /** The newest connection of each admitted worker. */
  readonly #current = new Map<WorkerId, Session>();
  readonly #inputs: (() => ServerInput)[] = [];
  #isBusy = false;
  #wake: NodeJS.Timeout | undefined;
  #end: RunEnd | undefined;
  #failed = false;
  #closing: Promise<void> | undefined;
  #lastTraffic: (RunRecord & { type: 'traffic' }) | undefined;
  readonly #refusals = new RefusalLog();
  readonly #loop = new LoopDelayMeter();

  /** Resolves when the machine has ended the run, before connections close. Rejects when the run cannot go on. */
  readonly whenEnded: Promise<RunEnd>;
  #resolveEnded!: (end: RunEnd) => void;
  #rejectEnded!: (error: unknown) => void;

  constructor(settings: HostSettings) {
    this.#settings = settings;
    this.#tokens = new Map(settings.tokens);
    this.#machine = new ParameterServer(settings.server, settings.resumed);
    const model = encodedBytes('f32', settings.server.initial.length);
    this.#listener = new Listener({
      maxMessageBytes: PREAMBLE_BYTES + MAX_HEADER_BYTES + model,
      ledger: this.#machine.ledger,
      onConnection: (connection) => {
        this.#sessions.add(
          new Session(connection, {
            run: settings.run,
            tokenOf: (worker) => this.#tokens.get(worker),
            heartbeat: settings.heartbeat ?? HEARTBEAT,
            authenticateMs: settings.authenticateMs ?? AUTHENTICATE_MS,
            maxBufferedBytes: model + MAX_BUFFERED_EXTRA_BYTES,
            onAdmitted: (session) => this.#admit(session),
            onMessage: (session, message) => this.#receive(session, message),
            onEnded: (session, reason, broke) => this.#lose(session, reason, broke),
          }),
        );
      },
    });
    this.whenEnded = new Promise((resolve, reject) => {
      this.#resolveEnded = resolve;
      this.#rejectEnded = reject;
    });
    this.whenEnded.catch(() => undefined); // whoever cares awaits it
  }

  /** Opens its doors and starts to wait for workers. Answers with the doors, in order. @throws CAD-PORT-IN-USE, CAD-LISTEN */
  async start(): Promise<OpenDoor[]> {
    const doors: OpenDoor[] = [];
    for (const door of this.#settings.doors) doors.push(await this.listen(door));
    this.#loop.start();
    this.#give(() => ({ type: 'woke', nowMs: performance.now() }));
    return doors;
  }

  /** Listens on one more address. @throws CAD-PORT-IN-USE, CAD-LISTEN */
  async listen(door: Door): Promise<OpenDoor> {
    const { host, port } = await this.#listener.open(door);
    const address = `${hostInUrl(host)}:${port}/`;
    const certificate = door.certificate?.fingerprint;
    return certificate === undefined
      ? { host, port, url: `ws://${address}` }
      : { host, port, url: `wss://${address}`, certificate };
  }

  handle(input: HostInput): void {
    if (input.type === 'enlist') this.#tokens.set(input.worker, input.token);
    // Who is told to go proves nothing with its token any more; the connection there is stays until it has gone.
    if (input.type === 'dismiss') this.#tokens.delete(input.worker);
    this.#give(() => {
      const nowMs = performance.now();
      return input.type === 'enlist' ? { type: 'enlist', nowMs, worker: input.worker } : { ...input, nowMs };
    });
  }

  /** The policy's options as they are now. */
  get options(): OptionValues {
    return this.#machine.options;
  }

  /** To be written down; see ParameterServer. */
  snapshot(): ServerSnapshot {
    this.#listener.settle();
    return this.#machine.snapshot();
  }

  get parameters(): Vector {
    return this.#machine.parameters;
  }

  get version(): number {
    return this.#machine.version;
  }

  /** Bytes by worker and category; final once `close` has resolved. */
  get ledger(): Ledger {
    return this.#machine.ledger;
  }

  get elapsedMs(): number {
    return this.#machine.elapsedMs;
  }

  loopDelay(): LoopDelay {
    return this.#loop.read();
  }

  /** Tells workers that the run is over, closes every connection and the port, and records the final traffic. */
  close(): Promise<void> {
    this.#closing ??= this.#closeNow();
    return this.#closing;
  }

  async #closeNow(): Promise<void> {
    if (this.#end === undefined && !this.#failed)
      this.handle({ type: 'stop', reason: 'user', text: 'The server is closing' });
    for (const session of this.#sessions) session.finish();
    await this.#listener.close(CLOSE_MS);
    clearTimeout(this.#wake);
    this.#loop.stop();
    if (this.#lastTraffic) this.#note({ ...this.#lastTraffic, traffic: this.#machine.ledger.total() });
  }

  #admit(session: Session): void {
    if (this.#end !== undefined || this.#failed || this.#closing !== undefined) {
      session.dismiss(this.#end?.text ?? 'The run is over');
      session.finish();
      return;
    }
    const worker = present(session.worker, 'name of an admitted worker');
    this.#give(() => {
      this.#current.set(worker, session);
      return { type: 'connected', nowMs: performance.now(), worker, link: this.#linkOf(session, worker) };
    });
  }

  #receive(session: Session, message: WorkerMessage): void {
    if (message.kind === 'rows-wanted') {
      this.#sendRows(session, message.block);
      return;
    }
    const { incarnation } = session;
    const worker = present(session.worker, 'name of an admitted worker');
    this.#give(() => ({ type: 'message', nowMs: performance.now(), worker, incarnation, message }), session);
  }

  #linkOf({ address, isSecure }: Session, worker: WorkerId): WorkerLink {
    const reach = reachOf(address);
    const path = reach === 'loopback' && this.#settings.isElsewhere?.(worker) === true ? 'tunnel' : reach;
    return { path, address, tls: isSecure };
  }

  /** The data plane: rows do not pass through the machine. */
  #sendRows(session: Session, block: number): void {
    const { worker } = session;
    if (worker !== undefined && this.#current.get(worker) === session && !this.#machine.mayHave(worker, block)) {
      throw protocolError(`it asked for block ${block} of rows, which is no part of what it trains on`);
    }
    const rows = this.#settings.rowsOfBlock(block);
    if (rows === undefined) throw protocolError(`there is no block ${block} of rows`);
    session.sendRows(() => ({ kind: 'rows', block, ...rows }));
  }

  #lose(session: Session, reason: string, broke: CaduceusError | undefined): void {
    this.#sessions.delete(session);
    const { worker, incarnation } = session;
    if (worker === undefined) {
      const line = this.#end === undefined ? this.#refusals.count(performance.now()) : undefined;
      if (line !== undefined) this.#incident(line);
      return;
    }
    if (broke) this.#incident(`It broke the protocol: ${broke.message}`, worker);
    if (this.#current.get(worker) === session) this.#current.delete(worker);
    this.#give(() => ({ type: 'disconnected', nowMs: performance.now(), worker, incarnation, reason }));
  }

  #incident(text: string, worker?: WorkerId): void {
    const atMs = this.#machine.elapsedMs;
    this.#note({
      type: 'incident',
      atMs,
      level: 'warning',
      what: 'rejected',
      text,
      ...(worker !== undefined && { worker }),
    });
  }

  /** `from`: whose connection ends, and nobody else's, if the input breaks the protocol. */
  #give(input: () => ServerInput, from?: Session): void {
    if (this.#failed) return;
    if (this.#isBusy) {
      assert(this.#inputs.length < MAX_INPUTS, 'inputs do not breed inputs');
      this.#inputs.push(input);
      return;
    }
    this.#isBusy = true;
    try {
      for (let next: (() => ServerInput) | undefined = input; next !== undefined; next = this.#inputs.shift()) {
        this.#listener.settle();
        for (const output of this.#machine.handle(next())) this.#perform(output);
      }
    } catch (error) {
      if (from !== undefined && error instanceof CaduceusError && error.code === 'CAD-PROTOCOL') throw error;
      this.#fail(error);
    } finally {
      this.#isBusy = false;
    }
    this.#setWake();
  }

  #perform(output: ServerOutput): void {
    switch (output.type) {
      case 'send': {
        const session = this.#current.get(output.worker);
        if (session && output.message.kind === 'welcome') session.incarnation = output.message.incarnation;
        if (output.message.kind === 'stop') session?.dismiss(output.message.reason);
        else session?.send(output.message);
        return;
      }
      case 'send-model': {
        const { worker } = output;
        this.#current.get(worker)?.sendModel(() => this.#machine.modelMessage(worker));
        return;
      }
      case 'close':
        for (const session of this.#sessions) {
          if (session.worker === output.worker && session.incarnation === output.incarnation)
            session.expel(output.reason);
        }
        return;
      case 'evaluate':
        this.#judge(output.ticket, output.parameters);
        return;
      case 'record':
        this.#note(output.record);
        return;
      case 'ended':
        this.#finishRun(output);
        return;
      default:
        unreachable(output);
    }
  }

  #judge(ticket: number, parameters: Vector): void {
    this.#settings.judge(ticket, parameters).then(
      (judgement) => this.#give(() => ({ type: 'evaluated', nowMs: performance.now(), ticket, ...judgement })),
      (error: unknown) => {
        if (this.#end === undefined) this.#fail(error);
      },
    );
  }

  #note(record: RunRecord): void {
    if (record.type === 'traffic') this.#lastTraffic = record;
    try {
      this.#settings.onRecord(record);
    } catch (error) {
      this.#fail(error);
    }
  }

  #finishRun({ reason, text }: RunEnd): void {
    this.#end = { reason, text };
    // The machine tells those who take part; those who only just came hear it from here.
    this.#dismissAll(text);
    this.#resolveEnded(this.#end);
  }

  #fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#inputs.length = 0;
    clearTimeout(this.#wake);
    this.#dismissAll('The run failed');
    this.#rejectEnded(error);
  }

  #dismissAll(reason: string): void {
    for (const session of this.#sessions) if (session.worker !== undefined) session.dismiss(reason);
  }

  #setWake(): void {
    clearTimeout(this.#wake);
    const { wakeAtMs } = this.#machine;
    if (this.#failed || wakeAtMs === Infinity) return;
    const inMs = Math.min(MAX_TIMER_MS, Math.max(0, Math.ceil(wakeAtMs - performance.now())));
    this.#wake = setTimeout(() => this.#give(() => ({ type: 'woke', nowMs: performance.now() })), inMs);
  }
}
