/** AdaComm: fewer steps between barriers the lower the loss. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { playPolicy, tidy, type ScriptSetup } from '../testbed/policy-script.ts';
import { Rehearsal } from '../testbed/rehearsal.ts';
import { adacomm, nextTau } from './adacomm.ts';

const holds = (script: string, setup?: ScriptSetup): void => {
  expect(playPolicy(adacomm, script, setup)).toBe(tidy(script));
};

describe('τ', () => {
  it('follows the square root of the loss where that lowers it, and is halved where not', () => {
    expect(nextTau(20, 20, 0.25)).toBe(10);
    expect(nextTau(20, 20, 0.2)).toBe(9); // ⌈8.94⌉
    expect(nextTau(10, 20, 0.25)).toBe(5); // ⌈10⌉ is no less than 10: half of it
    expect(nextTau(5, 20, 4)).toBe(3);
    expect(nextTau(1, 20, 1)).toBe(1);
    expect(nextTau(7, 20, 0)).toBe(1);
  });

  it('never grows, and is never below 1', () => {
    const figures = [fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 1000 })] as const;
    fc.assert(
      fc.property(...figures, fc.double({ min: 0, max: 100, noNaN: true }), (tau, first, ratio) => {
        const next = nextTau(tau, first, ratio);
        expect(next >= 1 && next <= tau && (next < tau || tau === 1)).toBe(true);
      }),
    );
  });
});

it('averages progress evenly at a barrier, and changes τ for all at the first barrier after a check period', () => {
  holds(
    `
    joined a
      assign a 64 rows / 16 x 1: joined
      release a model
    joined b
      assign b 64 rows / 16 x 1: joined
      release b model
    at 500
    pushed a #1 loss=2
    pushed b #2 loss=2
      apply #1*0.5 #2*0.5
      release a model
      release b model
    at 1100
    pushed a #3 loss=0.4
    pushed b #4 loss=0.6
      apply #3*0.5 #4*0.5
      assign a 32 rows / 16 x 1: τ is 2 now
      assign b 32 rows / 16 x 1: τ is 2 now
      release a model
      release b model
    joined c
      assign c 32 rows / 16 x 1: joined
      release c model
  `,
    { options: { tau: 4, 'check-period': 1 } },
  );
});

it('keeps τ when it is not adaptive, and when the loss is no number', () => {
  for (const [options, loss] of [
    [{ adaptive: false }, 0.1],
    [{}, NaN],
  ] as const) {
    const rehearsal = new Rehearsal(adacomm, { tau: 8, 'check-period': 0.1, ...options });
    rehearsal.join('a', { msPerRow: 1, loss: () => loss });
    rehearsal.run(3000);
    expect(new Set(rehearsal.starts.map(({ assignment }) => assignment.samples))).toEqual(new Set([64]));
  }
});

it('comes down with a falling loss', () => {
  const rehearsal = new Rehearsal(adacomm, { tau: 16, 'check-period': 1 });
  for (const worker of ['a', 'b']) rehearsal.join(worker, { msPerRow: 1, loss: (clock) => 2 / clock ** 0.5 });
  rehearsal.run(20_000);
  const taus = rehearsal.starts.filter(({ worker }) => worker === 'a').map(({ assignment }) => assignment.samples / 8);
  expect(taus[0]).toBe(16);
  expect(taus.at(-1)).toBe(1);
  for (const [index, tau] of taus.entries()) expect(tau).toBeLessThanOrEqual(taus[index - 1] ?? 16);
});
