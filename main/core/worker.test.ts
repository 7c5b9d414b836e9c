/** The worker's side of the protocol, as scenarios. */
import { describe, expect, it } from 'vitest';
import { asp } from './policy/asp.ts';
import type { Policy } from './policy/policy.ts';
import type { WorkerPlan } from './protocol/messages.ts';
import { tidy } from './testbed/policy-script.ts';
import { toyPolicy } from './testbed/toy-policy.ts';
import { WorkerScript } from './testbed/worker-script.ts';

const plain: Policy = { ...asp, sampling: () => ({ draw: 'shard', probe: 'none', probeSize: 0 }) };
const goesOn = toyPolicy({ carry: 'delta', gate: 'push-and-go-on' });
const local = toyPolicy({ carry: 'delta', gate: 'continue' });
const flags = toyPolicy({ carry: 'parameters', gate: 'flag' });
const waits = toyPolicy({ carry: 'parameters', gate: 'push-and-wait' });

const holds = (worker: WorkerScript, script: string): void => expect(worker.play(script)).toBe(tidy(script));

/** In training on version 0, which is 1 everywhere. */
function training(policy: Policy, plan: Partial<WorkerPlan> = {}): WorkerScript {
  const worker = new WorkerScript(policy, plan);
  worker.play('welcome\nmodel v0 = 1\nrows 0');
  return worker;
}

describe('a worker', () => {
  it('joins, asks for the rows it needs, trains, pushes, waits, goes on', () => {
    holds(
      new WorkerScript(plain),
      `
      welcome
        -> ready
      model v0 = 1
        -> rows 0?
      rows 0
        store 200 rows of block 0
        train 16 rows / 16 on 1 for gradient
      trained 0.5
        -> push 1 of 0.5 since v0, waits
      model v1 = 0.95 answers=1
        train 16 rows / 16 on 0.95 for gradient
    `,
    );
  });

  it('trains on when its gate says so, and reports', () => {
    holds(
      training(local),
      `
      trained 0.1
        -> report 1
        train 16 rows / 16 on 1.1 for steps
      trained 0.1
        -> report 2
        train 16 rows / 16 on 1.2 for steps
    `,
    );
  });

  it('after a flag waits, and goes on with what it has when it is only released', () => {
    holds(
      training(flags),
      `
      trained 0.1
        -> flag 1
      release answers=1
        train 16 rows / 16 on 1.1 for steps
      trained 0.1
        -> flag 2
      model v1 = 5 answers=2
        train 16 rows / 16 on 5.2 for steps
    `,
    );
  });

  it('goes on at the answer to its newest message only', () => {
    holds(
      training(waits),
      `
      trained 0.1
        -> push 1 of 1.1 since v0, waits
      model v1 = 7 answers=0
      release answers=0
      model v2 = 8 answers=1
        train 16 rows / 16 on 8 for steps
    `,
    );
  });

  it('stops for good', () => {
    holds(
      training(waits),
      `
      stop
        stopped: the run is over
      trained 0.1
      model v1 = 7 answers=1
      welcome
      disconnected
    `,
    );
  });

  it('can be stopped before it was welcome', () => {
    holds(new WorkerScript(waits), `stop\n  stopped: the run is over`);
  });
});

describe('orders', () => {
  it('in mid-training count from the next iteration, and the one under way is summed up as it was', () => {
    const worker = training(local);
    holds(
      worker,
      `
      orders 32 rows / 8 x 2
      trained 0.1
        -> report 1
        train 64 rows / 8 in 2 epochs on 1.1 for steps
    `,
    );
    const [report] = worker.sent;
    expect(report?.kind === 'report' && report.iteration).toMatchObject({ samples: 16, batch: 16, steps: 1 });
    worker.give('trained 0.1');
    const [next] = worker.sent;
    expect(next?.kind === 'report' && next.iteration).toMatchObject({ samples: 64, batch: 8, steps: 8 });
  });

  it('while rows are fetched count from the next iteration as well', () => {
    const worker = new WorkerScript(local);
    worker.play('welcome\nmodel v0 = 1');
    holds(
      worker,
      `
      orders 4 rows / 2 x 1
      rows 0
        store 200 rows of block 0
        train 16 rows / 16 on 1 for steps
      trained 0
        -> report 1
        train 4 rows / 2 on 1 for steps
    `,
    );
  });

  it('do not wake one that waits', () => {
    holds(
      training(waits),
      `
      trained 0.1
        -> push 1 of 1.1 since v0, waits
      orders 32 rows / 16 x 1
      release answers=1
        train 32 rows / 16 on 1.1 for steps
    `,
    );
  });
});

