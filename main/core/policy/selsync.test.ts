/** SelSync: flags at every step, models only when somebody's gradient changed much. */
import { describe, expect, it } from 'vitest';
import { checksum } from '../parameters.ts';
import { prng } from '../prng.ts';
import { atRandom, inTurn, Testbed } from '../testbed.ts';
import { playPolicy, tidy, type ScriptSetup } from '../testbed/policy-script.ts';
import { Rehearsal } from '../testbed/rehearsal.ts';
import type { Work } from '../worker.ts';
import { selsync } from './selsync.ts';

const COLD = { 'warm-up': 0, 'norm-smoothing': 1 };
const holds = (script: string, setup?: ScriptSetup): void => {
  expect(playPolicy(selsync, script, { ...setup, options: { ...COLD, ...setup?.options } })).toBe(tidy(script));
};

const TWO_JOIN = `joined a
        assign a 16 rows / 16 x 1: joined
        release a model
      joined b
        assign b 16 rows / 16 x 1: joined
        release b model`;

describe('a step', () => {
  it('without a flag goes on from one’s own model, with a flag of anyone averages all', () => {
    holds(`
      ${TWO_JOIN}
      flagged a norm=1
      flagged b norm=1
        release a own
        release b own
      flagged b norm=1
      flagged a norm=1.31
        collect a
        collect b
      pushed b #1
      pushed a #2
        apply #2*0.5 #1*0.5
        release a model
        release b model
      flagged a norm=1.31
      flagged b norm=1
        release a own
        release b own
    `);
  });

  it('flags at a change of exactly δ, upwards or downwards, and not below it', () => {
    holds(
      `
      joined a
        assign a 16 rows / 16 x 1: joined
        release a model
      flagged a norm=4
        release a own
      flagged a norm=3.01
        release a own
      flagged a norm=4
        collect a
      pushed a #1
        apply #1*1
        release a model
      flagged a norm=3
        collect a
      pushed a #2
        apply #2*1
        release a model
      flagged a norm=3
        release a own
    `,
      { options: { delta: 0.25 } },
    );
  });

  it('syncs while a window has not filled, that of a joiner as well', () => {
    holds(
      `
      joined a
        assign a 16 rows / 16 x 1: joined
        release a model
      flagged a norm=1
        collect a
      pushed a #1
        apply #1*1
        release a model
      flagged a norm=1
        release a own
      joined b
        assign b 16 rows / 16 x 1: joined
        release b model
      flagged a norm=1
      flagged b norm=1
        collect a
        collect b
    `,
      { options: { 'warm-up': 1 } },
    );
  });

  it('from no gradient to some is any change, from none to none is no change', () => {
    holds(`
      joined a
        assign a 16 rows / 16 x 1: joined
        release a model
      flagged a norm=0
        release a own
      flagged a norm=0
        release a own
      flagged a norm=1e-9
        collect a
    `);
  });
});

describe('comings and goings', () => {
  it('one who leaves during a sync is not waited for; one who joins gets what comes out of it', () => {
    holds(`
      ${TWO_JOIN}
      flagged a norm=1
      flagged b norm=1
        release a own
        release b own
      flagged a norm=9
      flagged b norm=1
        collect a
        collect b
      joined c
        assign c 16 rows / 16 x 1: joined
      pushed a #1
      left b
        apply #1*1
        release a model
        release c model
      left c
      left a
      joined a
        assign a 16 rows / 16 x 1: joined
        release a model
    `);
  });

  it('one whose model diverged receives in the next sync, and adds nothing to it', () => {
    holds(`
      ${TWO_JOIN}
      refused a
      flagged b norm=1
        collect b
      pushed b #1
        apply #1*1
        release a model
        release b model
      # With a good model it counts again.
      flagged a norm=1
      flagged b norm=9
        collect a
        collect b
      pushed a #3
      pushed b #4
        apply #3*0.5 #4*0.5
        release a model
        release b model
      pushed a #2
        drop #2: its loss is not a number
      flagged b norm=1
        collect b
      left b
        release a model
    `);
  });

  it('goes on from a checkpoint made in the middle of a sync', () => {
    const rehearsal = new Rehearsal(selsync, { delta: 0 });
    const pace = { msPerRow: 1, linkMs: 5, gradientNormSquared: () => 1 };
    for (const worker of ['a', 'b']) rehearsal.join(worker, pace);
    rehearsal.run(200, () => expect(rehearsal.stopped).toBe(false));
    while ((rehearsal.state as { phase: string }).phase !== 'models') rehearsal.run(rehearsal.nowMs + 1);
    rehearsal.restart();
    const versions = rehearsal.versions.length;
    for (const worker of ['b', 'c']) rehearsal.join(worker, pace);
    rehearsal.run(rehearsal.nowMs + 500);
    expect(rehearsal.versions.length).toBeGreaterThan(versions + 5);
  });
});

it('smooths by N/100 for N workers', () => {
  const rehearsal = new Rehearsal(selsync, { delta: 0.3, 'warm-up': 0 });
  const norms = (clock: number): number => (clock < 5 ? 1 : 10);
  for (const worker of ['a', 'b', 'c', 'd']) rehearsal.join(worker, { msPerRow: 1, gradientNormSquared: norms });
  rehearsal.run(400);
  // E jumps by 0.04 · (10 − 1) = 0.36 of itself at the fifth step, and by less than 0.3 of itself after.
  expect(rehearsal.versions.length).toBe(1);
  const state = rehearsal.state as { workers: Record<string, { smoothed: number; steps: number }> };
  const { smoothed = NaN, steps = NaN } = state.workers['a'] ?? {};
  expect(smoothed).toBeCloseTo(10 - 9 * 0.96 ** (steps - 4), 9);
});

it('after a sync all replicas are the same, to the bit', () => {
  const workers = ['a', 'b', 'c'];
  for (const encoding of ['f32', 'f16'] as const) {
    const bed = new Testbed({
      policy: selsync,
      workers,
      encoding,
      options: { delta: 0.8, 'warm-up': 1, 'norm-smoothing': 0.5 },
    });
    bed.connectAll();
    let syncs = 0;
    for (let step = 0; step < 3000; step++) {
      const version = bed.server.version;
      bed.step(atRandom(prng(step, 'selsync')));
      if (bed.server.version === version) continue;
      // The barrier is open: let everyone start the next step, and no one finish it.
      const begun: Work[] = [];
      while (begun.length < workers.length) {
        for (const action of bed.possible()) if (action.name.endsWith('down')) action.perform();
        begun.splice(0, begun.length, ...workers.flatMap((worker) => bed.device(worker).work ?? []));
      }
      const replicas = new Set(begun.map(({ parameters }) => checksum(parameters)));
      expect(replicas.size).toBe(1);
      if (encoding === 'f32') expect([...replicas]).toEqual([checksum(bed.server.parameters)]);
      syncs += 1;
    }
    expect(syncs).toBeGreaterThan(5);
    const iterations = bed.records.filter((record) => record.type === 'iteration' && record.iteration.steps > 0).length;
    expect(bed.server.version).toBeLessThan(iterations / workers.length); // some steps stayed local
  }
});

it('walks through all rows, each worker from its own part on (SelDP)', () => {
  const bed = new Testbed({
    policy: selsync,
    workers: ['a', 'b'],
    trainRows: 64,
    batch: 8,
    options: { 'warm-up': 0, delta: 1e6 },
  });
  bed.connectAll();
  const seen = new Set<number>();
  bed.run(inTurn, () => {
    for (const position of bed.device('b').work?.order ?? []) seen.add(position);
    return seen.size === 64;
  });
  expect(seen.size).toBe(64);
});
