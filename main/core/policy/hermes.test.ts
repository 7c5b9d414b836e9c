/** Hermes' server half as scenarios: pushes are judged one at a time and mixed by their losses. */
import { describe, expect, it } from 'vitest';
import { PolicyScript, playPolicy, tidy, type ScriptSetup } from '../testbed/policy-script.ts';
import { hermes } from './hermes.ts';
import { resolveOptions } from './options.ts';

const SETUP: ScriptSetup = { options: { samples: 320, epochs: 1 }, trainRows: 1000 };
const holds = (script: string, setup = SETUP): void => expect(playPolicy(hermes, script, setup)).toBe(tidy(script));

describe('a push', () => {
  it('is adopted whole if it is the first, without being judged', () => {
    holds(`
      joined a
        assign a 320 rows / 16 x 1: joined
        release a model
      judged model v0 loss=2.3
      reported a steps=20
      pushed a #1 steps=20
        apply #1*1 keep 0
        release a model
        judge model
      judged model v1 loss=0.5
    `);
  });

  it('after that weighs one over its loss, against one over the model’s', () => {
    holds(`
      joined a
        assign a 320 rows / 16 x 1: joined
        release a model
      pushed a #1
        apply #1*1 keep 0
        release a model
        judge model
      judged model v1 loss=0.6
      pushed a #2
        judge #2
      judged #2 v1 loss=0.2
        apply #2*0.75 keep 0.25
        release a model
        judge model
      judged model v2 loss=0.25
      pushed a #3
        judge #3
      judged #3 v2 loss=0.75
        apply #3*0.25 keep 0.75
        release a model
        judge model
    `);
  });

  it('waits for the ones before it: they are judged one at a time, each against the model of its turn', () => {
    holds(`
      joined a
        assign a 320 rows / 16 x 1: joined
        release a model
      joined b
        assign b 320 rows / 16 x 1: joined
        release b model
      joined c
        assign c 320 rows / 16 x 1: joined
        release c model
      pushed a #1 ms=100
        apply #1*1 keep 0
        release a model
        judge model
      pushed b #2 ms=100
      pushed c #3 ms=100
      judged model v1 loss=1
        judge #2
      pushed a #4 ms=100
      judged #2 v1 loss=1
        apply #2*0.5 keep 0.5
        release b model
        judge model
      judged model v2 loss=0.5
        judge #3
      judged #3 v2 loss=0.5
        apply #3*0.5 keep 0.5
        release c model
        judge model
      judged model v3 loss=0.5
        judge #4
    `);
  });

  it('whose loss is no number is dropped; its worker gets the model, and the next is judged', () => {
    for (const loss of ['NaN', 'Infinity']) {
      holds(`
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
        judged model v1 loss=1
        pushed a #2
          judge #2
        pushed b #3
        judged #2 v1 loss=${loss}
          drop #2: its loss is not finite
          release a model
          judge #3
      `);
    }
  });

  it('takes the place of a model whose own loss is no number', () => {
    for (const loss of ['NaN', 'Infinity']) {
      holds(`
        joined a
          assign a 320 rows / 16 x 1: joined
          release a model
        pushed a #1
          apply #1*1 keep 0
          release a model
          judge model
        judged model v1 loss=${loss}
        pushed a #2
          judge #2
        judged #2 v1 loss=0.5
          apply #2*1 keep 0
          release a model
          judge model
      `);
    }
  });

  it('with a loss of 0 takes all but all of the weight', () => {
    holds(`
      joined a
        assign a 320 rows / 16 x 1: joined
        release a model
      pushed a #1
        apply #1*1 keep 0
        release a model
        judge model
      judged model v1 loss=1
      pushed a #2
        judge #2
      judged #2 v1 loss=0
        apply #2*1 keep 1e-12
        release a model
        judge model
    `);
  });
});

describe('verdicts on the model', () => {
  it('of an older version are left aside: the one on this version is on its way', () => {
    holds(`
      joined a
        assign a 320 rows / 16 x 1: joined
        release a model
      pushed a #1
        apply #1*1 keep 0
        release a model
        judge model
      judged model v0 loss=99
      pushed a #2
      judged model v1 loss=1
        judge #2
    `);
  });

  it('stop the run after `patience` pushes without a better one', () => {
    holds(
      `
      joined a
        assign a 320 rows / 16 x 1: joined
        release a model
      pushed a #1
        apply #1*1 keep 0
        release a model
        judge model
      judged model v1 loss=1
      pushed a #2
        judge #2
      judged #2 v1 loss=1
        apply #2*0.5 keep 0.5
        release a model
        judge model
      judged model v2 loss=1
      pushed a #3
        judge #3
      judged #3 v2 loss=1
        apply #3*0.5 keep 0.5
        release a model
        judge model
      judged model v3 loss=1.1
        stop: no better validation loss in 2 pushes
    `,
      { ...SETUP, options: { ...SETUP.options, patience: 2 } },
    );
  });

  it('start the count again when they are better', () => {
    const script = new PolicyScript(hermes, { options: { patience: 2 } });
    script.tell('joined a');
    script.tell('pushed a #1');
    const losses = [1, 1.2, 0.9, 0.95, 0.8, 0.81, 0.82];
    const stops = losses.map((loss, index) => {
      const version = index + 1;
      const stop = script.tell(`judged model v${version} loss=${loss}`);
      script.tell(`pushed a #${version + 1}`);
      script.tell(`judged #${version + 1} v${version} loss=1`);
      return stop.length > 0;
    });
    expect(stops).toEqual([false, false, false, false, false, false, true]);
  });
});

it('a slow worker is told of its new sizes when it reports, and still told nothing when it does not stand out', () => {
  holds(`
    joined a
      assign a 320 rows / 16 x 1: joined
      release a model
    joined b
      assign b 320 rows / 16 x 1: joined
      release b model
    joined c
      assign c 320 rows / 16 x 1: joined
      release c model
    reported a steps=20 ms=200
    reported b steps=20 ms=200
    reported c steps=20 ms=800
      assign c 80 rows / 16 x 1: an iteration takes 4.0× longer than the median
    reported a steps=20 ms=200
  `);
});

it('one whose push was refused gets the model', () => {
  holds(`
    joined a
      assign a 320 rows / 16 x 1: joined
      release a model
    refused a
      release a model
  `);
});

it('the faithful options are options there are, and carry drifts on fresh rows with a probe of the tail', () => {
  const options = resolveOptions('hermes', hermes.options, hermes.faithful ?? {});
  expect(hermes.carry(options)).toBe('drift');
  expect(hermes.sampling?.(options)).toEqual({ draw: 'fresh', probe: 'tail', probeSize: 0.15 });
  const corrected = resolveOptions('hermes', hermes.options, {});
  expect(hermes.carry(corrected)).toBe('parameters');
  expect(hermes.sampling?.(corrected)).toEqual({ draw: 'whole', probe: 'fixed', probeSize: 375 });
});
