/** Local SGD: FedAvg's weighted mean of progress at a barrier, and DiLoCo's outer optimizer. */
import { describe, expect, it } from 'vitest';
import { difference } from '../aggregate.ts';
import type { Vector } from '../parameters.ts';
import { prng } from '../prng.ts';
import { atRandom, Testbed } from '../testbed.ts';
import { playPolicy, tidy, type ScriptSetup } from '../testbed/policy-script.ts';
import { Rehearsal } from '../testbed/rehearsal.ts';
import { localSgd } from './local-sgd.ts';

const holds = (script: string, setup?: ScriptSetup): void => {
  expect(playPolicy(localSgd, script, setup)).toBe(tidy(script));
};

it('averages progress by rows when all are there', () => {
  holds(
    `
    joined a
      assign a 64 rows / 16 x 1: joined
      release a model
    joined b
      assign b 64 rows / 16 x 1: joined
      release b model
    pushed b #1 samples=16
    pushed a #2 samples=48
      apply #2*0.75 #1*0.25
      release a model
      release b model
    refused a
    pushed b #3
      apply #3*1
      release a model
      release b model
    pushed a #4
    left b
      apply #4*1
      release a model
  `,
    { options: { steps: 4 } },
  );
});

it('weights of a round add up to 1 over its participants, and nobody makes no version (F1)', () => {
  const rehearsal = new Rehearsal(localSgd, { steps: 3, participation: 0.5 });
  for (const [index, worker] of ['a', 'b', 'c', 'd', 'e'].entries()) rehearsal.join(worker, { msPerRow: 1 + index });
  rehearsal.run(5000);
  rehearsal.leave('c');
  rehearsal.run(10_000);
  expect(rehearsal.versions.length).toBeGreaterThan(30);
  for (const version of rehearsal.versions) {
    expect(version.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 12);
  }
});

describe('participation', () => {
  const rounds = (seed: number): string[] => {
    const rehearsal = new Rehearsal(localSgd, { steps: 1, participation: 0.4 }, { seed });
    for (const worker of ['a', 'b', 'c', 'd', 'e']) rehearsal.join(worker, { msPerRow: 1 });
    rehearsal.run(1000);
    return rehearsal.told.flatMap(({ commands }) => {
      const released = commands.flatMap((command) => (command.type === 'release' ? [command.worker] : []));
      return released.length > 1 ? [released.join('')] : [];
    });
  };

  it('is a function of the seed and of who is there (F3), of the right size, and comes to everyone', () => {
    expect(rounds(1)).toEqual(rounds(1));
    expect(rounds(1)).not.toEqual(rounds(2));
    for (const round of rounds(1)) expect(round).toHaveLength(2);
    expect(new Set(rounds(1).join(''))).toEqual(new Set('abcde'));
  });

  it('is never of nobody', () => {
    const rehearsal = new Rehearsal(localSgd, { steps: 1, participation: 0 });
    for (const worker of ['a', 'b', 'c']) rehearsal.join(worker, { msPerRow: 1 });
    rehearsal.run(1000);
    expect(rehearsal.versions.length).toBeGreaterThan(50);
    for (const version of rehearsal.versions.slice(1)) expect(version).toHaveLength(1);
  });
});

it('with an outer optimizer moves by Nesterov’s rule on the mean progress', () => {
  const [rate, momentum] = [0.7, 0.9];
  const options = { steps: 3, outer: 'nesterov', 'outer-rate': rate, 'outer-momentum': momentum };
  const bed = new Testbed({ policy: localSgd, workers: ['a', 'b'], options, learningRate: 0.2 });
  bed.connectAll();
  // What each round's mean progress was, from the models that plain local SGD would have made of it.
  let velocity: number[] = [];
  for (let round = 1; round <= 8; round++) {
    const before: Vector = bed.server.parameters.slice();
    const locals: Vector[] = [];
    const choice = atRandom(prng(round, 'outer'));
    bed.run(choice, () => {
      for (const name of ['a', 'b']) {
        const work = bed.device(name).work;
        if (work && !locals.includes(work.parameters)) locals.push(work.parameters);
      }
      return bed.server.version >= round;
    });
    // `parameters` are trained in place: the two lent in this round are where the workers ended.
    const ended = locals.slice(0, 2);
    const progress = before.map((value, index) => {
      return ended.reduce((sum, local) => sum + ((local[index] as number) - value) / 2, 0);
    });
    velocity = Array.from(progress, (value, index) => momentum * (velocity[index] ?? 0) - value);
    const expected = before.map(
      (value, index) => value - rate * (momentum * (velocity[index] as number) - (progress[index] as number)),
    );
    const miss = difference(expected, bed.server.parameters);
    expect(Math.max(...miss.map(Math.abs))).toBeLessThan(1e-5);
  }
});
