/**
 * One parameter server and its workers in one process, for tests: a network whose every choice (whose
 * frame arrives next, whose training ends next) is made by the caller, devices that really train a
 * tiny model, a virtual clock, and faults. Every message crosses it as encoded bytes.
 *
 * Frames keep their order within a connection, as on a socket; across connections any order can
 * happen. A frame already on its way may still arrive when its connection is gone.
 */
import { framingBytes, type Direction } from './accounting.ts';
import { assert, present } from './assert.ts';
import type { RunRecord } from './metrics.ts';
import { initialParameters } from './model.ts';
import { ParameterServer, type ServerInput, type ServerOutput, type ServerSnapshot } from './parameter-server.ts';
import type { Vector } from './parameters.ts';
import type { WorkerId } from './policy/policy.ts';
import { decodeFromServer, decodeFromWorker, encodeMessage } from './protocol/codec.ts';
import { categoryOf, type Message, type WorkerPlan } from './protocol/messages.ts';
import type { Action, Choice, Connection } from './testbed/choice.ts';
import { Device } from './testbed/device.ts';
import { judge, Problem, TINY_MODEL } from './testbed/problem.ts';
import { planFor, type ServerConfig, type TestbedSettings } from './testbed/settings.ts';

export type { TestbedSettings } from './testbed/settings.ts';
export { atRandom, type Choice, type Connection, inTurn } from './testbed/choice.ts';

export class Testbed {
  readonly settings: TestbedSettings;
  readonly plan: WorkerPlan;
  readonly problem: Problem;
  readonly initial: Vector;
  readonly config: ServerConfig;
  server: ParameterServer;
  readonly devices = new Map<WorkerId, Device>();
  connections: Connection[] = [];
  nowMs = 0;
  readonly records: RunRecord[] = [];
  /** Every input the present server took with what it answered, oldest first. */
  readonly exchanges: { input: ServerInput; outputs: readonly ServerOutput[] }[] = [];
  /** Bytes of frames that crossed the wire, counted apart from the server's own books. */
  wireBytes = 0;
  ended: (ServerOutput & { type: 'ended' }) | undefined;
  readonly #judging: { ticket: number; parameters: Vector }[] = [];

  constructor(settings: TestbedSettings) {
    const { seed = 1, validationRows = 60 } = settings;
    this.settings = settings;
    this.plan = planFor(settings);
    this.problem = new Problem(seed, this.plan.trainRows + this.plan.probeRows + validationRows);
    this.initial = initialParameters(TINY_MODEL, seed);
    this.config = {
      stop: { maxSeconds: 1e6 },
      evaluateEveryMs: 20,
      joinGraceMs: 1000,
      lostGraceMs: 1e6,
      ...settings.config,
    };
    this.server = this.#startServer();
    for (const worker of settings.workers) this.addDevice(worker);
  }

