/** SSP: its rules, S1 to S4, as scenarios and over random speeds, joins and losses. */
import { describe, expect, it } from 'vitest';
import { below, prng, type PrngState } from '../prng.ts';
import { atRandom, Testbed } from '../testbed.ts';
import { playPolicy, tidy, type ScriptSetup } from '../testbed/policy-script.ts';
import { Rehearsal } from '../testbed/rehearsal.ts';
import { asp } from './asp.ts';
import { bsp } from './bsp.ts';
import type { OptionValues } from './options.ts';
import type { Policy } from './policy.ts';
import { ssp } from './ssp.ts';

const holds = (script: string, setup?: ScriptSetup): void =>
  expect(playPolicy(ssp, script, { ...setup, options: { 'round-scaling': false, ...setup?.options } })).toBe(
    tidy(script),
  );

describe('the lease', () => {
  it('lets a worker go s + 1 iterations without a word, then asks; the slowest one’s step lets it go on', () => {
    holds(
      `
      joined a
        assign a 16 rows / 16 x 1, untilClock 2: joined
        release a model
      joined b
        assign b 16 rows / 16 x 1, untilClock 2: joined
        release b model
      pushed a #1 goes-on
        apply #1*1
      pushed a #2
        apply #2*1
      # a is at clock 2, b at 0: with s = 1 it is too far ahead.
      pushed b #3 goes-on
        apply #3*1
        assign a 16 rows / 16 x 1, untilClock 3: the slowest caught up
        release a model
      pushed b #4
        apply #4*1
        assign b 16 rows / 16 x 1, untilClock 4: within the bound
        release b model
    `,
      { options: { staleness: 1 } },
    );
  });

  it('with s = 0 is BSP’s barrier', () => {
    holds(
      `
      joined a
        assign a 16 rows / 16 x 1, untilClock 1: joined
        release a model
      joined b
        assign b 16 rows / 16 x 1, untilClock 1: joined
        release b model
      pushed a #1
        apply #1*0.5
      pushed b #2
        apply #2*0.5
        assign a 16 rows / 16 x 1, untilClock 2: the slowest caught up
        release a model
        assign b 16 rows / 16 x 1, untilClock 2: within the bound
        release b model
    `,
      { options: { staleness: 0, 'round-scaling': true } },
    );
  });

  it('is renewed with a model at every push where models are always pulled', () => {
    holds(
      `
      joined a
        assign a 16 rows / 16 x 1, untilClock 4: joined
        release a model
      pushed a #1 goes-on
        apply #1*1
        assign a 16 rows / 16 x 1, untilClock 5: within the bound
        release a model
    `,
      { options: { staleness: 3, pull: 'always' } },
    );
  });

  it('of a joiner starts at the slowest clock, and counts from its own 0 (S3)', () => {
    holds(
      `
      joined a
        assign a 16 rows / 16 x 1, untilClock 2: joined
        release a model
      pushed a #1 goes-on
        apply #1*1
      pushed a #2
        apply #2*1
        assign a 16 rows / 16 x 1, untilClock 4: within the bound
        release a model
      joined b
        assign b 16 rows / 16 x 1, untilClock 2: joined
        release b model
      pushed a #3 goes-on
        apply #3*1
      pushed a #4
        apply #4*1
      left b
        assign a 16 rows / 16 x 1, untilClock 6: the slowest caught up
        release a model
    `,
      { options: { staleness: 1 } },
    );
  });

  it('a refused push counts as an empty one, and a worker that waits out of turn is answered', () => {
    holds(
      `
      joined a
        assign a 16 rows / 16 x 1, untilClock 4: joined
        release a model
      joined b
        assign b 16 rows / 16 x 1, untilClock 4: joined
        release b model
      refused a
        assign a 16 rows / 16 x 1, untilClock 4: within the bound
        release a model
      pushed a #1
        apply #1*1
        assign a 16 rows / 16 x 1, untilClock 4: within the bound
        release a model
    `,
      { options: { staleness: 3 } },
    );
  });
});

