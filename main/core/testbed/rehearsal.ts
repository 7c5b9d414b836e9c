/**
 * A policy on its own, in virtual time: its server half and its gates, on workers that take the time
 * they are told to and train nothing. For tests of schedules; `testbed.ts` has the machines around it.
 */
import { assert, present } from '../assert.ts';
import { type OptionValues, resolveOptions } from '../policy/options.ts';
import type {
  Assignment,
  IterationSummary,
  Policy,
  PolicyCommand,
  PolicyEvent,
  PushId,
  WorkerId,
} from '../policy/policy.ts';
import { prng } from '../prng.ts';
import { PROFILE } from './device.ts';

export interface Pace {
  /** Time that one row takes, at a moment of the rehearsal. */
  msPerRow: number | ((nowMs: number) => number);
  /** Time that a message takes each way. */
  linkMs?: number;
  /** What an iteration reports besides; by the worker's clock, from 1. */
  loss?: (clock: number) => number;
  probeLoss?: (clock: number) => number;
  gradientNormSquared?: (clock: number) => number;
}

interface Actor {
  pace: Pace;
  gate: unknown;
  assignment: Assignment | undefined;
  clock: number;
  sequence: number;
  waits: boolean;
  /** Sequence of the newest message that the server has. */
  heard: number;
  last: IterationSummary | undefined;
  collectAsked: boolean;
  startedMs: number;
  /** Versions that were applied when its model left the server. */
  version: number;
}

/** One entry for everything that the policy was told. */
export interface Told {
  nowMs: number;
  event: PolicyEvent;
  commands: PolicyCommand[];
}

export class Rehearsal {
  nowMs = 0;
  state: unknown;
  readonly told: Told[] = [];
  readonly actors = new Map<WorkerId, Actor>();
  /** Local iterations that have begun, in order. */
  readonly starts: { nowMs: number; worker: WorkerId; clock: number; version: number; assignment: Assignment }[] = [];
  /** Undecided pushes. */
  readonly pushes = new Map<PushId, WorkerId>();
  /** Applied pushes with their weights, one list for each version. */
  readonly versions: { push: PushId; weight: number }[][] = [];
  /** Validation loss of the global model, now. */
  lossAt: (nowMs: number) => number = () => 1;
  stopped = false;
  readonly #policy: Policy;
  readonly #options: OptionValues;
  #agenda: { atMs: number; order: number; act: () => void }[] = [];
  #order = 0;
  #wakeOrder = -1;
  #nextPush = 1;

