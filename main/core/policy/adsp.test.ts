/** ADSP: equal commits without waiting, catching up, and the search for their rate. */
import { describe, expect, it } from 'vitest';
import { below, prng } from '../prng.ts';
import { playPolicy, tidy, type ScriptSetup } from '../testbed/policy-script.ts';
import { Rehearsal } from '../testbed/rehearsal.ts';
import { adsp } from './adsp.ts';
import { endCandidate, MAX_RATE, neighbour, type Search, startSearch } from './adsp-search.ts';
import { bsp } from './bsp.ts';
import type { OptionValues } from './options.ts';
import type { GateAnswer } from './policy.ts';

const FIXED = { 'rate-search': false };
const holds = (script: string, setup?: ScriptSetup): void => expect(playPolicy(adsp, script, setup)).toBe(tidy(script));

describe('commits', () => {
  it('are applied with 1/M and answered with a model at once, whoever else is there', () => {
    holds(
      `
      joined a
        assign a 16 rows / 16 x 1, commitPeriodMs 500: joined
        release a model
        wake 1000
      joined b
        assign b 16 rows / 16 x 1, commitPeriodMs 500: joined
        release b model
        wake 1000
      at 500
      pushed a #1 goes-on
        apply #1*0.5
        release a model
      left a
      pushed b #2 goes-on
        apply #2*1
        release b model
      refused b
        release b model
    `,
      { options: { ...FIXED, 'check-period': 1, rate: 2 } },
    );
  });

  it('that were missed are made up for in the next check period, C_target − c_i (B3.2)', () => {
    holds(
      `
      joined a
        assign a 16 rows / 16 x 1, commitPeriodMs 250: joined
        release a model
        wake 1000
      joined b
        assign b 16 rows / 16 x 1, commitPeriodMs 250: joined
        release b model
        wake 1000
      pushed a #1 goes-on
        apply #1*0.5
        release a model
      pushed a #2 goes-on
        apply #2*0.5
        release a model
      pushed a #3 goes-on
        apply #3*0.5
        release a model
      pushed a #4 goes-on
        apply #4*0.5
        release a model
      pushed b #5 goes-on
        apply #5*0.5
        release b model
      # a is on target with 4 of 4 commits; b has 1 and owes 3 on top of the next 4.
      at 1000
      woke
        judge model
        assign b 16 rows / 16 x 1, commitPeriodMs 142.9: making up for missed commits
        wake 2000
      # Half a period later a joiner is to make half of its commits.
      at 1500
      joined c
        assign c 16 rows / 16 x 1, commitPeriodMs 250: joined
        release c model
        wake 2000
      # More than one check period’s commits are forgiven: 8 at most in the next, for a and for b.
      at 2000
      woke
        judge model
        assign a 16 rows / 16 x 1, commitPeriodMs 125: making up for missed commits
        assign b 16 rows / 16 x 1, commitPeriodMs 125: making up for missed commits
        assign c 16 rows / 16 x 1, commitPeriodMs 166.7: making up for missed commits
        wake 3000
    `,
      { options: { ...FIXED, 'check-period': 1, rate: 4 } },
    );
  });

  it('of a joiner count from where it would be, had it always been there', () => {
    const rehearsal = new Rehearsal(adsp, { ...FIXED, 'check-period': 1, rate: 10 });
    rehearsal.join('early', { msPerRow: 1 });
    rehearsal.run(20_500);
    rehearsal.join('late', { msPerRow: 1 });
    rehearsal.run(40_000);
    const { workers } = rehearsal.state as { workers: Record<string, { commits: number }> };
    const [early, late] = [workers['early']?.commits ?? 0, workers['late']?.commits ?? 0];
    expect(Math.abs(early - late)).toBeLessThanOrEqual(2);
    expect(Math.abs(early - 400)).toBeLessThanOrEqual(10);
  });
});

