/** OmniLearn in both forms: batches that follow speeds, at a global batch that stays. */
import { describe, expect, it } from 'vitest';
import type { CaduceusError } from '../errors.ts';
import { below, prng } from '../prng.ts';
import { playPolicy, tidy, type ScriptSetup } from '../testbed/policy-script.ts';
import { type Pace, Rehearsal } from '../testbed/rehearsal.ts';
import { bsp } from './bsp.ts';
import { omnilearnAsp } from './omnilearn-asp.ts';
import { omnilearnBsp } from './omnilearn-bsp.ts';
import type { OptionValues } from './options.ts';
import type { Policy } from './policy.ts';

const BATCH = 32;
const BOTH = [omnilearnBsp, omnilearnAsp].map((policy) => ({ policy, name: policy.name }));

/** What everybody's batch is, as assigned last. */
function batchesOf(rehearsal: Rehearsal): Map<string, number> {
  const batches = new Map<string, number>();
  for (const { event, commands } of rehearsal.told) {
    if (event.type === 'left') batches.delete(event.worker);
    for (const command of commands)
      if (command.type === 'assign') batches.set(command.worker, command.assignment.batch);
  }
  return batches;
}

function rehearse(policy: Policy, paces: readonly (number | Pace)[], options: OptionValues = {}): Rehearsal {
  const rehearsal = new Rehearsal(policy, options, { batch: BATCH });
  for (const [index, pace] of paces.entries()) {
    rehearsal.join(`w${index}`, typeof pace === 'number' ? { msPerRow: pace } : pace);
  }
  return rehearsal;
}

const total = (rehearsal: Rehearsal): number =>
  [...batchesOf(rehearsal).values()].reduce((sum, batch) => sum + batch, 0);

describe.each(BOTH)('$name', ({ policy }) => {
  it('never changes the batches of equal devices (A0)', () => {
    const rehearsal = rehearse(policy, [2, 2, 2, 2], { 'dead-band': 0, 'adjust-every': 1 });
    rehearsal.run(50_000);
    expect([...batchesOf(rehearsal).values()]).toEqual([32, 32, 32, 32]);
    expect(rehearsal.told.flatMap(({ commands }) => commands.filter(({ type }) => type === 'assign'))).toHaveLength(4);
  });

  it('gives speeds of 1, 2, 4 and 8 batches in that proportion in one step, and then rests', () => {
    const rehearsal = rehearse(policy, [8, 4, 2, 1], { 'min-batch': 1, 'max-batch': 128 });
    rehearsal.run(20_000);
    expect([...batchesOf(rehearsal).values()]).toEqual([9, 17, 34, 68]);
    const changes = rehearsal.told.filter(
      ({ event, commands }) => event.type === 'pushed' && commands.some(({ type }) => type === 'assign'),
    );
    expect(changes).toHaveLength(1);
  });

  it('follows a device that slows down while training', () => {
    const rehearsal = rehearse(policy, [1, { msPerRow: (nowMs) => (nowMs < 10_000 ? 1 : 3) }], { 'dead-band': 0.1 });
    rehearsal.run(10_000);
    expect([...batchesOf(rehearsal).values()]).toEqual([32, 32]);
    rehearsal.run(20_000);
    const [steady = NaN, slowed = NaN] = batchesOf(rehearsal).values();
    // 48 and 16, but for what the last decision still remembered of the faster days.
    expect(Math.abs(steady - 48)).toBeLessThanOrEqual(1);
    expect(steady + slowed).toBe(64);
  });

  it('keeps batches within their bounds, the others sharing the rest', () => {
    const rehearsal = rehearse(policy, [8, 4, 2, 1], { 'min-batch': 16, 'max-batch': 48 });
    rehearsal.run(20_000);
    expect([...batchesOf(rehearsal).values()]).toEqual([16, 21, 43, 48]);
  });

  it('keeps the global batch at the run’s batch for each worker, whoever joins and leaves', () => {
    for (let seed = 0; seed < 15; seed++) {
      const chance = prng(seed, 'omnilearn');
      const options = {
        'adjust-every': 1 + below(chance, 5),
        'dead-band': below(chance, 2) * 0.1,
        'learn-limits': below(chance, 2) === 0,
      };
      const jitter = (): Pace => {
        const base = 1 + below(chance, 8);
        return { msPerRow: () => base * (0.9 + below(chance, 20) / 100), linkMs: below(chance, 10) };
      };
      const rehearsal = rehearse(policy, Array.from({ length: 2 + below(chance, 4) }, jitter), options);
      for (let phase = 0; phase < 12; phase++) {
        rehearsal.run(rehearsal.nowMs + 1000, () => expect(total(rehearsal)).toBe(BATCH * rehearsal.actors.size));
        const workers = [...rehearsal.actors.keys()];
        if (below(chance, 2) === 0) rehearsal.join(`late${phase}`, jitter());
        else if (workers.length > 1) rehearsal.leave(workers[below(chance, workers.length)] ?? '');
        expect(total(rehearsal)).toBe(BATCH * rehearsal.actors.size);
      }
    }
  });

  it('refuses bounds that cannot hold the global batch before anything starts, naming the option and its range', () => {
    const refusal = (options: OptionValues): CaduceusError | undefined => {
      try {
        rehearse(policy, [], options);
        return undefined;
      } catch (error) {
        return error as CaduceusError;
      }
    };
    expect(refusal({ 'min-batch': 33 })).toMatchObject({
      code: 'CAD-POLICY-OPTION',
      message: expect.stringContaining('min-batch') as string,
      remedy: expect.stringContaining('from 1 to 32') as string,
    });
    expect(refusal({ 'max-batch': 31 })?.message).toContain('max-batch');
    expect(refusal({ 'min-batch': 32, 'max-batch': 32 })).toBeUndefined();
    expect(refusal({ 'dead-band': -1 })?.remedy).toContain('from 0 to 10');
  });

  it('does not judge a batch by an iteration that was begun with another', () => {
    const rehearsal = rehearse(policy, [4, { msPerRow: 1, linkMs: 200 }], { 'adjust-every': 2, 'dead-band': 0 });
    rehearsal.run(30_000);
    // Orders reach the second worker late; its old iterations would make it look faster than it is.
    expect([...batchesOf(rehearsal).values()]).toEqual([13, 51]);
  });
});

