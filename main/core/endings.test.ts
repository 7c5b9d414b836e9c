/** Every run ends for exactly one reason, and nothing comes after it (C9); a pause holds everyone who waits. */
import { describe, expect, it } from 'vitest';
import { asp } from './policy/asp.ts';
import { bsp } from './policy/bsp.ts';
import { hermes } from './policy/hermes.ts';
import type { Policy } from './policy/policy.ts';
import type { ServerSettings } from './parameter-server.ts';
import { tidy } from './testbed/policy-script.ts';
import { ServerScript } from './testbed/server-script.ts';
import { toyPolicy } from './testbed/toy-policy.ts';

const holds = (server: ServerScript, script: string): void => expect(server.play(script)).toBe(tidy(script));

function running(policy: Policy, config: Partial<ServerSettings['config']> = {}): ServerScript {
  const server = new ServerScript(policy, ['a', 'b'], config);
  server.play('a connects\na is ready\nb connects\nb is ready');
  return server;
}

describe('a run ends', () => {
  it('when validation accuracy reaches the target, and not below it', () => {
    holds(
      running(asp, { stop: { maxSeconds: 100, targetAccuracy: 0.9 }, evaluateEveryMs: 10 }),
      `
      judged 1 accuracy=0.8999
      at 10
      a pushes 1 of 1
        push 1 of a applied, stale by 0
        a <- model v1 = -1, answers 1
        judge 2: -1
      judged 2 accuracy=0.9
        ! target
        ! stopped
        a <- stop
        b <- stop
        ended: target
      a pushes 2 of 1
      at 100000
      resume
      stop
    `,
    );
  });

  it('at the accuracy of the model, never at that of a push', () => {
    const server = running(hermes, { stop: { maxSeconds: 100, targetAccuracy: 0.9 } });
    server.play('judged 1 accuracy=0.1\na pushes 1 of 1\njudged 2 accuracy=0.2');
    expect(server.give('a pushes 2 of 3')).toEqual(['judge 3: 3']);
    expect(server.give('judged 3 accuracy=0.99')).not.toContain('ended: target');
    expect(server.give('judged 4 accuracy=0.95')).toContain('ended: target');
  });

  it('when its time is over, counted from the first release', () => {
    const server = new ServerScript(asp, ['a'], { stop: { maxSeconds: 1 } });
    holds(
      server,
      `
      at 500
      a connects
        a <- welcome 1
      at 600
      a is ready
        ! joined a
        ! started
        a <- model v0 = 0, answers 0
        judge 1: 0
      at 1599
      at 1600
        ! stopped
        a <- stop
        ended: time-limit
    `,
    );
    expect(server.server.elapsedMs).toBe(1000);
  });

  it('when so many local iterations are done, whoever did them', () => {
    holds(
      running(asp, { stop: { maxSeconds: 100, maxIterations: 3 } }),
      `
      a pushes 1 of 1
        push 1 of a applied, stale by 0
        a <- model v1 = -1, answers 1
      a reports 2
      b pushes 1 of 1 base=0
        push 1 of b applied, stale by 1
        b <- model v2 = -2, answers 1
        ! stopped
        a <- stop
        b <- stop
        ended: iteration-limit
    `,
    );
  });

  it('when its user says so, at any time', () => {
    holds(
      running(bsp),
      `
      stop
        ! stopped
        a <- stop
        b <- stop
        ended: user
      stop
    `,
    );
    const server = new ServerScript(bsp, ['a']);
    holds(
      server,
      `
      at 400
      stop
        ! stopped
        ended: user
    `,
    );
    expect(server.server.elapsedMs).toBe(0); // it never trained
  });

  it('when the model is no longer finite, whatever the policy wanted to do next', () => {
    holds(
      running(asp),
      `
      a pushes 1 of 3e38
        push 1 of a applied, stale by 0
        a <- model v1 = -3e+38, answers 1
      b pushes 1 of 3e38 base=0
        push 1 of b applied, stale by 1
        b <- model v2 = -Infinity, answers 1
        ! stopped
        a <- stop
        b <- stop
        ended: diverged
      a pushes 2 of 1
    `,
    );
  });

  it('when one who leaves makes the others’ round diverge: the leaver’s push is settled before the end', () => {
    const server = new ServerScript(bsp, ['a', 'b', 'c']);
    server.play(['a', 'b', 'c'].map((worker) => `${worker} connects\n${worker} is ready`).join('\n'));
    holds(
      server,
      `
      a pushes 1 of 3e38
      b pushes 1 of 3e38
      c pushes 1 of 3e38
        push 1 of a applied, stale by 0
        push 1 of b applied, stale by 0
        push 1 of c applied, stale by 0
        a <- model v1 = -3e+38, answers 1
        b <- model v1 = -3e+38, answers 1
        c <- model v1 = -3e+38, answers 1
      a pushes 2 of 3e38
      b pushes 2 of 3e38
      b is lost
        ! lost b
        push 2 of b dropped: its worker was lost
      c is lost
        ! lost c
        push 2 of a applied, stale by 0
        a <- model v2 = -Infinity, answers 2
        ! stopped
        a <- stop
        ended: diverged
    `,
    );
  });

  it('when its policy calls for it', () => {
    const patient: Policy = {
      ...hermes,
      options: { ...hermes.options, patience: { ...hermes.options['patience'], default: 1 } as never },
    };
    const server = running(patient);
    server.play('judged 1 loss=1\na pushes 1 of 1');
    const first = server.give('judged 2 loss=1');
    expect(first).toEqual([]);
    server.play('a pushes 2 of 1\njudged 3 loss=1');
    expect(server.give('judged 4 loss=1').slice(-4)).toEqual(['! stopped', 'a <- stop', 'b <- stop', 'ended: policy']);
  });
});

