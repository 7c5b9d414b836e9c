/**
 * One random schedule from a seed: a cluster, options and encodings, a handful of fault classes that can
 * occur (swarm testing), a while with them and then one without. After every step the invariants of
 * `invariants.ts` hold; when the faults stop, training goes on for everyone who is still there.
 */
import { assert, present } from '../assert.ts';
import { ENCODINGS } from '../compression/encoding.ts';
import { checksum } from '../parameters.ts';
import type { ServerInput } from '../parameter-server.ts';
import type { Policy } from '../policy/policy.ts';
import { below, type PrngState, prng } from '../prng.ts';
import type { WorkerPlan } from '../protocol/messages.ts';
import { atRandom, Testbed } from '../testbed.ts';
import type { Onlooker } from './bounded-run.ts';
import { Digest } from './digest.ts';
import { drawnOptions } from './drawn-options.ts';
import { drawFaults, type Fault, heal, inject } from './faults.ts';
import { Invariants } from './invariants.ts';
import { bucketOf } from './state-bucket.ts';

const FAULTY_STEPS = 150;
const HEALED_ITERATIONS = 5;
const HEALED_STEPS = 20_000;
const WORKERS = ['a', 'b', 'c', 'd', 'e'];

/** What a schedule went through. */
export interface Journey {
  events: number;
  /** Faults that happened, by kind; `restart`: the server died and went on from an older snapshot. */
  faults: Map<Fault | 'restart', number>;
  applied: number;
  /** All that happened and what came of it: the same for the same seed, always. */
  trace: string;
  /** Pairs of a kind of state of the policy and a kind of event, where they are asked for. */
  pairs: Set<string>;
}

export interface ScheduleWatch {
  withPairs?: boolean;
  /** Further rules for a run of this plan, told of every exchange; new ones when the server has died. */
  onlookers?(plan: WorkerPlan): Onlooker[];
}

/** @throws what went wrong, with the seed. */
export function randomSchedule(policy: Policy, seed: number, watch: ScheduleWatch = {}): Journey {
  const chance = prng(seed, 'schedule');
  const faults = drawFaults(chance);
  const restarts = below(chance, 2) === 0;
  try {
    const walk = new Walk(policy, seed, watch);
    walk.faulty(chance, faults, restarts);
    walk.healed(chance);
    return walk.journey();
  } catch (error) {
    const kinds = [...faults, ...(restarts ? ['restart'] : [])].join(', ') || 'none';
    throw new Error(`seed ${seed} of ${policy.name} with faults ${kinds}`, { cause: error });
  }
}

/**
 * The learning rate is too large for all but `sound`: from some moment on, whatever they train on, nothing of theirs is a
 * number. Connections break and come back meanwhile. The run ends as diverged if nobody is sound, and else goes on
 * without the others.
 * @throws what went wrong, with the seed.
 */
export function divergingSchedule(policy: Policy, seed: number, sound: 'nobody' | 'one'): Journey {
  const chance = prng(seed, 'divergence');
  const faults = drawFaults(chance).filter((fault) => fault !== 'poison');
  try {
    const walk = new Walk(policy, seed, {});
    walk.faulty(chance, faults, false);
    walk.diverging(chance, sound);
    return walk.journey();
  } catch (error) {
    throw new Error(`seed ${seed} of ${policy.name}, diverging, with ${sound} sound`, { cause: error });
  }
}

function bedFor(policy: Policy, seed: number): Testbed {
  const chance = prng(seed, 'bed');
  const encoding = (): (typeof ENCODINGS)[number] => ENCODINGS[below(chance, ENCODINGS.length)] ?? 'f32';
  return new Testbed({
    policy,
    seed,
    options: drawnOptions(policy.name, chance) ?? {},
    workers: WORKERS.slice(0, 1 + below(chance, WORKERS.length)),
    batch: 1 + below(chance, 12),
    trainRows: 300 + below(chance, 400),
    momentum: below(chance, 2) * 0.5,
    learningRate: 0.1,
    encoding: encoding(),
    ...(below(chance, 2) === 0 && { encodingDown: encoding() }),
    deferModels: below(chance, 2) === 0,
    msPerRow: (worker) => 1 + WORKERS.indexOf(worker) ** 2,
    config: { evaluateEveryMs: below(chance, 40), joinGraceMs: 30 },
  });
}

class Walk {
  readonly #bed: Testbed;
  readonly #invariants: Invariants;
  readonly #trace = new Digest();
  readonly #faults = new Map<Fault | 'restart', number>();
  readonly #pairs: Set<string> | undefined;
  readonly #watch: ScheduleWatch;
  #onlookers: Onlooker[];
  #events = 0;
  /** Exchanges that onlookers and pairs have seen. */
  #shown = 0;
  #bucket = '';

  constructor(policy: Policy, seed: number, watch: ScheduleWatch) {
    this.#bed = bedFor(policy, seed);
    this.#invariants = new Invariants(this.#bed);
    this.#watch = watch;
    this.#onlookers = watch.onlookers?.(this.#bed.plan) ?? [];
    if (watch.withPairs) this.#pairs = new Set();
    this.#bed.connectAll();
  }

