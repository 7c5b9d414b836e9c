/**
 * A device in virtual time: its processor, its link, and the worker process on it, which comes, goes
 * and comes back. The process hosts the same worker machine as a real one and behaves as `worker/`
 * does: it reconnects with full jitter, and stays away once it has been expelled.
 */
import { assert } from '../core/assert.ts';
import type { DeviceSpec } from '../core/cluster.ts';
import { prng, uniform } from '../core/prng.ts';
import { HEARTBEAT } from '../core/protocol/liveness.ts';
import {
  PROTOCOL_VERSION,
  type ServerMessage,
  type WorkerMessage,
  type WorkerPlan,
} from '../core/protocol/messages.ts';
import type { Route } from './channel.ts';
import { Connection, type End, type Ends, type Wire } from './connection.ts';
import { type CostModel, drawn } from './cost-model.ts';
import { Pipe } from './pipe.ts';
import { Processor } from './processor.ts';
import type { RowSupply } from './row-supply.ts';
import type { SharedPipe } from './shared-pipe.ts';
import { SECRET_TEXT, type SimulatedServer } from './simulated-server.ts';
import { type Hardware, type ProcessSurroundings, WorkerProcess } from './worker-process.ts';

export interface DeviceSurroundings extends ProcessSurroundings {
  server: SimulatedServer;
  serverPipes: { up: SharedPipe; down: SharedPipe };
  wire: Wire;
  rows: RowSupply;
  plan: WorkerPlan;
  rowsOnDevices: boolean;
}

/** On the wire; a run's true name must not change how many bytes it takes. */
const RUN_NAME = 'simulation';
const FIRST_BACK_OFF_MS = 250;
const LARGEST_BACK_OFF_MS = 20_000;
/** To open a connection, the transport and the upgrade each ask and answer once. */
const CROSSINGS_TO_CONNECT = 4;

export class SimulatedDevice {
  readonly spec: DeviceSpec;
  readonly #around: DeviceSurroundings;
  readonly #hardware: Hardware;
  readonly #routes: { up: Route; down: Route };
  readonly #ends: Ends;

  #process: WorkerProcess | undefined;
  /** Counts processes: what an earlier one still had planned does not concern a later one. */
  #life = 0;
  #connection: Connection | undefined;
  #failedAttempts = 0;
  #severed = false;
  #severings = 0;
  #paused = false;
  #pauses = 0;
  /** What happened to the process while it stood still. */
  readonly #inbox: (() => void)[] = [];
  /** Messages that have arrived and are held up, and when the last of them will be heard. */
  #unheard = 0;
  #heardMs = 0;
  #hasModel = false;
  /** Bytes carried more than once on connections that are over. */
  #resentBytes = 0;

