/** Elastic BSP: supersteps with ASP inside, barriers where ZipLine puts them. */
import { expect, it } from 'vitest';
import { below, prng } from '../prng.ts';
import { playPolicy, tidy } from '../testbed/policy-script.ts';
import { Rehearsal } from '../testbed/rehearsal.ts';
import { bsp } from './bsp.ts';
import { ebsp } from './ebsp.ts';
import type { OptionValues } from './options.ts';
import type { Policy } from './policy.ts';

const holds = (script: string): void =>
  expect(playPolicy(ebsp, script, { options: { 'round-scaling': false } })).toBe(tidy(script));

it('measures one round as BSP, then runs each as often as fits until the next barrier', () => {
  holds(`
    joined a
      assign a 16 rows / 16 x 1: joined
      release a model
    joined b
      assign b 16 rows / 16 x 1: joined
      release b model
    at 100
    pushed a #1
      apply #1*1
    at 200
    pushed b #2
      apply #2*1
      release a model
      release b model
    # a takes 100 ms, b 200: two of a meet one of b.
    at 300
    pushed a #3
      apply #3*1
      release a model
    at 400
    pushed b #4
      apply #4*1
    pushed a #5
      apply #5*1
      release a model
      release b model
  `);
});

it('goes on waiting for the others when one leaves who was at the barrier', () => {
  holds(`
    joined a
      assign a 16 rows / 16 x 1: joined
      release a model
    joined b
      assign b 16 rows / 16 x 1: joined
      release b model
    joined c
      assign c 16 rows / 16 x 1: joined
      release c model
    pushed a #1
      apply #1*1
    left a
    pushed b #2
      apply #2*1
    pushed c #3
      apply #3*1
      release b model
      release c model
  `);
});

it('re-evaluates the barrier when someone leaves, takes a joiner for one iteration, and counts a refused push', () => {
  holds(`
    joined a
      assign a 16 rows / 16 x 1: joined
      release a model
    joined b
      assign b 16 rows / 16 x 1: joined
      release b model
    at 50
    pushed a #1
      apply #1*1
    left b
      release a model
    joined c
      assign c 16 rows / 16 x 1: joined
      release c model
    at 100
    refused a
    at 130
    pushed c #2
      apply #2*1
      release a model
      release c model
    left a
    left c
    joined c
      assign c 16 rows / 16 x 1: joined
      release c model
  `);
});

const waitingMs = (
  policy: Policy,
  options: OptionValues,
  paces: readonly number[],
): { wait: number; iterations: number } => {
  const rehearsal = new Rehearsal(policy, options);
  for (const [index, msPerRow] of paces.entries()) rehearsal.join(`w${index}`, { msPerRow });
  rehearsal.run(20_000);
  const clocks = paces.map((_, index) => rehearsal.clockOf(`w${index}`));
  const busy = clocks.reduce((sum, clock, index) => sum + clock * 8 * (paces[index] as number), 0);
  return { wait: 1 - busy / (20_000 * paces.length), iterations: clocks.reduce((sum, clock) => sum + clock, 0) };
};

it('hardly waits where BSP waits most of the time: speeds of 1, 2.5 and 6', () => {
  const paces = [6, 2.5, 1];
  const [elastic, strict] = [waitingMs(ebsp, { lookahead: 30 }, paces), waitingMs(bsp, {}, paces)];
  expect(strict.wait).toBeGreaterThan(0.4);
  expect(elastic.wait).toBeLessThan(0.02);
  expect(elastic.iterations).toBeGreaterThan(2 * strict.iterations);
});

it('with a lookahead of 1 starts every iteration when BSP does', () => {
  for (let seed = 0; seed < 20; seed++) {
    const chance = prng(seed, 'ebsp');
    const paces = Array.from({ length: 1 + below(chance, 4) }, () => ({
      msPerRow: 1 + below(chance, 9),
      linkMs: below(chance, 9),
    }));
    const starts = (policy: Policy, options: OptionValues): string[] => {
      const rehearsal = new Rehearsal(policy, options);
      for (const [index, pace] of paces.entries()) rehearsal.join(`w${index}`, pace);
      rehearsal.run(2000);
      return rehearsal.starts.map(({ nowMs, worker, clock }) => `${nowMs} ${worker} ${clock}`).sort();
    };
    expect(starts(ebsp, { lookahead: 1 })).toEqual(starts(bsp, {}));
  }
});

it('between barriers nobody runs more than R iterations, and at a barrier nobody is missing', () => {
  for (let seed = 0; seed < 30; seed++) {
    const chance = prng(seed, 'supersteps');
    const lookahead = 1 + below(chance, 8);
    const rehearsal = new Rehearsal(ebsp, { lookahead });
    const workers = ['a', 'b', 'c', 'd'];
    for (const worker of workers) rehearsal.join(worker, { msPerRow: 1 + below(chance, 20), linkMs: below(chance, 9) });
    rehearsal.run(5000);
    let since = new Map(workers.map((worker) => [worker, 0]));
    for (const { event, commands } of rehearsal.told) {
      if (event.type === 'pushed') since.set(event.worker, (since.get(event.worker) ?? 0) + 1);
      const released = commands.filter(({ type }) => type === 'release').length;
      if (event.type !== 'pushed' || released < workers.length) continue;
      for (const count of since.values()) expect(count >= 1 && count <= lookahead).toBe(true);
      since = new Map(workers.map((worker) => [worker, 0]));
    }
  }
});
