/** Who takes part in a run: gathering, losing, coming back, and being told apart from one's former self. */
import { describe, expect, it } from 'vitest';
import { asp } from './policy/asp.ts';
import { bsp } from './policy/bsp.ts';
import { tidy } from './testbed/policy-script.ts';
import { ServerScript } from './testbed/server-script.ts';

const holds = (server: ServerScript, script: string): void => expect(server.play(script)).toBe(tidy(script));

describe('a run starts', () => {
  it('when all its workers are ready, and not before', () => {
    holds(
      new ServerScript(bsp, ['a', 'b']),
      `
      a connects
        a <- welcome 1
      a is ready
        ! joined a
      b connects
        b <- welcome 1
      at 999
      b is ready
        ! joined b
        ! started
        a <- model v0 = 0, answers 0
        b <- model v0 = 0, answers 0
        judge 1: 0
    `,
    );
  });

  it('without the missing when the grace is over', () => {
    holds(
      new ServerScript(bsp, ['a', 'b', 'c']),
      `
      at 100
      a connects
        a <- welcome 1
      a is ready
        ! joined a
      b connects
        b <- welcome 1
      at 1099
      at 1100
        ! started
        a <- model v0 = 0, answers 0
        judge 1: 0
    `,
    );
  });

  it('never, when nobody has joined by then', () => {
    holds(
      new ServerScript(bsp, ['a']),
      `
      a connects
        a <- welcome 1
      at 1000
        ! stopped
        ended: workers-lost
      a is ready
    `,
    );
  });

  it('without one who joined and was lost again', () => {
    holds(
      new ServerScript(asp, ['a', 'b']),
      `
      a connects
        a <- welcome 1
      a is ready
        ! joined a
      a is lost
        ! lost a
      b connects
        b <- welcome 1
      b is ready
        ! joined b
      a connects
        a <- welcome 2
      a is ready
        ! rejoined a
        ! started
        a <- model v0 = 0, answers 0
        b <- model v0 = 0, answers 0
        judge 1: 0
    `,
    );
  });
});

/** Two workers in training. */
function running(policy = asp, config = {}): ServerScript {
  const server = new ServerScript(policy, ['a', 'b'], config);
  server.play('a connects\na is ready\nb connects\nb is ready');
  return server;
}

describe('a worker', () => {
  it('that joins late gets the model of now, and rows of its own', () => {
    const server = running();
    holds(
      server,
      `
      a pushes 1 of 1
        push 1 of a applied, stale by 0
        a <- model v1 = -1, answers 1
      c connects
        c <- welcome 1
      c is ready
        ! joined c
        c <- model v1 = -1, answers 0
      c pushes 1 of 1
        push 1 of c applied, stale by 0
        c <- model v2 = -2, answers 1
    `,
    );
    const shard = (worker: string): unknown => {
      const message = server.server.modelMessage(worker);
      return message.kind === 'model' && message.orders.shard;
    };
    expect(['a', 'b', 'c'].map(shard)).toEqual([
      { start: 0, length: 333 },
      { start: 333, length: 334 },
      { start: 667, length: 333 },
    ]);
  });

  it('that connects again ends its older connection, and nothing of that one counts any more (C4)', () => {
    holds(
      running(),
      `
      a connects
        close a 1: the same worker connected again
        ! lost a
        a <- welcome 2
      a pushes 1 of 100 incarnation=1
        ! rejected a
      a is lost incarnation=1
      a is ready
        ! rejoined a
        a <- model v0 = 0, answers 0
      a pushes 1 of 100 incarnation=1
        ! rejected a
      a pushes 1 of 1
        push 1 of a applied, stale by 0
        a <- model v1 = -1, answers 1
    `,
    );
  });

  it('that is back counts its messages from 1 again', () => {
    holds(
      running(),
      `
      a pushes 1 of 1
        push 1 of a applied, stale by 0
        a <- model v1 = -1, answers 1
      a is lost
        ! lost a
      a connects
        a <- welcome 2
      a is ready
        ! rejoined a
        a <- model v1 = -1, answers 0
      a pushes 1 of 1
        push 1 of a applied, stale by 0
        a <- model v2 = -2, answers 1
    `,
    );
  });

  it('that is lost takes its undecided push with it', () => {
    holds(
      running(bsp),
      `
      a pushes 1 of 1
      a is lost
        ! lost a
        push 1 of a dropped: its worker was lost
      b pushes 1 of 2
        push 1 of b applied, stale by 0
        b <- model v1 = -2, answers 1
    `,
    );
  });

  it('is heard of no more once its connection is gone, until it is back', () => {
    holds(
      running(),
      `
      a is lost
        ! lost a
      a pushes 1 of 1
        ! rejected a
      a is lost
    `,
    );
  });

  it('that cannot go on says why', () => {
    holds(
      running(),
      `
      a fails
        ! worker-failed a
    `,
    );
  });

  it('keeps no rows when it is lost: they go to those who are left', () => {
    const server = running();
    server.play('b is lost');
    const message = server.server.modelMessage('a');
    expect(message.kind === 'model' && message.orders.shard).toEqual({ start: 0, length: 1000 });
  });
});

describe('when all workers are lost', () => {
  it('the run pauses and says so, and goes on when one is back (L4)', () => {
    holds(
      running(),
      `
      a is lost
        ! lost a
      b is lost
        ! lost b
        ! paused
      at 1999
      b connects
        b <- welcome 2
      b is ready
        ! rejoined b
        ! resumed
        b <- model v0 = 0, answers 0
      at 5000
      b pushes 1 of 1
        push 1 of b applied, stale by 0
        b <- model v1 = -1, answers 1
    `,
    );
  });

  it('and none is ready again in time, the run ends', () => {
    holds(
      running(),
      `
      a is lost
        ! lost a
      at 500
      b is lost
        ! lost b
        ! paused
      at 2400
      a connects
        a <- welcome 2
      at 2500
        ! stopped
        ended: workers-lost
    `,
    );
  });
});

it('the clock wakes the machine when something is due, and never without a reason', () => {
  const server = new ServerScript(asp, ['a', 'b'], { evaluateEveryMs: 300 });
  server.play('at 10\na connects\na is ready');
  expect(server.server.wakeAtMs).toBe(1010); // grace
  server.play('b connects\nb is ready');
  expect(server.server.wakeAtMs).toBe(1_000_010); // end of the run; version 0 is being judged
  server.play('judged 1\nat 50\na pushes 1 of 1');
  expect(server.server.wakeAtMs).toBe(310); // the new version may be judged
  server.play('at 310\njudged 2\na is lost\nb is lost');
  expect(server.server.wakeAtMs).toBe(2310); // nobody there
  server.play('stop');
  expect(server.server.wakeAtMs).toBe(Infinity);
});
