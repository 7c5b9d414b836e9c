/**
 * One connection between a device and the server: a channel each way, what the server keeps waiting
 * for room on it, and how it ends. Sizes come from a `Wire`, which knows what stands in for what.
 */
import type { Direction } from '../core/accounting.ts';
import type { WorkerId } from '../core/policy/policy.ts';
import type { PrngState } from '../core/prng.ts';
import type { Message, ServerMessage, WorkerMessage } from '../core/protocol/messages.ts';
import { Channel, type Route } from './channel.ts';
import type { Timeline } from './timeline.ts';

/** How many bytes a message is on the wire, framing included. */
export type Wire = (message: Message, direction: Direction) => number;

/** The last thing that one end hears of the other. `expelled`: it shall not come back. */
export interface End {
  kind: 'end';
  reason: string;
  expelled: boolean;
}

export interface Ends {
  fromWorker(connection: Connection, item: WorkerMessage | End, bytes: number): void;
  fromServer(connection: Connection, item: ServerMessage | End, bytes: number): void;
}

export class Connection {
  readonly worker: WorkerId;
  readonly up: Channel<WorkerMessage | End>;
  readonly down: Channel<ServerMessage | End>;
  /** As the server's welcome said; 0 before. */
  incarnation = 0;
  /** False once the server has lost or closed it. */
  open = true;
  /** What the server will send as soon as there is room: the newest model, then blocks of rows. */
  modelWaits = false;
  readonly rowsWait: number[] = [];

  constructor(worker: WorkerId, timeline: Timeline, routes: { up: Route; down: Route }, chance: PrngState, ends: Ends) {
    this.worker = worker;
    this.up = new Channel(timeline, routes.up, chance, (item, bytes) => ends.fromWorker(this, item, bytes));
    this.down = new Channel(timeline, routes.down, chance, (item, bytes) => ends.fromServer(this, item, bytes));
  }

  /** Nothing of it reaches anyone any more. */
  drop(): void {
    this.open = false;
    this.up.drop();
    this.down.drop();
  }

  /** True while something is on its way. */
  get isBusy(): boolean {
    return this.up.inFlight > 0 || this.down.inFlight > 0;
  }

  get resentBytes(): number {
    return this.up.resentBytes + this.down.resentBytes;
  }
}
