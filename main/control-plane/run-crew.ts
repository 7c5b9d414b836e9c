/**
 * The workers of a run under way: starts their agents, says why one failed, adds and drops some, and
 * ends them all. Who takes part is the server's to know; this is about their programs.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { present } from '../core/assert.ts';
import { CaduceusError, reportError } from '../core/errors.ts';
import type { WorkerId } from '../core/policy/policy.ts';
import type { Launched } from '../provision/launcher.ts';
import type { HostInput } from '../server/host-settings.ts';
import type { RunDoors } from './run-doors.ts';
import type { RunWorker } from './run-workers.ts';

/** What the incident of an agent's unexpected end quotes of its log. */
const QUOTED_LINES = 3;
/** An agent may still be on its way out when its connection is gone. */
const EXIT_GRACE_MS = 3000;

interface CrewParts {
  run: string;
  batch: number;
  /** To the server. */
  handle(input: HostInput): void;
  /** Puts on record that a worker's program failed. */
  failed(worker: WorkerId, text: string): void;
}

interface Hand {
  worker: RunWorker;
  token: string;
  launched?: Launched;
  /** Told to go, or the run is over: its end is no failure. */
  isDismissed: boolean;
  /** By the user: it is no part of the run any more. */
  isDropped: boolean;
}

export class RunCrew {
  readonly #parts: CrewParts;
  readonly #hands = new Map<WorkerId, Hand>();
  /** Everything that is being started or ended. */
  readonly #busy = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();

  constructor(workers: readonly RunWorker[], parts: CrewParts) {
    this.#parts = parts;
    for (const worker of workers) this.#hire(worker);
  }

  get tokens(): ReadonlyMap<WorkerId, string> {
    return new Map([...this.#hands].map(([name, { token }]) => [name, token]));
  }

  get names(): ReadonlySet<WorkerId> {
    return new Set(this.#hands.keys());
  }

  /** All but those that the user dropped. */
  get workers(): RunWorker[] {
    return [...this.#hands.values()].filter(({ isDropped }) => !isDropped).map(({ worker }) => worker);
  }

  isElsewhere(worker: WorkerId): boolean {
    return this.#hands.get(worker)?.worker.device !== undefined;
  }

  /** Resolves when the first agent is up. Of the others one that fails is on record. @throws when none could be started */
  async launchAll(doors: RunDoors): Promise<void> {
    const hands = [...this.#hands.values()];
    const launches = hands.map((hand) => this.#launch(hand, doors));
    for (const [index, launch] of launches.entries()) {
      launch.catch((error: unknown) => this.#giveUp(present(hands[index], 'worker'), error));
    }
    try {
      await Promise.any(launches);
    } catch (error) {
      throw error instanceof AggregateError ? error.errors[0] : error;
    }
  }

  /** One more, while the run goes on. @throws CAD-CONFIG, CAD-WORKER-START and what its launcher throws */
  async add(worker: RunWorker, doors: RunDoors): Promise<void> {
    if (this.#hands.has(worker.name)) {
      throw new CaduceusError('CAD-CONFIG', `${worker.name} takes part in this run already`, 'Choose another worker.');
    }
    const hand = this.#hire(worker);
    this.#parts.handle({ type: 'enlist', worker: worker.name, token: hand.token });
    try {
      await this.#launch(hand, doors);
    } catch (error) {
      this.#giveUp(hand, error);
      throw error;
    }
  }

  /** It goes as soon as nothing that it pushed is undecided. @throws CAD-CONFIG when there is no such worker */
  drop(name: WorkerId): void {
    const hand = this.#hands.get(name);
    if (hand === undefined) {
      const known = [...this.#hands.keys()].join(', ');
      throw new CaduceusError('CAD-CONFIG', `no worker of this run is called ${name}`, `Its workers: ${known}.`);
    }
    hand.isDismissed = true;
    hand.isDropped = true;
    this.#parts.handle({ type: 'dismiss', worker: name, text: 'Dropped by the user' });
  }

  /** The server has let a worker go that was told to: its program ends, and its name is free. */
  gone(name: WorkerId): void {
    const hand = this.#hands.get(name);
    if (hand?.isDismissed !== true) return;
    this.#hands.delete(name);
    if (hand.launched) void this.#keepBusy(stopSoon(hand.launched));
  }

  /** Ends everything; resolves when it has ended. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const hand of this.#hands.values()) {
      hand.isDismissed = true;
      if (hand.launched) void this.#keepBusy(stopSoon(hand.launched));
    }
    while (this.#busy.size > 0) await Promise.allSettled(this.#busy);
  }

  #hire(worker: RunWorker): Hand {
    const hand = { worker, token: randomBytes(32).toString('base64url'), isDismissed: false, isDropped: false };
    this.#hands.set(worker.name, hand);
    return hand;
  }

  #launch(hand: Hand, doors: RunDoors): Promise<void> {
    return this.#keepBusy(this.#start(hand, doors));
  }

  async #start(hand: Hand, doors: RunDoors): Promise<void> {
    const { name, launcher, engine, speed, device } = hand.worker;
    const loopback = await doors.loopback();
    const { url, certificate } = device ? await doors.towards(device) : loopback;
    const { run, batch } = this.#parts;
    const launched = await launcher.launch({
      ticket: {
        ...{ url, run, worker: name, token: hand.token, batch },
        ...(certificate !== undefined && { certificate }),
        ...(engine && { engine }),
      },
      signal: this.#closing.signal,
      ...(speed !== undefined && { speed }),
      ...(device && { loopback: { host: loopback.host, port: loopback.port } }),
    });
    hand.launched = launched;
    // Dropped, or the run ended, while it was starting.
    if (hand.isDismissed) void this.#keepBusy(stopSoon(launched));
    else void this.#watch(hand, launched);
  }

  /** Says why an agent ended while the run was going on. */
  async #watch(hand: Hand, launched: Launched): Promise<void> {
    const { code, signal } = await launched.exited;
    if (hand.isDismissed) return;
    const how = signal === null ? `exit code ${code}` : signal;
    const lines = launched.lastLines().slice(-QUOTED_LINES);
    this.#parts.failed(
      launched.worker,
      `the process of ${launched.worker} ended (${how})${lines.length > 0 ? `; the last it said: ${lines.join(' | ')}` : ''}`,
    );
  }

  /** A worker that could not be started is not waited for. */
  #giveUp(hand: Hand, error: unknown): void {
    if (hand.isDismissed) return;
    const { name } = hand.worker;
    const { message, remedy } = reportError(error);
    this.#parts.failed(name, `It could not be started: ${message}. ${remedy}`);
    hand.isDismissed = true;
    this.#parts.handle({ type: 'dismiss', worker: name, text: 'It could not be started' });
  }

  /** The run does not end before this has. */
  #keepBusy(work: Promise<void>): Promise<void> {
    const entry: Promise<unknown> = work.catch(() => undefined).finally(() => this.#busy.delete(entry));
    this.#busy.add(entry);
    return work;
  }
}

/** An agent that was told of the end goes by itself. */
async function stopSoon(launched: Launched): Promise<void> {
  await Promise.race([launched.exited, sleep(EXIT_GRACE_MS, undefined, { ref: false })]);
  await launched.stop();
}