describe('on devices of unequal speed', () => {
  const speeds = { slow: 25, middle: 5, fast: 1 };
  const rehearse = (options: OptionValues): Rehearsal => {
    const rehearsal = new Rehearsal(adsp, options);
    for (const [worker, msPerRow] of Object.entries(speeds)) rehearsal.join(worker, { msPerRow, linkMs: 20 });
    rehearsal.run(60_000);
    return rehearsal;
  };
  const pushesOf = (rehearsal: Rehearsal, worker: string): number =>
    rehearsal.told.filter(({ event }) => event.type === 'pushed' && event.worker === worker).length;

  it('everyone commits equally often, and trains all the time', () => {
    const rehearsal = rehearse({ ...FIXED, 'check-period': 5, rate: 10 });
    for (const worker of Object.keys(speeds))
      expect(Math.abs(pushesOf(rehearsal, worker) - 120)).toBeLessThanOrEqual(3);
    for (const [worker, msPerRow] of Object.entries(speeds)) {
      expect(rehearsal.clockOf(worker)).toBe(Math.floor((60_000 - 20) / (8 * msPerRow)));
    }
  });

  it('computes nearly all of the time, where BSP’s fast worker waits', () => {
    const rehearsal = new Rehearsal(bsp);
    for (const [worker, msPerRow] of Object.entries(speeds)) rehearsal.join(worker, { msPerRow, linkMs: 20 });
    rehearsal.run(60_000);
    expect((rehearsal.clockOf('fast') * 8) / 60_000).toBeLessThan(0.05);
  });

  it('who cannot keep the rate commits at every step, and owes no more than a check period', () => {
    const rehearsal = rehearse({ ...FIXED, 'check-period': 1, rate: 20 });
    expect(pushesOf(rehearsal, 'slow')).toBe(rehearsal.clockOf('slow'));
    expect(Math.abs(pushesOf(rehearsal, 'fast') - 1200)).toBeLessThanOrEqual(20);
  });
});

describe('the gate', () => {
  const clock = (
    periodMs: number,
  ): ((nowMs: number, computeMs?: number, unanswered?: number) => GateAnswer['verdict']) => {
    const state = adsp.startGate({ 'in-flight': 2 }, prng(1));
    const assignment = { samples: 1, batch: 1, epochs: 1, commitPeriodMs: periodMs };
    return (nowMs, computeMs = 10, unanswered = 0) => {
      const iteration = { clock: 1, steps: 1, samples: 1, batch: 1, loss: 1, computeMs, waitMs: 0 };
      return adsp.gate(state, { nowMs, iteration, assignment, unanswered }).verdict;
    };
  };

  it('pushes at the end of the iteration in which the commit period is over, and never waits', () => {
    const ask = clock(100);
    // On a clock of the worker’s own, which began at some time or other.
    expect([7010, 7050, 7099, 7100, 7150, 7199, 7200].map((nowMs) => ask(nowMs))).toEqual([
      'continue',
      'continue',
      'continue',
      'push-and-go-on',
      'continue',
      'continue',
      'push-and-go-on',
    ]);
  });

  it('puts a commit off while too many are unanswered, and makes it at the first step after an answer', () => {
    const ask = clock(100);
    const answers = [
      [0, 0],
      [100, 0],
      [200, 1],
      [300, 2],
      [340, 2],
      [380, 1],
      [400, 1],
    ].map(([nowMs = 0, unanswered]) => ask(nowMs, 0, unanswered));
    expect(answers.map((verdict) => verdict === 'push-and-go-on')).toEqual([
      false,
      true,
      true,
      false,
      false,
      true,
      true,
    ]);
  });

  it('is not thrown off by steps that end late: the rate comes out right', () => {
    const ask = clock(100);
    let commits = 0;
    for (let nowMs = 70; nowMs <= 70_000; nowMs += 70) if (ask(nowMs, 70) === 'push-and-go-on') commits += 1;
    expect(Math.abs(commits - 700)).toBeLessThanOrEqual(2);
  });

  it('after a long pause owes one commit, not all of them', () => {
    const ask = clock(100);
    ask(10);
    expect([5000, 5001, 5002, 5050, 5101].map((nowMs) => ask(nowMs))).toEqual([
      'push-and-go-on',
      'push-and-go-on',
      'continue',
      'continue',
      'push-and-go-on',
    ]);
  });
});

/** What a whole search settles on, where `fall(rate)` is how fast the loss falls under a rate. */
function settle(fall: (rate: number) => number, start: number, factor: number): { rate: number; tried: number[] } {
  const search: Search = startSearch(start);
  const tried: number[] = [];
  let [nowMs, progress] = [0, 0];
  for (;;) {
    tried.push(search.rate);
    for (let point = 0; point < 8; point++) {
      search.points.push({ atMs: nowMs, loss: 0.1 + 1 / (0.5 + progress) });
      nowMs += 1000;
      progress += fall(search.rate);
    }
    const { done, rate } = endCandidate(search, factor);
    if (done) return { rate, tried };
    expect(rate).toBe(search.rate);
  }
}

