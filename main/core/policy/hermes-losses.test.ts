/** Hermes' server half when workers are lost while pushes are judged. */
import { describe, expect, it } from 'vitest';
import { playPolicy, tidy } from '../testbed/policy-script.ts';
import { hermes } from './hermes.ts';

const SETUP = { options: { samples: 320, epochs: 1 }, trainRows: 1000 };
const holds = (script: string): void => expect(playPolicy(hermes, script, SETUP)).toBe(tidy(script));

describe('a lost worker', () => {
  const TWO = `
      joined a
        assign a 320 rows / 16 x 1: joined
        release a model
      joined b
        assign b 320 rows / 16 x 1: joined
        release b model
      pushed a #1
        apply #1*1 keep 0
        release a model
        judge model
      judged model v1 loss=1`;

  it('while its push is judged: the next is judged, and the late verdict changes nothing', () => {
    holds(`${TWO}
      pushed a #2
        judge #2
      pushed b #3
      left a
        judge #3
      judged #2 v1 loss=0.1
      judged #3 v1 loss=1
        apply #3*0.5 keep 0.5
        release b model
        judge model
    `);
  });

  it('while its push waits: it is left out', () => {
    holds(`${TWO}
      pushed a #2
        judge #2
      pushed b #3
      left b
      judged #2 v1 loss=1
        apply #2*0.5 keep 0.5
        release a model
        judge model
      judged model v2 loss=1
    `);
  });

  it('while the model that its push led to is judged: the verdict counts', () => {
    holds(`${TWO}
      pushed a #2
        judge #2
      judged #2 v1 loss=1
        apply #2*0.5 keep 0.5
        release a model
        judge model
      pushed b #3
      left a
      judged model v2 loss=0.25
        judge #3
      judged #3 v2 loss=0.75
        apply #3*0.25 keep 0.75
        release b model
        judge model
    `);
  });
});
