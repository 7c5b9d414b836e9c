/**
 * A device in virtual time: its processor, its link, and the worker process on it, which comes, goes
 * and comes back. The process hosts the same worker machine as a real one and behaves as `worker/`
 * does: it reconnects with full jitter, and stays away once it has been expelled.
 */
import { assert, present, unreachable } from '../core/assert.ts';
import type { DeviceSpec } from '../core/cluster.ts';
import { type PrngState, prng, uniform } from '../core/prng.ts';
import { HEARTBEAT } from '../core/protocol/liveness.ts';
import { PROTOCOL_VERSION, type ServerMessage, type WorkerPlan } from '../core/protocol/messages.ts';
import type { Work, Worker, WorkerInput, WorkerOutput } from '../core/worker.ts';
import { Pipe, type Route } from './channel.ts';
import { Connection, type End, type Ends, type Wire } from './connection.ts';
import type { CostModel } from './cost-model.ts';
import type { LocalTrainer } from './learning.ts';
import { Processor } from './processor.ts';
import type { RowSupply } from './row-supply.ts';
import { SECRET_TEXT, type SimulatedServer } from './simulated-server.ts';
import type { Timeline } from './timeline.ts';

export interface DeviceSurroundings {
  timeline: Timeline;
  server: SimulatedServer;
  serverPipes: { up: Pipe; down: Pipe };
  wire: Wire;
  rows: RowSupply;
  run: string;
  plan: WorkerPlan;
  rowsOnDevices: boolean;
  /** The worker machine of a process that starts. */
  newMachine(spec: DeviceSpec): Worker;
  newTrainer(spec: DeviceSpec): LocalTrainer;
}

const FIRST_BACK_OFF_MS = 250;
const LARGEST_BACK_OFF_MS = 20_000;
/** To open a connection, the transport and the upgrade each ask and answer once. */
const CROSSINGS_TO_CONNECT = 4;

export class SimulatedDevice {
  readonly spec: DeviceSpec;
  readonly processor: Processor;
  readonly #around: DeviceSurroundings;
  readonly #cost: CostModel;
  readonly #routes: { up: Route; down: Route };
  readonly #chance: PrngState;
  readonly #ends: Ends;

  #machine: Worker | undefined;
  #trainer: LocalTrainer | undefined;
  #startedMs = 0;
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
  /** Bytes carried more than once on connections that are over. */
  #resentBytes = 0;