describe('the search', () => {
  it('climbs to the best rate and stops behind it', () => {
    expect(settle((rate) => 0.2 - 0.01 * Math.abs(rate - 10), 4, 1.5)).toEqual({ rate: 9, tried: [4, 6, 9, 14] });
    expect(settle((rate) => 0.2 - 0.01 * Math.abs(rate - 7), 4, 1)).toEqual({ rate: 7, tried: [4, 5, 6, 7, 8] });
  });

  it('climbs down where up is worse (released: never)', () => {
    expect(settle((rate) => 0.5 / rate, 9, 1.5)).toEqual({ rate: 1, tried: [9, 14, 6, 4, 3, 2, 1] });
  });

  it('stays where nothing is better, and where losses rise whatever the rate', () => {
    expect(settle(() => 0.1, 10, 1.5).rate).toBe(10);
    expect(settle(() => -0.02, 10, 1.5)).toEqual({ rate: 10, tried: [10, 15, 7] });
  });

  it('ends at once where too few evaluations came in', () => {
    expect(endCandidate(startSearch(10), 1.5)).toEqual({ done: true, rate: 10 });
  });

  it('has an end in both directions', () => {
    expect(neighbour(MAX_RATE, 'up', 1.5)).toBeUndefined();
    expect(neighbour(1, 'down', 1.5)).toBeUndefined();
    expect(neighbour(0.25, 'down', 1)).toBeUndefined();
    expect(neighbour(0.25, 'up', 1)).toBe(1);
    expect([2, 3, 10].map((rate) => [neighbour(rate, 'up', 1), neighbour(rate, 'down', 1)])).toEqual([
      [3, 1],
      [4, 2],
      [11, 9],
    ]);
  });

  it('in a run: measures while training goes on, settles, and rests until the next', () => {
    const rehearsal = new Rehearsal(adsp, { 'check-period': 10, rate: 10, 'search-every': 200 });
    for (const worker of ['a', 'b']) rehearsal.join(worker, { msPerRow: 2 });
    // The loss falls faster the more often workers commit, up to 15 times in a period.
    let [progress, lastMs] = [0, 0];
    const rateNow = (): number => (rehearsal.state as { rate: number }).rate;
    rehearsal.lossAt = (nowMs) => {
      progress += (nowMs - lastMs) * 1e-5 * Math.min(rateNow(), 30 - rateNow());
      lastMs = nowMs;
      return 0.1 + 1 / (0.5 + progress);
    };
    rehearsal.run(10_000);
    expect(rateNow()).toBe(10);
    rehearsal.run(100_000);
    expect(rateNow()).toBe(15);
    const reasons = new Set(
      rehearsal.told.flatMap(({ commands }) => commands.flatMap((one) => (one.type === 'assign' ? [one.reason] : []))),
    );
    expect(reasons).toContain('trying 23 commits a period');
    expect(reasons).toContain('settled on 15 commits a period');
    const evaluations = rehearsal.told.filter(({ event }) => event.type === 'evaluated').length;
    rehearsal.run(200_000);
    // At rest the loss is looked at once in a check period.
    expect(rehearsal.told.filter(({ event }) => event.type === 'evaluated').length - evaluations).toBeLessThanOrEqual(
      11,
    );
  });

  it('starts again when the loss jumps by 30 % in a check period', () => {
    const rehearsal = new Rehearsal(adsp, { 'check-period': 10, 'search-every': 10_000 });
    rehearsal.join('a', { msPerRow: 2 });
    rehearsal.lossAt = (nowMs) => (nowMs < 300_000 ? 1 : 1.4);
    const searching = (): boolean => (rehearsal.state as { search: unknown }).search !== null;
    rehearsal.run(299_000);
    expect(searching()).toBe(false);
    rehearsal.run(325_000);
    expect(searching()).toBe(true);
  });

  it('goes on with the best known rate when all workers were lost', () => {
    for (let seed = 0; seed < 20; seed++) {
      const chance = prng(seed, 'restart');
      const rehearsal = new Rehearsal(adsp, { 'check-period': 2, rate: 4 });
      for (const worker of ['a', 'b']) rehearsal.join(worker, { msPerRow: 2 });
      rehearsal.run(1000 * below(chance, 20));
      rehearsal.restart();
      rehearsal.join('b', { msPerRow: 2 });
      const versions = rehearsal.versions.length;
      rehearsal.run(rehearsal.nowMs + 10_000);
      expect(rehearsal.versions.length).toBeGreaterThanOrEqual(versions + 15);
    }
  });
});
