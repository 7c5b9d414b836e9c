/**
 * One run in the testbed within small bounds: all that can happen next, faults included, and a key
 * that two runs share when they are in the same state.
 *
 * Every machine is a function of what came in at it and in which order. So two runs are in the same
 * state when each machine took the same inputs in the same order and the same frames are on their way,
 * however inputs at different machines were interleaved. The clock stands still, or no two states would
 * ever be the same.
 */
import { assert } from '../assert.ts';
import type { ServerInput, ServerOutput } from '../parameter-server.ts';
import type { WorkerId } from '../policy/policy.ts';
import { prng } from '../prng.ts';
import { atRandom, type Connection, Testbed, type TestbedSettings } from '../testbed.ts';
import type { Action } from './choice.ts';
import type { Device } from './device.ts';
import { Digest } from './digest.ts';
import { iterationFrames } from './faults.ts';
import { Invariants } from './invariants.ts';

export interface Bounds {
  /** Local iterations of each worker, over all its connections. */
  rounds: number;
  /** Times that a process dies, or that its connection breaks. */
  crashes: number;
  /** Workers that join besides those expected. */
  lateJoins: number;
  /** Pushes, reports and flags that arrive once more than they were sent. */
  duplicates: number;
}

/** Further rules, told of every exchange in order. */
export interface Onlooker {
  exchange(input: ServerInput, outputs: readonly ServerOutput[]): void;
}

const UNBOUNDED_STEPS = 5000;

export class BoundedRun {
  readonly bed: Testbed;
  readonly #bounds: Bounds;
  readonly #left: Bounds;
  readonly #invariants: Invariants;
  readonly #onlookers: readonly Onlooker[];
  readonly #trained = new Map<WorkerId, number>();
  readonly #server = new Digest();
  readonly #devices = new Map<WorkerId, { device: Device; connection: Connection | undefined; digest: Digest }>();
  #exchangesDigested = 0;
  #exchangesShown = 0;

  constructor(settings: TestbedSettings, bounds: Bounds, onlookers: readonly Onlooker[]) {
    this.bed = new Testbed({ ...settings, config: { ...settings.config, evaluateEveryMs: 1e9 } });
    this.#bounds = bounds;
    this.#left = { ...bounds };
    this.#invariants = new Invariants(this.bed);
    this.#onlookers = onlookers;
    this.bed.connectAll();
    this.#digest();
  }

  /** All that can happen next, in an order that depends on the state alone. */
  actions(): Action[] {
    const { bed } = this;
    const actions = bed.possible().filter(({ name }) => !this.#isBeyond(name));
    for (const worker of bed.devices.keys()) {
      if (bed.connectionOf(worker) === undefined) {
        actions.push({ name: `${worker} connects`, perform: () => bed.connect(worker) });
      } else if (this.#left.crashes > 0) {
        actions.push({ name: `${worker} dropped`, perform: () => this.#spend('crashes', () => bed.drop(worker)) });
        actions.push({ name: `${worker} killed`, perform: () => this.#spend('crashes', () => bed.kill(worker)) });
      }
    }
    if (this.#left.lateJoins > 0) actions.push({ name: 'late join', perform: () => this.#joinLate() });
    if (this.#left.duplicates > 0) {
      for (const connection of bed.connections) {
        const [frame] = iterationFrames(connection);
        if (frame === undefined) continue;
        const perform = (): void => this.#spend('duplicates', () => void connection.up.push(frame));
        actions.push({ name: `${connection.worker} twice`, perform });
      }
    }
    return actions;
  }

  perform({ name, perform }: Action): void {
    const { bed } = this;
    const [worker = '', what] = name.split(' ');
    if (what === 'model') this.#server.add(name);
    if (what === 'down') this.#devices.get(worker)?.digest.add(bed.connectionOf(worker)?.down[0] ?? name);
    if (what === 'trained') {
      this.#devices.get(worker)?.digest.add(what);
      this.#trained.set(worker, this.#roundsOf(worker) + 1);
    }
    perform();
    bed.connections = bed.connections.filter(({ open, noticed, up }) => open || !noticed || up.length > 0);
    this.#digest();
  }

  /** Checks all that has happened since the last time. */
  check(): void {
    this.#invariants.check();
    const { exchanges } = this.bed;
    for (; this.#exchangesShown < exchanges.length; this.#exchangesShown++) {
      const exchange = exchanges[this.#exchangesShown];
      if (exchange) for (const onlooker of this.#onlookers) onlooker.exchange(exchange.input, exchange.outputs);
    }
  }

  /** The same for two runs in the same state, and for no others. */
  get key(): string {
    const state = new Digest().add(this.#server.text).add(Object.values(this.#left).join());
    for (const [worker, { digest }] of this.#devices) {
      state.add(worker).add(digest.text).add(this.#roundsOf(worker));
    }
    for (const { worker, incarnation, open, noticed, modelWanted, up, down } of this.bed.connections) {
      state.add(`${worker}/${incarnation}/${open}/${noticed}/${modelWanted}`);
      for (const frame of up) state.add(frame);
      state.add('down');
      for (const frame of down) state.add(frame);
    }
    return state.text;
  }

  /** Without bounds and faults every worker goes on from here. Ends this run. */
  goOn(): void {
    const { bed } = this;
    const before = this.#iterations();
    const hasGoneOn = (): boolean => {
      const now = this.#iterations();
      return [...bed.devices.keys()].every((worker) => (now.get(worker) ?? 0) > (before.get(worker) ?? 0));
    };
    const goesOn = bed.run(atRandom(prng(1, 'unbounded')), hasGoneOn, UNBOUNDED_STEPS);
    assert(goesOn, 'L2: nobody waits for ever');
    this.check();
  }

  #iterations(): Map<WorkerId, number> {
    const counts = new Map<WorkerId, number>();
    for (const record of this.bed.records) {
      if (record.type === 'iteration') counts.set(record.worker, (counts.get(record.worker) ?? 0) + 1);
    }
    return counts;
  }

  #isBeyond(name: string): boolean {
    const [worker = '', what] = name.split(' ');
    return what === 'trained' && this.#roundsOf(worker) >= this.#bounds.rounds;
  }

  #roundsOf(worker: WorkerId): number {
    return this.#trained.get(worker) ?? 0;
  }

  #spend(what: keyof Bounds, action: () => void): void {
    this.#left[what] -= 1;
    action();
  }

  #joinLate(): void {
    this.#spend('lateJoins', () => {
      const worker = `late-${this.#left.lateJoins}`;
      this.bed.addDevice(worker);
      this.bed.connect(worker);
    });
  }

  /** Notes what the machines have taken in since the last time. */
  #digest(): void {
    const { exchanges, devices } = this.bed;
    for (; this.#exchangesDigested < exchanges.length; this.#exchangesDigested++) {
      const input = exchanges[this.#exchangesDigested]?.input;
      const whole = (_key: string, value: unknown): unknown => (value instanceof Uint8Array ? [...value] : value);
      this.#server.add(JSON.stringify(input, whole));
    }
    for (const [worker, device] of devices) {
      const known = this.#devices.get(worker);
      const connection = this.bed.connectionOf(worker);
      if (known?.device !== device) {
        this.#devices.set(worker, { device, connection, digest: new Digest().add(worker) });
      } else if (known.connection !== connection) {
        known.digest.add(connection === undefined ? 'disconnected' : 'connected');
        known.connection = connection;
      }
    }
  }
}
