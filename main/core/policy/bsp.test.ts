/** BSP: its rules, B1 to B4, as scenarios; and training with N workers is training on one machine. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PolicyScript, playPolicy, tidy } from '../testbed/policy-script.ts';
import { bsp } from './bsp.ts';

const holds = (script: string): void => expect(playPolicy(bsp, script)).toBe(tidy(script));

describe('the barrier', () => {
  it('opens when all have arrived, whoever comes last', () => {
    holds(`
      joined a
        assign a 16 rows / 16 x 1: joined
        release a model
      joined b
        assign b 16 rows / 16 x 1: joined
        release b model
      pushed b #1
      pushed a #2
        apply #2*0.5 #1*0.5
        release a model
        release b model
      pushed a #3
      pushed b #4
        apply #3*0.5 #4*0.5
        release a model
        release b model
    `);
  });

  it('weighs each by its rows', () => {
    holds(`
      joined a
        assign a 16 rows / 16 x 1: joined
        release a model
      joined b
        assign b 16 rows / 16 x 1: joined
        release b model
      pushed a #1 samples=30
      pushed b #2 samples=10
        apply #1*0.75 #2*0.25
        release a model
        release b model
    `);
  });

  it('no longer waits for one who leaves, and does without what that one had pushed', () => {
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
      pushed b #2
      left b
      left c
        apply #1*1
        release a model
      pushed a #3
        apply #3*1
        release a model
    `);
  });

  it('does not open for nobody: the last to leave ends no round', () => {
    holds(`
      joined a
        assign a 16 rows / 16 x 1: joined
        release a model
      left a
      joined a
        assign a 16 rows / 16 x 1: joined
        release a model
      pushed a #1
        apply #1*1
        release a model
    `);
  });

  it('waits for one who joins late, in the round under way', () => {
    holds(`
      joined a
        assign a 16 rows / 16 x 1: joined
        release a model
      pushed a #1
        apply #1*1
        release a model
      joined b
        assign b 16 rows / 16 x 1: joined
        release b model
      pushed a #2
      pushed b #3
        apply #2*0.5 #3*0.5
        release a model
        release b model
    `);
  });

  it('lets one whose push is refused sit the round out, and makes no version of nothing', () => {
    holds(`
      joined a
        assign a 16 rows / 16 x 1: joined
        release a model
      joined b
        assign b 16 rows / 16 x 1: joined
        release b model
      refused b
      pushed a #1
        apply #1*1
        release a model
        release b model
      refused a
      refused b
        release a model
        release b model
    `);
  });
});

describe('a round', () => {
  it('is the same whatever the order of arrival (B3)', () => {
    const workers = ['d', 'a', 'c', 'b'];
    fc.assert(
      fc.property(fc.shuffledSubarray(workers, { minLength: 4 }), (order) => {
        const script = new PolicyScript(bsp);
        for (const worker of workers) script.tell(`joined ${worker}`);
        const commands = order.map((worker) =>
          script.tell(`pushed ${worker} #${worker.charCodeAt(0)} samples=${worker.charCodeAt(0)}`),
        );
        expect(commands.slice(0, 3).flat()).toEqual([]);
        expect(commands[3]).toEqual([
          'apply #97*0.2462 #98*0.2487 #99*0.2513 #100*0.2538',
          'release a model',
          'release b model',
          'release c model',
          'release d model',
        ]);
      }),
    );
  });

  it('ends exactly when nobody of the active set is still training (B4), under any comings and goings', () => {
    const names = ['a', 'b', 'c', 'd'];
    const steps = fc.array(
      fc.tuple(fc.constantFrom('joined', 'left', 'pushed', 'refused'), fc.constantFrom(...names)),
      {
        maxLength: 60,
      },
    );
    fc.assert(
      fc.property(steps, (all) => {
        const script = new PolicyScript(bsp);
        const training = new Map<string, boolean>();
        let push = 0;
        for (const [what, worker] of all) {
          // What a server would not let through is left out.
          if (what === 'joined' ? training.has(worker) : !training.has(worker)) continue;
          if ((what === 'pushed' || what === 'refused') && training.get(worker) === false) continue;
          const commands = script.tell(what === 'pushed' ? `pushed ${worker} #${++push}` : `${what} ${worker}`);
          if (what === 'joined') training.set(worker, true);
          else if (what === 'left') training.delete(worker);
          else training.set(worker, false);
          const isOver = training.size > 0 && ![...training.values()].includes(true);
          const released = commands.filter((command) => command.startsWith('release'));
          if (what === 'joined') {
            expect(released).toEqual([`release ${worker} model`]);
            continue;
          }
          expect(released.length).toBe(isOver ? training.size : 0);
          if (isOver) for (const name of training.keys()) training.set(name, true);
        }
      }),
    );
  });
});
