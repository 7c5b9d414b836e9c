/** The gates that Hermes' own is held against, and its own at its most permissive. */
import { describe, expect, it } from 'vitest';
import { normal, prng } from '../prng.ts';
import { Rehearsal } from '../testbed/rehearsal.ts';
import { controlGate, startControlGate } from './hermes-control-gate.ts';
import { hermes } from './hermes.ts';
import { type OptionValues, resolveOptions } from './options.ts';

const verdicts = (options: OptionValues, count: number, seed = 1, worker = 'a'): boolean[] => {
  const resolved = resolveOptions('hermes', hermes.options, options);
  const state = startControlGate(resolved, prng(seed, 'gate', worker));
  if (state === null) throw new Error('no control gate');
  return Array.from({ length: count }, () => controlGate(state).verdict === 'push-and-wait');
};
const rateOf = (all: readonly boolean[]): number => all.filter(Boolean).length / all.length;

describe('the random gate', () => {
  it('pushes at its rate, and nowhere in particular', () => {
    const all = verdicts({ gate: 'random', 'gate-rate': 0.125 }, 20_000);
    expect(Math.abs(rateOf(all) - 0.125)).toBeLessThan(0.01);
    // After a push another is as likely as ever.
    const after = all.filter((_, index) => all[index - 1]);
    expect(Math.abs(rateOf(after) - 0.125)).toBeLessThan(0.03);
  });

  it('is a function of the seed and the worker', () => {
    const options = { gate: 'random' };
    expect(verdicts(options, 200)).toEqual(verdicts(options, 200));
    expect(verdicts(options, 200)).not.toEqual(verdicts(options, 200, 2));
    expect(verdicts(options, 200)).not.toEqual(verdicts(options, 200, 1, 'b'));
  });
});

it('both name what made them push', () => {
  for (const [gate, reason] of [
    ['random', 'chance'],
    ['periodic', 'period'],
  ]) {
    const options = resolveOptions('hermes', hermes.options, { gate: gate as string, 'gate-rate': 1 });
    const state = startControlGate(options, prng(1, 'gate', 'a'));
    expect(state && controlGate(state)).toEqual({ verdict: 'push-and-wait', reason });
  }
});

describe('the periodic gate', () => {
  it('pushes after every so many iterations', () => {
    const all = verdicts({ gate: 'periodic', 'gate-rate': 1 / 3 }, 3000);
    expect(all).toEqual(all.map((_, index) => index % 3 === 2));
  });

  it('keeps any rate on average', () => {
    for (const rate of [0.01, 0.129, 0.3, 0.7, 1]) {
      expect(rateOf(verdicts({ gate: 'periodic', 'gate-rate': rate }, 10_000))).toBeCloseTo(rate, 3);
    }
  });
});

describe('in a run', () => {
  const pushRate = (options: OptionValues): number => {
    const rehearsal = new Rehearsal(hermes, { samples: 16, 'min-samples': 16, epochs: 1, ...options });
    for (const worker of ['a', 'b', 'c']) {
      const chance = prng(1, worker);
      rehearsal.join(worker, { msPerRow: 1, probeLoss: () => 1 + 0.1 * normal(chance) });
    }
    rehearsal.run(100_000);
    const iterations = ['a', 'b', 'c'].reduce((sum, worker) => sum + rehearsal.clockOf(worker), 0);
    return rehearsal.versions.length / iterations;
  };

  it('all three gates push equally often where the controls are given the z-score’s rate', () => {
    const rate = pushRate({});
    expect(rate).toBeGreaterThan(0.1);
    expect(rate).toBeLessThan(0.16);
    for (const gate of ['random', 'periodic']) {
      expect(Math.abs(pushRate({ gate, 'gate-rate': rate }) - rate)).toBeLessThan(0.01);
    }
  });

  it('with α = +∞ in effect, Hermes pushes in every phase that its rule allows: each third, or second', () => {
    expect(pushRate({ alpha: 10 })).toBeCloseTo(1 / 3, 2);
    expect(pushRate({ alpha: 10, 'min-losses': 2 })).toBeCloseTo(1 / 2, 2);
  });
});
