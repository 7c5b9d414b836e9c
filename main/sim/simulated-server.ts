/**
 * The host of the parameter server in virtual time: what `server/host.ts` does with sockets and
 * timers, done with channels and appointments. One input, then all outputs in order.
 */
import { present, unreachable } from '../core/assert.ts';
import type { EndReason } from '../core/metrics.ts';
import { ParameterServer, type ServerInput, type ServerOutput, type ServerSettings } from '../core/parameter-server.ts';
import type { Vector } from '../core/parameters.ts';
import type { RunEnd } from '../core/run-end.ts';
import type { WorkerId } from '../core/policy/policy.ts';
import { categoryOf, type ServerMessage, type WorkerMessage } from '../core/protocol/messages.ts';
import type { Connection, End, Wire } from './connection.ts';
import type { Judgement } from './learning.ts';
import type { RowSupply } from './row-supply.ts';
import type { Appointment, Timeline } from './timeline.ts';
import type { Watcher } from './watch.ts';

export interface SimulatedServerSettings {
  server: ServerSettings;
  timeline: Timeline;
  wire: Wire;
  rows: RowSupply;
  judge(parameters: Vector): Judgement;
  /** Virtual time that a judgement takes. */
  judgeMs: number;
  watchers: readonly Watcher[];
  onRecord(record: (ServerOutput & { type: 'record' })['record']): void;
}

/** As long as the real ones are: 32 bytes in base64url. */
export const SECRET_TEXT = '0'.repeat(43);

export class SimulatedServer {
  readonly machine: ParameterServer;
  readonly #settings: SimulatedServerSettings;
  /** The newest connection of each worker. */
  readonly #current = new Map<WorkerId, Connection>();
  /** Those that a newer one took the place of, until the machine has closed them. */
  readonly #replaced = new Map<WorkerId, Connection>();
  #wake: Appointment | undefined;
  #wakeMs = Infinity;
  end: RunEnd | undefined;

  constructor(settings: SimulatedServerSettings) {
    this.#settings = settings;
    this.machine = new ParameterServer(settings.server);
  }

  start(): void {
    this.#give({ type: 'woke', nowMs: this.#nowMs });
  }

  stop(reason: EndReason, text: string): void {
    this.#give({ type: 'stop', nowMs: this.#nowMs, reason, text });
  }

  /** A device has opened a connection. */
  accept(connection: Connection): void {
    this.#send(connection, { kind: 'challenge', nonce: SECRET_TEXT });
  }

  receive(connection: Connection, item: WorkerMessage | End, bytes: number): void {
    if (item.kind === 'end') {
      this.lose(connection, item.reason);
      return;
    }
    const { worker } = connection;
    this.machine.ledger.count(worker, categoryOf(item.kind), bytes);
    for (const watcher of this.#settings.watchers) watcher.moved?.(worker, item, bytes);
    const nowMs = this.#nowMs;
    switch (item.kind) {
      case 'hello': {
        const older = this.#current.get(worker);
        if (older) this.#replaced.set(worker, older);
        this.#current.set(worker, connection);
        this.#give({ type: 'connected', nowMs, worker });
        this.#replaced.delete(worker);
        return;
      }
      case 'rows-wanted':
        if (!connection.open) return;
        connection.rowsWait.push(item.block);
        this.flush(connection);
        return;
      default:
        // Also from a connection that was replaced: what was on its way then is for the machine to refuse.
        this.#give({ type: 'message', nowMs, worker, incarnation: connection.incarnation, message: item });
    }
  }

  /** The connection is over, as far as the server can tell. */
  lose(connection: Connection, reason: string): void {
    if (!connection.open) return;
    connection.open = false;
    const { worker, incarnation } = connection;
    if (this.#current.get(worker) !== connection) return;
    this.#current.delete(worker);
    this.#give({ type: 'disconnected', nowMs: this.#nowMs, worker, incarnation, reason });
  }

  /** Sends what waits for room, as far as there is some. */
  flush(connection: Connection): void {
    while (connection.open && (connection.modelWaits || connection.rowsWait.length > 0)) {
      if (!connection.down.isClear) {
        connection.down.whenClear(() => this.flush(connection));
        return;
      }
      if (connection.modelWaits) {
        connection.modelWaits = false;
        this.#send(connection, this.machine.modelMessage(connection.worker));
      } else {
        this.#send(connection, this.#settings.rows(present(connection.rowsWait.shift(), 'block')));
      }
    }
  }

  get #nowMs(): number {
    return this.#settings.timeline.nowMs;
  }

  #give(input: ServerInput): void {
    if (this.end !== undefined) return;
    const { machine } = this;
    const outputs = machine.handle(input);
    for (const watcher of this.#settings.watchers) watcher.exchange?.(input, outputs, machine);
    for (const output of outputs) this.#perform(output);
    this.#stayAwake();
  }

  #perform(output: ServerOutput): void {
    switch (output.type) {
      case 'send': {
        const connection = this.#current.get(output.worker);
        if (connection === undefined) return;
        if (output.message.kind === 'welcome') connection.incarnation = output.message.incarnation;
        this.#send(connection, output.message);
        return;
      }
      case 'send-model': {
        const connection = this.#current.get(output.worker);
        if (connection === undefined) return;
        connection.modelWaits = true;
        this.flush(connection);
        return;
      }
      case 'close':
        this.#expel(output.worker, output.incarnation, output.reason);
        return;
      case 'evaluate':
        this.#settings.timeline.after(this.#settings.judgeMs, () => {
          if (this.end !== undefined) return;
          const judgement = this.#settings.judge(output.parameters);
          this.#give({ type: 'evaluated', nowMs: this.#nowMs, ticket: output.ticket, ...judgement });
        });
        return;
      case 'record':
        this.#settings.onRecord(output.record);
        return;
      case 'ended':
        this.end = { reason: output.reason, text: output.text };
        return;
      default:
        unreachable(output);
    }
  }

  /** The machine has lost this connection itself: the host only has to close it. */
  #expel(worker: WorkerId, incarnation: number, reason: string): void {
    const both = [this.#current.get(worker), this.#replaced.get(worker)];
    const connection = both.find((one) => one?.incarnation === incarnation);
    if (connection === undefined) return;
    connection.open = false;
    if (this.#current.get(worker) === connection) this.#current.delete(worker);
    connection.down.send({ kind: 'end', reason, expelled: true }, 0);
  }

  #send(connection: Connection, message: ServerMessage): void {
    const bytes = this.#settings.wire(message, 'down');
    this.machine.ledger.count(connection.worker, categoryOf(message.kind), bytes);
    for (const watcher of this.#settings.watchers) watcher.moved?.(connection.worker, message, bytes);
    connection.down.send(message, bytes);
  }

  #stayAwake(): void {
    const wakeAtMs = this.end === undefined ? this.machine.wakeAtMs : Infinity;
    if (wakeAtMs >= this.#wakeMs) return; // an earlier call is on its way, and will look again
    this.#settings.timeline.cancel(this.#wake);
    this.#wakeMs = wakeAtMs;
    this.#wake = this.#settings.timeline.at(wakeAtMs, () => {
      this.#wakeMs = Infinity;
      if (this.#nowMs >= this.machine.wakeAtMs) this.#give({ type: 'woke', nowMs: this.#nowMs });
      else this.#stayAwake();
    });
  }
}