  faulty(chance: PrngState, faults: readonly Fault[], restarts: boolean): void {
    const bed = this.#bed;
    let snapshot = bed.server.snapshot();
    for (let step = 0; step < FAULTY_STEPS && bed.ended === undefined; step++) {
      const fault = faults[below(chance, faults.length + 1)];
      if (fault !== undefined && below(chance, 12) === 0 && inject(bed, fault, chance)) this.#count(fault);
      if (restarts && below(chance, 15) === 0) snapshot = bed.server.snapshot();
      if (restarts && below(chance, 40) === 0) {
        this.#check();
        bed.restartServer(snapshot);
        this.#invariants.restored();
        this.#onlookers = this.#watch.onlookers?.(bed.plan) ?? [];
        this.#shown = 0;
        this.#count('restart');
      }
      if (!this.#step(chance)) bed.connectAll();
    }
    const reason = bed.ended?.reason ?? 'diverged';
    assert(reason === 'diverged', 'a run without a limit does not end');
  }

  healed(chance: PrngState): void {
    const bed = this.#bed;
    if (bed.ended !== undefined) return;
    this.#leaveForGood(chance);
    const behind = this.#iterationsAhead();
    for (let step = 0; behind().length > 0; step++) {
      if (step % 50 === 0) heal(bed);
      if (!this.#step(chance)) {
        heal(bed);
        assert(bed.possible().length > 0 || bed.sleep(), 'L1: something can still happen');
      }
      assert(
        step < HEALED_STEPS,
        `L2, L3: all who can be reached take part again and nobody waits for ever, as ${behind().join(', ')} do`,
      );
    }
  }

  diverging(chance: PrngState, sound: 'nobody' | 'one'): void {
    const bed = this.#bed;
    const healthy = sound === 'one' ? [...bed.devices.keys()][0] : undefined;
    const behind = this.#iterationsAhead();
    const there = (): string[] =>
      [...bed.devices.values()].filter(({ isExpelled }) => !isExpelled).map(({ worker }) => worker);
    const isOver = (): boolean => bed.ended !== undefined || (there().join() === healthy && behind().length === 0);
    for (let step = 0; !isOver(); step++) {
      for (const device of bed.devices.values()) device.diverges = device.worker !== healthy;
      if (step % 50 === 0) heal(bed);
      if (below(chance, 30) === 0 && inject(bed, 'drop', chance)) this.#count('drop');
      if (!this.#step(chance)) {
        heal(bed);
        assert(bed.ended !== undefined || bed.possible().length > 0 || bed.sleep(), 'L1: something can still happen');
      }
      assert(
        step < HEALED_STEPS,
        `C5: who sends no numbers is sent away, the others go on, as ${there().join()} do not`,
      );
    }
    assert(bed.ended?.reason === (healthy === undefined ? 'diverged' : undefined), 'C9: it ended for what happened');
  }

  journey(): Journey {
    this.#trace.add(checksum(this.#bed.server.parameters)).add(this.#bed.server.version).add(this.#bed.wireBytes);
    return {
      events: this.#events,
      faults: this.#faults,
      applied: this.#invariants.counts.applied,
      trace: this.#trace.text,
      pairs: this.#pairs ?? new Set(),
    };
  }

  #step(chance: PrngState): boolean {
    const random = atRandom(chance);
    const happened = this.#bed.step((count, actions) => {
      const choice = random(count, actions);
      this.#trace.add(present(actions[choice], 'chosen action').name);
      return choice;
    });
    if (happened) this.#events += 1;
    this.#check();
    return happened;
  }

  #count(fault: Fault | 'restart'): void {
    this.#faults.set(fault, (this.#faults.get(fault) ?? 0) + 1);
    this.#trace.add(fault);
  }

  #check(): void {
    const { exchanges, server, plan, devices } = this.#bed;
    for (const { input, outputs } of exchanges.slice(this.#shown)) {
      this.#pairs?.add(`${this.#bucket} ${kindOf(input)}`);
      for (const onlooker of this.#onlookers) onlooker.exchange(input, outputs);
    }
    if (this.#pairs && this.#shown < exchanges.length) {
      this.#bucket = `${plan.policy} ${bucketOf(server.snapshot().state.policy, new Set(devices.keys()))}`;
    }
    this.#shown = exchanges.length;
    this.#invariants.check();
  }

  /** Some workers are gone and never come back; at least one stays. */
  #leaveForGood(chance: PrngState): void {
    const bed = this.#bed;
    const [, ...others] = [...bed.devices.keys()].filter((worker) => !bed.device(worker).isExpelled);
    for (const worker of others) {
      if (below(chance, 4) > 0) continue;
      if (bed.connectionOf(worker)) bed.drop(worker);
      bed.devices.delete(worker);
    }
  }

  /** From now on, the workers that have not yet done so many more iterations. (Hermes need not push for ever.) */
  #iterationsAhead(): () => string[] {
    const { records, devices } = this.#bed;
    const counts = new Map<string, number>();
    let seen = records.length;
    return () => {
      for (; seen < records.length; seen++) {
        const record = records[seen];
        if (record?.type === 'iteration') counts.set(record.worker, (counts.get(record.worker) ?? 0) + 1);
      }
      const there = [...devices.values()].filter(({ isExpelled }) => !isExpelled);
      return there.map(({ worker }) => worker).filter((worker) => (counts.get(worker) ?? 0) < HEALED_ITERATIONS);
    };
  }
}

function kindOf(input: ServerInput): string {
  return input.type === 'message' ? input.message.kind : input.type;
}
