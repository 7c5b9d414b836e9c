/** ASP: every push is applied and answered at once. */
import { expect, it } from 'vitest';
import { playPolicy, tidy, type ScriptSetup } from '../testbed/policy-script.ts';
import { asp } from './asp.ts';

const holds = (script: string, setup?: ScriptSetup): void =>
  expect(playPolicy(asp, script, { options: { 'round-scaling': false }, ...setup })).toBe(tidy(script));

it('nobody waits for anybody (A1)', () => {
  holds(`
    joined a
      assign a 16 rows / 16 x 1: joined
      release a model
    joined b
      assign b 16 rows / 16 x 1: joined
      release b model
    pushed a #1
      apply #1*1
      release a model
    pushed a #2 stale=0
      apply #2*1
      release a model
    pushed b #3 stale=2
      apply #3*1
      release b model
    left b
    pushed a #4
      apply #4*1
      release a model
  `);
});

it('one whose push was refused gets the model and goes on', () => {
  holds(`
    joined a
      assign a 16 rows / 16 x 1: joined
      release a model
    refused a
      release a model
  `);
});

it('with round-scaling, which is the default, a round of pushes weighs as much as one BSP round, for as many as there are', () => {
  holds(
    `
    joined a
      assign a 8 rows / 8 x 1: joined
      release a model
    joined b
      assign b 8 rows / 8 x 1: joined
      release b model
    pushed a #1
      apply #1*0.5
      release a model
    left b
    pushed a #2
      apply #2*1
      release a model
  `,
    { options: {}, batch: 8 },
  );
});
