/** What a worker pushes, when it is asked to, and what becomes of numbers that are none. */
import { describe, expect, it } from 'vitest';
import { asp } from './policy/asp.ts';
import type { Policy } from './policy/policy.ts';
import type { WorkerPlan } from './protocol/messages.ts';
import { tidy } from './testbed/policy-script.ts';
import { toyPolicy } from './testbed/toy-policy.ts';
import { MAX_UNANSWERED } from './worker.ts';
import { WorkerScript } from './testbed/worker-script.ts';

const plain: Policy = { ...asp, sampling: () => ({ draw: 'shard', probe: 'none', probeSize: 0 }) };
const goesOn = toyPolicy({ carry: 'delta', gate: 'push-and-go-on' });
const local = toyPolicy({ carry: 'delta', gate: 'continue' });
const flags = toyPolicy({ carry: 'parameters', gate: 'flag' });
const waits = toyPolicy({ carry: 'parameters', gate: 'push-and-wait' });
const drifts = toyPolicy({ carry: 'drift', gate: 'push-and-wait' });

const holds = (worker: WorkerScript, script: string): void => expect(worker.play(script)).toBe(tidy(script));

/** In training on version 0, which is 1 everywhere. */
function training(policy: Policy, plan: Partial<WorkerPlan> = {}): WorkerScript {
  const worker = new WorkerScript(policy, plan);
  worker.play('welcome\nmodel v0 = 1\nrows 0');
  return worker;
}

describe('a worker that pushes and goes on', () => {
  it('waits when eight pushes are unanswered, whatever its gate says, and goes on with the answer', () => {
    const worker = training(goesOn);
    for (let push = 1; push < MAX_UNANSWERED; push++) {
      expect(worker.give('trained 1')).toContain(`-> push ${push} of 1 since v0, goes on`);
    }
    expect(worker.give('trained 1')).toEqual([`-> push ${MAX_UNANSWERED} of 1 since v0, waits`]);
    expect(worker.give('model v1 = 5 answers=7 includes=7')).toEqual([]);
    expect(worker.give('model v2 = 9 answers=8 includes=8')).toEqual(['train 16 rows / 16 on 9 for steps']);
  });

  it('tells its gate how many of its pushes are unanswered', () => {
    const seen: number[] = [];
    const counts = toyPolicy({
      carry: 'delta',
      gate: ({ unanswered }) => {
        seen.push(unanswered);
        return { verdict: 'push-and-go-on' };
      },
    });
    training(counts).play('trained 1\ntrained 1\ntrained 1\nmodel v1 = 2 answers=2 includes=2\ntrained 1\ntrained 1');
    expect(seen).toEqual([0, 1, 2, 1, 2]);
  });
});

describe('a push carries', () => {
  it('the gradient, at the model pulled', () => {
    expect(training(plain).give('trained 0.25')).toEqual(['-> push 1 of 0.25 since v0, waits']);
  });

  it('the model, or what it moved since it was pulled', () => {
    expect(training(waits).give('trained 0.25')).toEqual(['-> push 1 of 1.25 since v0, waits']);
    const delta = toyPolicy({ carry: 'delta', gate: 'push-and-wait' });
    expect(training(delta).give('trained 0.25')).toEqual(['-> push 1 of 0.25 since v0, waits']);
  });

  it('what it moved since the push before, when no model has come in between', () => {
    holds(
      training(goesOn),
      `
      trained 0.5
        -> push 1 of 0.5 since v0, goes on
        train 16 rows / 16 on 1.5 for steps
      trained 0.25
        -> push 2 of 0.25 since v0, goes on
        train 16 rows / 16 on 1.75 for steps
    `,
    );
  });

  it('all that ever moved, as if no pull had happened: as Hermes was released (B1.1)', () => {
    holds(
      training(drifts),
      `
      trained 0.25
        -> push 1 of 0.25 since v0, waits
      model v1 = 100 answers=1
        train 16 rows / 16 on 100 for steps
      trained 0.5
        -> push 2 of 0.75 since v1, waits
      model v2 = 7 answers=2
        train 16 rows / 16 on 7 for steps
      trained 0.125
        -> push 3 of 0.875 since v2, waits
    `,
    );
  });

  it('a copy: training on does not change what is on its way', () => {
    const worker = training(goesOn);
    worker.give('trained 0.5');
    const push = worker.sent[0];
    const before = push?.kind === 'push' && [...push.payload];
    worker.give('trained 0.5');
    expect(push?.kind === 'push' && [...push.payload]).toEqual(before);
  });
});

describe('collect', () => {
  it('in training is answered by pushing at the end of the iteration, whatever the gate says', () => {
    holds(
      training(local),
      `
      collect
      trained 0.5
        -> push 1 of 0.5 since v0, waits
      model v1 = 3 answers=1
        train 16 rows / 16 on 3 for steps
      trained 0.5
        -> report 2
        train 16 rows / 16 on 3.5 for steps
    `,
    );
  });

  it('is named as the reason of the push, unless the gate has one of its own', () => {
    const reasonOf = (policy: ReturnType<typeof toyPolicy>, lines: readonly string[]): unknown => {
      const worker = training(policy);
      for (const line of lines) worker.give(line);
      const [push] = worker.sent;
      return push?.kind === 'push' && push.iteration.pushReason;
    };
    expect(reasonOf(local, ['collect', 'trained 0.5'])).toBe('asked');
    expect(reasonOf(flags, ['trained 0.5', 'collect'])).toBe('asked');
    expect(reasonOf(local, ['trained 0.5 loss=NaN'])).toBe('diverged');
    expect(reasonOf(waits, ['trained 0.5'])).toBeUndefined();
    const silent = { ...waits, gate: () => ({ verdict: 'push-and-wait', reason: 'silence' }) as const };
    expect(reasonOf(silent, ['collect', 'trained 0.5'])).toBe('silence');
  });

  it('while waiting is answered at once, with a summary of no further work', () => {
    const worker = training(flags);
    holds(
      worker,
      `
      trained 0.5
        -> flag 1
      collect
        -> push 2 of 1.5 since v0, waits
    `,
    );
    const [push] = worker.sent;
    expect(push?.kind === 'push' && push.iteration).toMatchObject({
      clock: 1,
      steps: 0,
      samples: 0,
      computeMs: 0,
      waitMs: 0,
    });
    holds(worker, `release answers=1\nrelease answers=2\n  train 16 rows / 16 on 1.5 for steps`);
  });
});

describe('numbers that are none', () => {
  it.each(['loss=NaN', 'loss=Infinity'])(
    '%s: the model is pushed whatever the gate says, and the answer replaces it',
    (loss) => {
      holds(
        training(local),
        `
      trained NaN ${loss}
        -> push 1 of NaN since v0, waits
      model v1 = 3 answers=1
        train 16 rows / 16 on 3 for steps
      trained 0.5
        -> report 2
        train 16 rows / 16 on 3.5 for steps
    `,
      );
    },
  );

  it('do not stay in a drift', () => {
    holds(
      training(drifts),
      `
      trained NaN loss=NaN
        -> push 1 of NaN since v0, waits
      model v1 = 3 answers=1
        train 16 rows / 16 on 3 for steps
      trained 0.5
        -> push 2 of 0.5 since v1, waits
    `,
    );
  });
});