/** The clocks that the rule is about, kept apart from the policy: who finished how much since when. */
class Clocks {
  readonly #start = new Map<string, number>();
  readonly #done = new Map<string, number>();
  #minimum = 0;

  follow(rehearsal: Rehearsal, from: number): number {
    for (const { event } of rehearsal.told.slice(from)) {
      if (event.type === 'joined') {
        this.#start.set(event.worker, this.#minimum);
        this.#done.set(event.worker, 0);
      } else if (event.type === 'left') {
        this.#start.delete(event.worker);
        this.#done.delete(event.worker);
      } else if (event.type === 'pushed') {
        this.#done.set(event.worker, (this.#done.get(event.worker) ?? 0) + 1);
      }
      const clocks = [...this.#done].map(([worker, done]) => (this.#start.get(worker) ?? 0) + done);
      if (clocks.length === 0) continue;
      expect(Math.min(...clocks)).toBeGreaterThanOrEqual(this.#minimum); // S3
      this.#minimum = Math.min(...clocks);
    }
    return rehearsal.told.length;
  }

  /** Of the iteration that a worker is about to start; what the server may not know of is in flight. */
  of(worker: string, local: number): number {
    return (this.#start.get(worker) ?? 0) + local;
  }

  get minimum(): number {
    return this.#minimum;
  }
}

describe.each(['stale', 'always'])('under random speeds, joins and losses, pulling %s', (pull) => {
  it('nobody starts an iteration more than s ahead of the slowest (S1), and nobody stands still (L2)', () => {
    for (let seed = 0; seed < 30; seed++) {
      const chance = prng(seed, 'ssp');
      const staleness = below(chance, 5);
      const rehearsal = new Rehearsal(ssp, { staleness, pull });
      const clocks = new Clocks();
      let [told, starts, joined] = [0, 0, 0];
      const join = (): void => rehearsal.join(`w${joined++}`, pace(chance));
      for (let worker = 0; worker < 2 + below(chance, 4); worker++) join();
      const check = (): void => {
        told = clocks.follow(rehearsal, told);
        for (const { worker, clock } of rehearsal.starts.slice(starts)) {
          expect(clocks.of(worker, clock) - clocks.minimum).toBeLessThanOrEqual(staleness);
        }
        starts = rehearsal.starts.length;
      };
      for (let phase = 0; phase < 12; phase++) {
        rehearsal.run(rehearsal.nowMs + 500, check);
        const workers = [...rehearsal.actors.keys()];
        if (below(chance, 2) === 0) join();
        else if (workers.length > 1) rehearsal.leave(workers[below(chance, workers.length)] ?? '');
        check();
      }
      const before = new Map([...rehearsal.actors.keys()].map((worker) => [worker, rehearsal.clockOf(worker)]));
      rehearsal.run(rehearsal.nowMs + 5000, check);
      for (const [worker, clock] of before) expect(rehearsal.clockOf(worker)).toBeGreaterThan(clock);
    }
  });

  it('a model that a worker starts on holds every update of clock ≤ c − s − 1 (S2)', () => {
    for (let seed = 0; seed < 20; seed++) {
      const chance = prng(seed, 'read rule');
      const staleness = below(chance, 4);
      const rehearsal = new Rehearsal(ssp, { staleness, pull });
      const workers = ['a', 'b', 'c', 'd'].slice(0, 2 + below(chance, 3));
      for (const worker of workers) rehearsal.join(worker, pace(chance));
      rehearsal.run(4000);
      const pushers = rehearsal.told.flatMap(({ event }) => (event.type === 'pushed' ? [event.worker] : []));
      for (const { worker, clock, version } of rehearsal.starts) {
        for (const other of workers.filter((name) => name !== worker)) {
          const seen = pushers.slice(0, version).filter((name) => name === other).length;
          // Updates have clocks 0, 1, …: those up to c − s − 1 are c − s in number.
          expect(seen).toBeGreaterThanOrEqual(clock - staleness);
        }
      }
    }
  });
});

it('the bound holds with the machines and the wire around it, models sent late or at once', () => {
  for (let seed = 0; seed < 20; seed++) {
    const chance = prng(seed, 'machines');
    const staleness = below(chance, 4);
    const bed = new Testbed({
      policy: ssp,
      workers: ['a', 'b', 'c'],
      options: { staleness, pull: below(chance, 2) === 0 ? 'stale' : 'always' },
      deferModels: below(chance, 2) === 0,
    });
    bed.connectAll();
    const begun = new Map<string, number>();
    const accepted = new Map(['a', 'b', 'c'].map((worker) => [worker, 0]));
    let [furthest, read] = [0, 0];
    for (let step = 0; step < 400; step++) {
      bed.step(atRandom(chance));
      for (; read < bed.records.length; read++) {
        const record = bed.records[read];
        if (record?.type === 'iteration') accepted.set(record.worker, (accepted.get(record.worker) ?? 0) + 1);
      }
      const minimum = Math.min(...accepted.values());
      for (const worker of ['a', 'b', 'c']) {
        const { work } = bed.device(worker);
        if (work === undefined || begun.get(worker) === work.id) continue;
        begun.set(worker, work.id);
        // The first work is of clock 0.
        expect(work.id - 1 - minimum).toBeLessThanOrEqual(staleness);
        furthest = Math.max(furthest, work.id - 1 - minimum);
      }
    }
    expect(furthest).toBe(staleness); // and is made use of
  }
});

describe('degenerate cases (S4)', () => {
  const starts = (policy: Policy, options: OptionValues, seed: number): string[] => {
    const chance = prng(seed, 'degenerate');
    const rehearsal = new Rehearsal(policy, options);
    for (const worker of ['a', 'b', 'c']) rehearsal.join(worker, pace(chance));
    rehearsal.run(5000);
    return rehearsal.starts.map(({ nowMs, worker, clock }) => `${nowMs} ${worker} ${clock}`).sort();
  };

  it('SSP(0) starts every iteration when BSP does', () => {
    for (let seed = 0; seed < 20; seed++) {
      expect(starts(ssp, { staleness: 0 }, seed)).toEqual(starts(bsp, {}, seed));
    }
  });

  it('SSP(∞) never lets anyone wait: everyone does as many iterations as alone, no fewer than under ASP', () => {
    for (let seed = 0; seed < 20; seed++) {
      const chance = prng(seed, 'degenerate');
      const paces = ['a', 'b', 'c'].map((worker) => ({ worker, pace: pace(chance) }));
      const run = (policy: Policy, options: OptionValues): Rehearsal => {
        const rehearsal = new Rehearsal(policy, options);
        for (const one of paces) rehearsal.join(one.worker, one.pace);
        rehearsal.run(5000);
        return rehearsal;
      };
      const [unbounded, reference] = [run(ssp, { staleness: 1_000_000, pull: 'always' }), run(asp, {})];
      for (const {
        worker,
        pace: { msPerRow, linkMs },
      } of paces) {
        const alone = Math.floor((5000 - linkMs) / (8 * msPerRow));
        expect(unbounded.clockOf(worker)).toBe(alone);
        expect(unbounded.clockOf(worker)).toBeGreaterThanOrEqual(reference.clockOf(worker));
      }
    }
  });
});

it('goes on from a checkpoint: the slowest clock stays, whoever comes back starts there', () => {
  const rehearsal = new Rehearsal(ssp, { staleness: 2 });
  for (const worker of ['a', 'b']) rehearsal.join(worker, { msPerRow: worker === 'a' ? 1 : 3 });
  rehearsal.run(1000);
  rehearsal.restart();
  for (const worker of ['b', 'a']) rehearsal.join(worker, { msPerRow: 1 });
  const version = rehearsal.versions.length;
  rehearsal.run(2000);
  expect(rehearsal.versions.length).toBeGreaterThan(version + 100);
});

function pace(chance: PrngState): { msPerRow: number; linkMs: number } {
  return { msPerRow: 1 + below(chance, 9), linkMs: below(chance, 30) };
}