describe('a pause', () => {
  it('holds those who wait; what they pushed is used, and resuming lets them go on', () => {
    holds(
      running(asp),
      `
      pause
        ! paused
        a <- pause
        b <- pause
      a pushes 1 of 1
        push 1 of a applied, stale by 0
      b pushes 1 of 1 base=0
        push 1 of b applied, stale by 1
      resume
        ! resumed
        a <- resume
        b <- resume
        a <- model v2 = -2, answers 1
        b <- model v2 = -2, answers 1
      a pushes 2 of 1
        push 2 of a applied, stale by 0
        a <- model v3 = -3, answers 2
    `,
    );
  });

  it('is none of the run’s time: its limit moves on by as much', () => {
    const server = new ServerScript(asp, ['a'], { stop: { maxSeconds: 1 } });
    server.play('a connects\na is ready\nat 400\npause\nat 5400');
    expect(server.server.elapsedMs).toBe(400);
    expect(server.server.wakeAtMs).toBe(Infinity);
    server.play('resume\nat 5999');
    expect(server.server.wakeAtMs).toBe(6000);
    holds(
      server,
      `
      at 6000
        ! stopped
        a <- stop
        ended: time-limit
    `,
    );
    expect(server.server.elapsedMs).toBe(1000);
  });

  it('that holds a model and then a plain answer for the same worker brings the model', () => {
    const policy = toyPolicy({
      step: (_state, event) =>
        event.type === 'reported'
          ? [{ type: 'release', worker: event.worker, model: event.iteration.clock === 1 }]
          : [],
    });
    const server = new ServerScript(policy, ['a']);
    server.play('a connects\na is ready\npause');
    const report = (clock: number): void => {
      const iteration = { clock, steps: 1, samples: 16, batch: 16, loss: 1, computeMs: 10, waitMs: 0 };
      const message = { kind: 'report', sequence: clock, iteration } as const;
      server.server.handle({ type: 'message', nowMs: 0, worker: 'a', incarnation: 1, message });
    };
    report(1);
    report(2);
    holds(server, 'resume\n  ! resumed\n  a <- resume\n  a <- model v0 = 0, answers 2');
  });

  it('holds one who comes back in it, and forgets one who leaves in it', () => {
    holds(
      running(asp),
      `
      pause
        ! paused
        a <- pause
        b <- pause
      a pushes 1 of 1
        push 1 of a applied, stale by 0
      a is lost
        ! lost a
      a connects
        a <- welcome 2
      a is ready
        ! rejoined a
      b pushes 1 of 1 base=0
        push 1 of b applied, stale by 1
      b is lost
        ! lost b
      resume
        ! resumed
        a <- resume
        a <- model v2 = -2, answers 0
    `,
    );
  });

  it('before the start holds everyone at the start', () => {
    holds(
      new ServerScript(bsp, ['a']),
      `
      pause
        ! paused
      a connects
        a <- welcome 1
      a is ready
        ! joined a
        ! started
        judge 1: 0
      resume
        ! resumed
        a <- resume
        a <- model v0 = 0, answers 0
    `,
    );
  });
});