  constructor(
    policy: Policy,
    options: OptionValues = {},
    setup: { batch?: number; trainRows?: number; seed?: number } = {},
  ) {
    const { batch = 8, trainRows = 6400, seed = 1 } = setup;
    this.#policy = policy;
    this.#options = resolveOptions(policy.name, policy.options, options);
    const random = prng(seed, 'policy');
    this.state = policy.start({ options: this.#options, batch, trainRows, rowBytes: 5, random });
  }

  join(worker: WorkerId, pace: Pace): void {
    assert(!this.actors.has(worker), 'a worker joins once');
    this.actors.set(worker, {
      pace,
      gate: this.#policy.startGate(this.#options, prng(1, 'gate', worker)),
      assignment: undefined,
      clock: 0,
      sequence: 0,
      waits: true,
      heard: 0,
      last: undefined,
      collectAsked: false,
      startedMs: 0,
      version: 0,
    });
    this.tell({ type: 'joined', nowMs: this.nowMs, worker, profile: PROFILE });
  }

  leave(worker: WorkerId): void {
    this.actors.delete(worker);
    this.tell({ type: 'left', nowMs: this.nowMs, worker });
    for (const [push, owner] of this.pushes) if (owner === worker) this.pushes.delete(push);
  }

  /** State as a checkpoint has it: read back from its stored form. */
  restart(): void {
    this.state = JSON.parse(JSON.stringify(this.state)) as unknown;
    for (const worker of [...this.actors.keys()]) {
      this.actors.delete(worker);
      this.#policy.step(this.state, { type: 'left', nowMs: this.nowMs, worker });
    }
    this.pushes.clear();
    this.#agenda = [];
  }

  run(untilMs: number, check?: () => void): void {
    for (;;) {
      const next = this.#agenda[0];
      if (next === undefined || next.atMs > untilMs || this.stopped) break;
      this.#agenda.shift();
      this.nowMs = next.atMs;
      next.act();
      check?.();
    }
    this.nowMs = Math.max(this.nowMs, untilMs);
  }

  /** Iterations that a worker has finished. */
  clockOf(worker: WorkerId): number {
    return present(this.actors.get(worker), worker).clock;
  }

  tell(event: PolicyEvent): PolicyCommand[] {
    const commands = this.#policy.step(this.state, event);
    this.told.push({ nowMs: this.nowMs, event, commands });
    for (const command of commands) this.#perform(command);
    return commands;
  }

  #at(atMs: number, act: () => void): number {
    const entry = { atMs, order: this.#order++, act };
    let place = this.#agenda.length;
    while (place > 0 && (this.#agenda[place - 1]?.atMs ?? 0) > atMs) place -= 1;
    this.#agenda.splice(place, 0, entry);
    return entry.order;
  }

  #perform(command: PolicyCommand): void {
    switch (command.type) {
      case 'apply':
        this.versions.push(command.pushes.map(({ push, weight }) => ({ push, weight })));
        for (const { push } of command.pushes) this.#decide(push);
        return;
      case 'drop':
        this.#decide(command.push);
        return;
      case 'release': {
        const answers = present(this.actors.get(command.worker), command.worker).heard;
        const version = this.versions.length;
        this.#toWorker(command.worker, (actor) => {
          if (command.model) actor.version = version;
          if (actor.waits && answers === actor.sequence) this.#start(command.worker, actor);
        });
        return;
      }
      case 'collect':
        this.#toWorker(command.worker, (actor) => this.#collect(command.worker, actor));
        return;
      case 'assign':
        this.#toWorker(command.worker, (actor) => {
          actor.assignment = command.assignment;
        });
        return;
      case 'evaluate': {
        const { subject } = command;
        const version = this.versions.length;
        this.#at(this.nowMs, () => {
          const loss = this.lossAt(this.nowMs);
          this.tell({ type: 'evaluated', nowMs: this.nowMs, subject, version, loss, accuracy: 0 });
        });
        return;
      }
      case 'wake': {
        this.#agenda = this.#agenda.filter(({ order }) => order !== this.#wakeOrder);
        const wake = (): void => void this.tell({ type: 'woke', nowMs: this.nowMs });
        this.#wakeOrder = this.#at(Math.max(command.atMs, this.nowMs), wake);
        return;
      }
      case 'stop':
        this.stopped = true;
        return;
    }
  }

  #decide(push: PushId): void {
    assert(this.pushes.delete(push), `push ${push} is decided once, while its worker is there`);
  }

  #toWorker(worker: WorkerId, act: (actor: Actor) => void): void {
    const actor = present(this.actors.get(worker), `${worker} is there`);
    this.#at(this.nowMs + (actor.pace.linkMs ?? 0), () => {
      if (this.actors.get(worker) === actor) act(actor);
    });
  }

  #toServer(worker: WorkerId, actor: Actor, act: () => void): void {
    const { sequence } = actor;
    this.#at(this.nowMs + (actor.pace.linkMs ?? 0), () => {
      if (this.actors.get(worker) !== actor) return;
      actor.heard = sequence;
      act();
    });
  }

  #start(worker: WorkerId, actor: Actor): void {
    const assignment = present(actor.assignment, 'assignment');
    const { samples, epochs } = assignment;
    const { msPerRow } = actor.pace;
    actor.waits = false;
    actor.startedMs = this.nowMs;
    const { clock, version } = actor;
    this.starts.push({ nowMs: this.nowMs, worker, clock, version, assignment });
    const ms = samples * epochs * (typeof msPerRow === 'number' ? msPerRow : msPerRow(this.nowMs));
    this.#at(this.nowMs + ms, () => {
      if (this.actors.get(worker) === actor) this.#finish(worker, actor, assignment);
    });
  }

  #finish(worker: WorkerId, actor: Actor, { samples, batch, epochs }: Assignment): void {
    const { pace } = actor;
    const clock = ++actor.clock;
    actor.sequence += 1;
    const iteration: IterationSummary = {
      clock,
      steps: epochs * Math.ceil(samples / batch),
      samples: samples * epochs,
      batch,
      loss: pace.loss?.(clock) ?? 1,
      ...(pace.probeLoss && { probeLoss: pace.probeLoss(clock) }),
      ...(pace.gradientNormSquared && { gradientNormSquared: pace.gradientNormSquared(clock) }),
      computeMs: this.nowMs - actor.startedMs,
      waitMs: 0,
    };
    actor.last = iteration;
    const assignment = present(actor.assignment, 'assignment');
    const answer = this.#policy.gate(actor.gate, { nowMs: this.nowMs, iteration, assignment, unanswered: 0 });
    const verdict = actor.collectAsked ? 'push-and-wait' : answer.verdict;
    const waits = verdict === 'flag' || verdict === 'push-and-wait';
    actor.waits = waits;
    if (verdict === 'continue' || verdict === 'flag') {
      const type = verdict === 'flag' ? 'flagged' : 'reported';
      this.#toServer(worker, actor, () => this.tell({ type, nowMs: this.nowMs, worker, iteration }));
    } else {
      this.#push(worker, actor, iteration, waits);
    }
    if (!waits) this.#start(worker, actor);
  }

  #push(worker: WorkerId, actor: Actor, iteration: IterationSummary, waits: boolean): void {
    actor.collectAsked = false;
    this.#toServer(worker, actor, () => {
      const push = this.#nextPush++;
      this.pushes.set(push, worker);
      this.tell({ type: 'pushed', nowMs: this.nowMs, worker, push, staleness: 0, waits, iteration });
    });
  }

  #collect(worker: WorkerId, actor: Actor): void {
    if (!actor.waits || actor.last === undefined) {
      actor.collectAsked = true;
      return;
    }
    actor.sequence += 1;
    this.#push(worker, actor, { ...actor.last, steps: 0, samples: 0, computeMs: 0 }, true);
  }
}