describe('OmniLearn BSP', () => {
  const holds = (script: string, setup?: ScriptSetup): void => {
    expect(playPolicy(omnilearnBsp, script, setup)).toBe(tidy(script));
  };

  it('weighs gradients by rows, and changes batches at the end of a round', () => {
    holds(
      `
      joined a
        assign a 16 rows / 16 x 1: joined
        release a model
      joined b
        assign b 16 rows / 16 x 1: joined
        release b model
      pushed a #1 ms=100
      pushed b #2 ms=300
        assign a 24 rows / 24 x 1: batches follow speeds
        assign b 8 rows / 8 x 1: batches follow speeds
        apply #1*0.5 #2*0.5
        release a model
        release b model
      pushed a #3 ms=150 samples=24 batch=24
      pushed b #4 ms=150 samples=8 batch=8
        apply #3*0.75 #4*0.25
        release a model
        release b model
      left b
        assign a 16 rows / 16 x 1: b left
    `,
      { options: { 'adjust-every': 1 } },
    );
  });

  it('takes less than half of the time that BSP takes for as many rows at a speed ratio of 8', () => {
    const rounds = (policy: Policy): number => {
      const rehearsal = rehearse(policy, [8, 1, 1, 1], policy === bsp ? {} : { 'min-batch': 1 });
      rehearsal.run(60_000);
      return rehearsal.versions.length;
    };
    expect(rounds(omnilearnBsp)).toBeGreaterThan(4 * rounds(bsp));
  });

  it('caps a worker that got slower for being given more, where it is told to (Taming)', () => {
    // The second worker thrashes beyond 40 rows: time per row grows fivefold.
    const run = (learn: boolean): number[] => {
      const rehearsal = new Rehearsal(
        omnilearnBsp,
        { 'learn-limits': learn, 'dead-band': 0.05, 'adjust-every': 3 },
        { batch: BATCH },
      );
      rehearsal.join('a', { msPerRow: 2 });
      rehearsal.join('b', { msPerRow: 1 });
      const pace = rehearsal.actors.get('b')?.pace;
      const thrash = (): void => {
        const batch = batchesOf(rehearsal).get('b') ?? 0;
        if (pace) pace.msPerRow = batch > 40 ? 5 : 1;
      };
      const seen: number[] = [];
      rehearsal.run(20_000, () => {
        thrash();
        const batch = batchesOf(rehearsal).get('b') ?? 0;
        if (seen.at(-1) !== batch) seen.push(batch);
      });
      return seen;
    };
    expect(run(false).length).toBeGreaterThan(20); // for ever up and down
    const capped = run(true);
    expect(capped.length).toBeLessThan(8);
    expect(capped.at(-1)).toBeLessThanOrEqual(40);
  });

  it('as released decides once a pass, each worker on its own, and lets the global batch drift (B2.7)', () => {
    const rehearsal = new Rehearsal(
      omnilearnBsp,
      { ...omnilearnBsp.faithful, 'min-batch': 16, 'max-batch': 64 },
      { batch: BATCH, trainRows: 960 },
    );
    for (const [worker, msPerRow] of [
      ['a', 1],
      ['b', 1.2],
      ['c', 6],
    ] as const)
      rehearsal.join(worker, { msPerRow });
    rehearsal.run(32 * 6 * 9.5);
    expect(total(rehearsal)).toBe(96);
    rehearsal.run(20_000);
    expect(total(rehearsal)).not.toBe(96);
  });
});

it('OmniLearn ASP weighs an update by its rows, answers at once, and never lets a decision be waited for', () => {
  const script = `
    joined a
      assign a 16 rows / 16 x 1: joined
      release a model
    joined b
      assign b 16 rows / 16 x 1: joined
      release b model
    pushed a #1 ms=100
      apply #1*1
      release a model
    pushed b #2 ms=300
      apply #2*1
      assign a 24 rows / 24 x 1: batches follow speeds
      assign b 8 rows / 8 x 1: batches follow speeds
      release b model
    # Begun before a heard of its new batch: its time counts for nothing.
    pushed a #3 ms=100
      apply #3*1
      release a model
    pushed a #4 ms=150 samples=24 batch=24
      apply #4*1.5
      release a model
    pushed b #5 ms=150 samples=8 batch=8
      apply #5*0.5
      release b model
  `;
  expect(
    playPolicy(omnilearnAsp, script, { options: { 'adjust-every': 1, 'dead-band': 0, 'round-scaling': false } }),
  ).toBe(tidy(script));
});