  /** `copy` tells devices of the same name apart. */
  constructor(spec: DeviceSpec, cost: CostModel, around: DeviceSurroundings, copy = 0) {
    this.spec = spec;
    this.#around = around;
    const chance = prng(around.plan.seed, 'device', spec.name, copy);
    this.#hardware = { spec, cost, processor: new Processor(around.timeline), chance };
    const { link } = spec;
    this.#routes = {
      up: { direction: 'up', own: new Pipe(link.upBitsPerSecond), shared: around.serverPipes.up, link },
      down: { direction: 'down', own: new Pipe(link.downBitsPerSecond), shared: around.serverPipes.down, link },
    };
    this.#ends = {
      fromWorker: (connection, item, bytes) => around.server.receive(connection, item, bytes),
      fromServer: (connection, item) => {
        if (connection === this.#connection) this.#delayed(connection, item);
      },
    };
  }

  get processor(): Processor {
    return this.#hardware.processor;
  }

  get isRunning(): boolean {
    return this.#process !== undefined;
  }

  /** True while the device trains, or something it sent or was sent is on its way. */
  get isBusy(): boolean {
    return this.processor.isBusy || this.#unheard > 0 || this.#connection?.isBusy === true;
  }

  /** True while something other than the run keeps the device from getting on. */
  get isHeldUp(): boolean {
    return this.#process === undefined || this.#paused || this.#severed || this.#connection === undefined;
  }

  get resentBytes(): number {
    return this.#resentBytes + (this.#connection?.resentBytes ?? 0);
  }

  /** A new process starts on the device. */
  start(): void {
    assert(this.#process === undefined, 'one process at a time');
    this.#life += 1;
    this.#process = new WorkerProcess(this.#hardware, this.#around, {
      send: (message) => this.#send(message),
      stopped: () => this.#endProcess(),
    });
    this.#failedAttempts = 0;
    this.#hasModel = false;
    this.#connect();
  }

  /** The process is gone; `silent`: so is whatever would have told the server. */
  crash(silent: boolean): void {
    if (this.#process === undefined) return;
    this.#endProcess();
    this.#paused = false;
    this.processor.setStopped(false);
    const connection = this.#leaveConnection();
    if (connection === undefined) return;
    connection.up.cut();
    connection.down.drop();
    const { timeline, server } = this.#around;
    if (silent || this.#severed) timeline.after(HEARTBEAT.deadAfterMs, () => server.lose(connection, SILENCE));
    else connection.up.send({ kind: 'end', reason: 'the connection was lost', expelled: false }, 0);
  }

  pause(): void {
    if (this.#process === undefined || this.#paused) return;
    this.#paused = true;
    const pause = ++this.#pauses;
    this.processor.setStopped(true);
    const connection = this.#connection;
    this.#around.timeline.after(HEARTBEAT.deadAfterMs, () => {
      if (!this.#paused || pause !== this.#pauses || connection === undefined || !connection.open) return;
      this.#around.server.lose(connection, SILENCE);
      connection.down.send({ kind: 'end', reason: SILENCE, expelled: false }, 0);
    });
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.processor.setStopped(false);
    for (const happened of this.#inbox.splice(0)) happened();
  }

  /** Nothing passes the link any more, until it heals. */
  sever(): void {
    if (this.#severed) return;
    this.#severed = true;
    const severing = ++this.#severings;
    const connection = this.#connection;
    if (connection === undefined) return;
    connection.up.sever();
    connection.down.sever();
    // Both ends send pings, so both know about the same time that the other has fallen silent.
    this.#around.timeline.after(HEARTBEAT.deadAfterMs, () => {
      if (!this.#severed || severing !== this.#severings) return;
      this.#around.server.lose(connection, SILENCE);
      connection.drop();
      if (connection === this.#connection) this.#whenAwake(() => this.#loseConnection());
    });
  }

  heal(): void {
    if (!this.#severed) return;
    this.#severed = false;
    const connection = this.#connection;
    if (connection === undefined) return;
    connection.up.heal();
    connection.down.heal();
  }

  #connect(): void {
    const { timeline, server } = this.#around;
    this.#later(CROSSINGS_TO_CONNECT * this.spec.link.latencyMs, () => {
      if (this.#severed) {
        this.#reconnect();
        return;
      }
      this.#heardMs = 0;
      this.#connection = new Connection(this.spec.name, timeline, this.#routes, this.#hardware.chance, this.#ends);
      server.accept(this.#connection);
    });
  }

  #reconnect(): void {
    const bound = Math.min(LARGEST_BACK_OFF_MS, FIRST_BACK_OFF_MS * 2 ** Math.min(this.#failedAttempts, 30));
    this.#failedAttempts += 1;
    this.#later(uniform(this.#hardware.chance) * bound, () => this.#connect());
  }

  #loseConnection(): void {
    this.#leaveConnection();
    this.#process?.disconnected();
    this.#reconnect();
  }

  #leaveConnection(): Connection | undefined {
    const connection = this.#connection;
    this.#resentBytes += connection?.resentBytes ?? 0;
    this.#connection = undefined;
    return connection;
  }

  #endProcess(): void {
    this.processor.abort();
    this.#process = undefined;
    this.#inbox.length = 0;
    this.#life += 1;
  }

  /** Models and releases are held up; what comes behind one is not heard before it. */
  #delayed(connection: Connection, item: ServerMessage | End): void {
    const { timeline } = this.#around;
    const atMs = Math.max(timeline.nowMs + this.#delayOf(item), this.#heardMs);
    if (atMs <= timeline.nowMs) {
      this.#whenAwake(() => this.#receive(connection, item));
      return;
    }
    this.#heardMs = atMs;
    this.#unheard += 1;
    timeline.at(atMs, () => {
      this.#unheard -= 1;
      if (connection === this.#connection) this.#whenAwake(() => this.#receive(connection, item));
    });
  }

  #delayOf({ kind }: ServerMessage | End): number {
    const { spec, chance } = this.#hardware;
    if (spec.delays === undefined || (kind !== 'model' && kind !== 'release')) return 0;
    const isFirst = kind === 'model' && !this.#hasModel;
    if (isFirst) this.#hasModel = true;
    return drawn(spec.delays[isFirst ? 'start' : kind], chance);
  }

  #receive(connection: Connection, item: ServerMessage | End): void {
    if (connection !== this.#connection) return;
    switch (item.kind) {
      case 'end':
        if (!item.expelled) {
          this.#loseConnection();
          return;
        }
        this.#leaveConnection();
        this.#endProcess();
        return;
      case 'challenge': {
        const { name: worker } = this.spec;
        const secrets = { nonce: SECRET_TEXT, proof: SECRET_TEXT };
        this.#send({ kind: 'hello', protocol: PROTOCOL_VERSION, run: RUN_NAME, worker, ...secrets });
        return;
      }
      case 'welcome':
        this.#failedAttempts = 0;
        this.#process?.receive(item);
        return;
      default:
        this.#process?.receive(item);
    }
  }

  #send(message: WorkerMessage): void {
    if (message.kind === 'rows-wanted' && this.#around.rowsOnDevices) this.#readRows(message.block);
    else this.#connection?.up.send(message, this.#around.wire(message, 'up'));
  }

  /** From the device's own disk, in no time. */
  #readRows(block: number): void {
    const message = this.#around.rows(block);
    const connection = this.#connection; // requests die with their connection, from a disk too
    this.#later(0, () => {
      if (connection === this.#connection) this.#process?.receive(message);
    });
  }

  #later(delayMs: number, action: () => void): void {
    const life = this.#life;
    this.#around.timeline.after(delayMs, () => this.#whenAwake(() => life === this.#life && action()));
  }

  #whenAwake(action: () => void): void {
    if (this.#paused) this.#inbox.push(action);
    else action();
  }
}

const SILENCE = `nothing heard for ${HEARTBEAT.deadAfterMs / 1000} s`;