  #startServer(from?: ServerSnapshot): ParameterServer {
    const { policy, workers, batch = 8 } = this.settings;
    const { plan, initial, config } = this;
    return new ParameterServer({ policy, plan, workers, batch, initial, config }, from);
  }

  /** Adds a worker that is not connected yet. */
  addDevice(worker: WorkerId): Device {
    const device = new Device(worker, this.settings.policy, this.settings.msPerRow?.(worker) ?? 1);
    this.devices.set(worker, device);
    return device;
  }

  device(worker: WorkerId): Device {
    return present(this.devices.get(worker), `device ${worker}`);
  }

  /** The connection that a worker uses now. */
  connectionOf(worker: WorkerId): Connection | undefined {
    return this.connections.findLast((connection) => connection.worker === worker && connection.open);
  }

  /** A worker has authenticated on a new connection. */
  connect(worker: WorkerId): void {
    assert(this.connectionOf(worker) === undefined, 'a worker uses one connection at a time');
    assert(!this.device(worker).isExpelled, 'a worker that was sent away stays away');
    this.connections.push({
      worker,
      incarnation: 0,
      up: [],
      down: [],
      modelWanted: false,
      open: true,
      noticed: false,
    });
    this.give({ type: 'connected', nowMs: this.nowMs, worker });
  }

  connectAll(): void {
    for (const [worker, { isExpelled }] of this.devices) {
      if (!isExpelled && this.connectionOf(worker) === undefined) this.connect(worker);
    }
  }

  /** The network between a worker and the server breaks. The server learns of it later. */
  drop(worker: WorkerId): void {
    const connection = present(this.connectionOf(worker), `connection of ${worker}`);
    connection.open = false;
    connection.down = [];
    connection.modelWanted = false;
    this.device(worker).give({ type: 'disconnected', nowMs: this.nowMs });
  }

  /** The worker's process dies; another starts in its place, with nothing of what it had. */
  kill(worker: WorkerId): void {
    if (this.connectionOf(worker)) this.drop(worker);
    this.addDevice(worker);
  }

  /** The server's process dies; another goes on from a snapshot, read back from its stored form. */
  restartServer(from: ServerSnapshot): void {
    for (const { worker } of this.connections.filter(({ open }) => open)) this.drop(worker);
    this.connections = [];
    // Whoever lets a run go on starts its workers anew.
    for (const [worker, { isExpelled }] of this.devices) if (isExpelled) this.addDevice(worker);
    this.#judging.length = 0;
    this.exchanges.length = 0;
    const state = JSON.parse(JSON.stringify(from.state)) as ServerSnapshot['state'];
    this.server = this.#startServer({ state, vectors: from.vectors });
  }

  /** One input for the server, and all that follows from it at once. */
  give(input: ServerInput): readonly ServerOutput[] {
    const outputs = this.server.handle(input);
    this.exchanges.push({ input, outputs });
    for (const output of outputs) this.#perform(output);
    return outputs;
  }

  #perform(output: ServerOutput): void {
    switch (output.type) {
      case 'send': {
        const { worker, message } = output;
        const connection = this.connections.findLast((candidate) => candidate.worker === worker);
        if (connection === undefined) return;
        if (message.kind === 'welcome') connection.incarnation = message.incarnation;
        this.#sendDown(connection, message);
        return;
      }
      case 'send-model': {
        const connection = this.connectionOf(output.worker);
        if (connection === undefined) return;
        if (this.settings.deferModels) connection.modelWanted = true;
        else this.#sendDown(connection, this.server.modelMessage(output.worker));
        return;
      }
      case 'close': {
        const { worker, incarnation } = output;
        const connection = this.connections.find((one) => one.worker === worker && one.incarnation === incarnation);
        if (connection === undefined) return;
        connection.noticed = true;
        if (!connection.open) return;
        this.drop(worker);
        this.device(worker).isExpelled = true;
        return;
      }
      case 'evaluate':
        this.#judging.push(output);
        return;
      case 'record':
        this.records.push(output.record);
        return;
      case 'ended':
        this.ended = output;
        return;
    }
  }

  #sendDown(connection: Connection, message: Message): void {
    if (connection.open) connection.down.push(this.#onWire(connection.worker, message, 'down'));
  }

  #onWire(worker: WorkerId, message: Message, direction: Direction): Uint8Array {
    const frame = encodeMessage(message);
    const bytes = frame.length + framingBytes(frame.length, direction);
    this.wireBytes += bytes;
    this.server.ledger.count(worker, categoryOf(message.kind), bytes);
    return frame;
  }

  /** All that can happen now, in a fixed order. */
  possible(): Action[] {
    const actions: Action[] = [];
    for (const connection of this.connections) {
      const { worker, up, down, modelWanted, open, noticed } = connection;
      if (up.length > 0) actions.push({ name: `${worker} up`, perform: () => this.#deliverUp(connection) });
      if (down.length > 0) actions.push({ name: `${worker} down`, perform: () => this.#deliverDown(connection) });
      if (modelWanted) actions.push({ name: `${worker} model`, perform: () => this.#flushModel(connection) });
      if (!open && !noticed) actions.push({ name: `${worker} lost`, perform: () => this.#notice(connection) });
    }
    for (const device of this.devices.values()) {
      const { work } = device;
      if (work)
        actions.push({
          name: `${device.worker} trained`,
          perform: () => this.#sendUp(device, device.finish(this.nowMs)),
        });
    }
    for (const one of this.#judging) actions.push({ name: `judged ${one.ticket}`, perform: () => this.#judge(one) });
    return actions;
  }

  /** One thing happens. False when nothing can, but for the passing of time. */
  step(choice: Choice): boolean {
    const actions = this.possible();
    if (actions.length === 0) return false;
    this.nowMs += 1;
    present(actions[choice(actions.length, actions)], 'chosen action').perform();
    this.connections = this.connections.filter(({ open, noticed, up }) => open || !noticed || up.length > 0);
    if (this.nowMs >= this.server.wakeAtMs) this.give({ type: 'woke', nowMs: this.nowMs });
    return true;
  }

  /** Lets time pass until the server wants to be woken. False when it never does. */
  sleep(): boolean {
    if (this.server.wakeAtMs === Infinity) return false;
    this.nowMs = Math.max(this.nowMs, Math.ceil(this.server.wakeAtMs));
    this.give({ type: 'woke', nowMs: this.nowMs });
    return true;
  }

  /** Goes on until something holds, the run ends, or `limit` things have happened; true if it came to hold. */
  run(choice: Choice, until: () => boolean, limit = 10_000): boolean {
    for (let steps = 0; steps < limit && !until() && this.ended === undefined; steps++) {
      if (!this.step(choice) && !this.sleep()) break;
    }
    return until();
  }

  #deliverUp(connection: Connection): void {
    const { worker, incarnation } = connection;
    const message = decodeFromWorker(present(connection.up.shift(), 'frame'));
    if (message.kind !== 'rows-wanted') {
      this.give({ type: 'message', nowMs: this.nowMs, worker, incarnation, message });
      return;
    }
    const { block } = message;
    // What is asked for on an older connection is answered by nobody.
    const isCurrent = this.connectionOf(worker) === connection;
    assert(!isCurrent || this.server.mayHave(worker, block), `${worker} asks for rows of its own, not block ${block}`);
    const rows = this.problem.block(block, this.plan.trainRows + this.plan.probeRows);
    this.#sendDown(connection, { kind: 'rows', block, ...rows });
  }

  #deliverDown(connection: Connection): void {
    const device = this.device(connection.worker);
    const message = decodeFromServer(present(connection.down.shift(), 'frame'));
    this.#sendUp(device, device.give({ type: 'message', nowMs: this.nowMs, message }));
  }

  #sendUp(device: Device, messages: readonly Message[]): void {
    const connection = this.connectionOf(device.worker);
    for (const message of messages) connection?.up.push(this.#onWire(device.worker, message, 'up'));
  }

  #flushModel(connection: Connection): void {
    connection.modelWanted = false;
    this.#sendDown(connection, this.server.modelMessage(connection.worker));
  }

  #notice(connection: Connection): void {
    connection.noticed = true;
    const { worker, incarnation } = connection;
    this.give({ type: 'disconnected', nowMs: this.nowMs, worker, incarnation, reason: 'the connection broke' });
  }

  #judge(one: { ticket: number; parameters: Vector }): void {
    this.#judging.splice(this.#judging.indexOf(one), 1);
    const { trainRows, probeRows } = this.plan;
    const rows = this.problem.rows.slice(trainRows + probeRows);
    const { ticket, parameters } = one;
    this.give({ type: 'evaluated', nowMs: this.nowMs, ticket, rows: rows.length, ...judge(parameters, rows) });
  }
}