describe('a lost connection', () => {
  it('takes the work under way with it; rows stay, and all else begins anew', () => {
    const worker = training(local);
    worker.give('trained 0.1');
    const work = worker.work;
    holds(
      worker,
      `
      disconnected
      trained 0.1
      welcome
        -> ready
      model v5 = 3
        train 16 rows / 16 on 3 for steps
      trained 0.1
        -> report 1
        train 16 rows / 16 on 3.1 for steps
    `,
    );
    expect(worker.work?.id).toBeGreaterThan(work?.id ?? 0);
  });

  it('takes a model with it that had come and was not used', () => {
    holds(
      training(goesOn),
      `
      model v1 = 50 answers=0
      disconnected
      welcome
        -> ready
      release answers=0
      model v2 = 3
        train 16 rows / 16 on 3 for steps
    `,
    );
  });

  it('has rows asked for again that were on their way', () => {
    const worker = new WorkerScript(local);
    worker.play('welcome\nmodel v0 = 1');
    holds(
      worker,
      `
      disconnected
      welcome
        -> ready
      model v0 = 1
        -> rows 0?
    `,
    );
  });
});

describe('a pause', () => {
  it.each([
    ['would train on by itself', local, '-> report 1', ''],
    ['pushes and would go on', goesOn, '-> push 1 of 0.1 since v0, goes on', 'collect'],
  ])('holds a worker that %s after the iteration under way', (_what, policy, says, meanwhile) => {
    const worker = training(policy);
    holds(worker, `pause\ntrained 0.1\n  ${says}`);
    worker.play(meanwhile);
    expect(worker.machine.phase).toBe('paused');
    holds(worker, 'resume\n  train 16 rows / 16 on 1.1 for steps');
  });

  it('that is over before the iteration leaves no trace', () => {
    holds(training(local), 'pause\nresume\ntrained 0.1\n  -> report 1\n  train 16 rows / 16 on 1.1 for steps');
  });

  it('lets a model in, which the worker trains on after it', () => {
    const worker = training(goesOn);
    worker.play('pause\ntrained 0');
    holds(worker, 'model v1 = 5 answers=1\nresume\n  train 16 rows / 16 on 5 for steps');
  });

  it('overtakes a model that had to wait for room on the connection', () => {
    const worker = new WorkerScript(local);
    worker.play('welcome\npause\nmodel v0 = 1');
    holds(
      worker,
      `
      resume
        -> rows 0?
      rows 0
        store 200 rows of block 0
        train 16 rows / 16 on 1 for steps
    `,
    );
  });

  it('ends with the connection', () => {
    const worker = training(local);
    worker.play('pause\ndisconnected\nwelcome');
    holds(worker, 'model v0 = 1\n  train 16 rows / 16 on 1 for steps');
  });
});

describe('time spent waiting', () => {
  it('is from the message to the start of training, rows included, and from the model at first', () => {
    const worker = new WorkerScript(plain);
    worker.play('at 100\nwelcome\nat 130\nmodel v0 = 1\nat 150\nrows 0\nat 400\ntrained 1');
    const waited = (): number | undefined => {
      const [push] = worker.sent;
      return push?.kind === 'push' ? push.iteration.waitMs : undefined;
    };
    expect(waited()).toBe(20);
    worker.play('at 470\nmodel v1 = 1 answers=1\nat 500\ntrained 1');
    expect(waited()).toBe(70);
  });

  it('is not what passed in a pause, whichever of the two began first', () => {
    const worker = training(plain);
    const waited = (): number | undefined => {
      const [push] = worker.sent;
      return push?.kind === 'push' ? push.iteration.waitMs : undefined;
    };
    worker.play('at 100\ntrained 1\nat 110\npause\nat 900\nresume\nat 950\nmodel v1 = 1 answers=1\nat 980\ntrained 1');
    expect(waited()).toBe(60);
    worker.play('model v2 = 1 answers=2\npause\nat 2000\ntrained 1\nat 3000\nresume');
    worker.play('at 3005\nmodel v3 = 1 answers=3\nat 3010\ntrained 1');
    expect(waited()).toBe(5);
  });

  it('is not what passed while there was no connection, nor what was waited on an older one', () => {
    for (const older of ['', 'at 400\nmodel v1 = 1 answers=1\n']) {
      const worker = training(plain);
      worker.play(`at 100\ntrained 1\n${older}at 500\ndisconnected\nat 900\nwelcome`);
      worker.play('at 950\nmodel v0 = 1\nat 960\ntrained 1');
      const [push] = worker.sent;
      expect(push?.kind === 'push' && push.iteration.waitMs).toBe(0);
    }
  });
});