  /** `copy` tells devices of the same name apart. */
  constructor(spec: DeviceSpec, cost: CostModel, around: DeviceSurroundings, copy = 0) {
    this.spec = spec;
    this.#cost = cost;
    this.#around = around;
    this.processor = new Processor(around.timeline);
    this.#chance = prng(around.plan.seed, 'device', spec.name, copy);
    const { link } = spec;
    this.#routes = {
      up: { direction: 'up', own: new Pipe(link.upBitsPerSecond), shared: around.serverPipes.up, link },
      down: { direction: 'down', own: new Pipe(link.downBitsPerSecond), shared: around.serverPipes.down, link },
    };
    this.#ends = {
      fromWorker: (connection, item, bytes) => around.server.receive(connection, item, bytes),
      fromServer: (connection, item) => {
        if (connection === this.#connection) this.#whenAwake(() => this.#receive(connection, item));
      },
    };
  }

  get isRunning(): boolean {
    return this.#machine !== undefined;
  }

  /** True while the device trains, or something it sent or was sent is on its way. */
  get isBusy(): boolean {
    return this.processor.isBusy || this.#connection?.isBusy === true;
  }

  /** True while something other than the run keeps the device from getting on. */
  get isHeldUp(): boolean {
    return this.#machine === undefined || this.#paused || this.#severed || this.#connection === undefined;
  }

  get resentBytes(): number {
    return this.#resentBytes + (this.#connection?.resentBytes ?? 0);
  }

  /** A new process starts on the device. */
  start(): void {
    assert(this.#machine === undefined, 'one process at a time');
    this.#life += 1;
    this.#startedMs = this.#around.timeline.nowMs;
    this.#machine = this.#around.newMachine(this.spec);
    this.#trainer = this.#around.newTrainer(this.spec);
    this.#failedAttempts = 0;
    this.#connect();
  }

  /** The process is gone; `silent`: so is whatever would have told the server. */
  crash(silent: boolean): void {
    if (this.#machine === undefined) return;
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
    if (this.#machine === undefined || this.#paused) return;
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
    this.#around.server.flush(connection);
  }

  #connect(): void {
    const { timeline, server } = this.#around;
    this.#later(CROSSINGS_TO_CONNECT * this.spec.link.latencyMs, () => {
      if (this.#severed) {
        this.#reconnect();
        return;
      }
      this.#connection = new Connection(this.spec.name, timeline, this.#routes, this.#chance, this.#ends);
      server.accept(this.#connection);
    });
  }

  #reconnect(): void {
    const bound = Math.min(LARGEST_BACK_OFF_MS, FIRST_BACK_OFF_MS * 2 ** Math.min(this.#failedAttempts, 30));
    this.#failedAttempts += 1;
    this.#later(uniform(this.#chance) * bound, () => this.#connect());
  }

  #loseConnection(): void {
    this.#leaveConnection();
    this.processor.abort(); // what was being trained is for a connection that is gone
    this.#give({ type: 'disconnected', nowMs: this.#nowMs });
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
    this.#machine = undefined;
    this.#trainer = undefined;
    this.#inbox.length = 0;
    this.#life += 1;
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
        const { run } = this.#around;
        const { name: worker } = this.spec;
        this.#send({ kind: 'hello', protocol: PROTOCOL_VERSION, run, worker, nonce: SECRET_TEXT, proof: SECRET_TEXT });
        return;
      }
      case 'welcome':
        this.#failedAttempts = 0;
        this.#give({ type: 'message', nowMs: this.#nowMs, message: item });
        return;
      default:
        this.#give({ type: 'message', nowMs: this.#nowMs, message: item });
    }
  }

  #give(input: WorkerInput): void {
    const machine = present(this.#machine, 'a running process');
    for (const output of machine.handle(input)) this.#perform(output);
  }

  #perform(output: WorkerOutput): void {
    switch (output.type) {
      case 'send':
        if (output.message.kind === 'rows-wanted' && this.#around.rowsOnDevices) this.#readRows(output.message.block);
        else this.#send(output.message);
        return;
      case 'train':
        this.#train(output.work);
        return;
      case 'store-rows':
      case 'forget-rows':
        return; // which rows a worker holds is in its machine; what is in them, the trainer knows
      case 'stopped':
        this.#endProcess();
        return;
      default:
        unreachable(output);
    }
  }

  #send(message: Parameters<Connection['up']['send']>[0]): void {
    if (message.kind === 'end') return;
    this.#connection?.up.send(message, this.#around.wire(message, 'up'));
  }

  /** From the device's own disk, in no time. */
  #readRows(block: number): void {
    const message = this.#around.rows(block);
    const connection = this.#connection; // requests die with their connection, from a disk too
    this.#later(0, () => {
      if (connection === this.#connection) this.#give({ type: 'message', nowMs: this.#nowMs, message });
    });
  }

  #train(work: Work): void {
    const { trainMs, probeMs } = this.#cost.computeTime(work, this.#chance);
    this.processor.start(trainMs + probeMs, (elapsedMs) => {
      const trainer = present(this.#trainer, 'trainer of a running process');
      const computeMs = (elapsedMs * trainMs) / (trainMs + probeMs);
      this.#give({ type: 'trained', nowMs: this.#nowMs, result: { ...trainer(work), computeMs } });
    });
  }

  /** The process's own clock starts with it. */
  get #nowMs(): number {
    return this.#around.timeline.nowMs - this.#startedMs;
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
