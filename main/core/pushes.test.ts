/** What becomes of a push: applied at most once, refused when it is no number, never let past the protocol. */
import { describe, expect, it } from 'vitest';
import { asp } from './policy/asp.ts';
import { bsp } from './policy/bsp.ts';
import { hermes } from './policy/hermes.ts';
import type { Policy } from './policy/policy.ts';
import { tidy } from './testbed/policy-script.ts';
import { ServerScript } from './testbed/server-script.ts';
import { toyPolicy } from './testbed/toy-policy.ts';

const holds = (server: ServerScript, script: string): void => expect(server.play(script)).toBe(tidy(script));

function running(policy: Policy = asp, workers = ['a', 'b']): ServerScript {
  const server = new ServerScript(policy, workers);
  server.play(workers.map((worker) => `${worker} connects\n${worker} is ready`).join('\n'));
  return server;
}

describe('a push', () => {
  it('that comes twice is applied once (C1)', () => {
    holds(
      running(),
      `
      a pushes 1 of 1
        push 1 of a applied, stale by 0
        a <- model v1 = -1, answers 1
      a pushes 1 of 1
        ! rejected a
      a pushes 2 of 1
        push 2 of a applied, stale by 0
        a <- model v2 = -2, answers 2
      a pushes 1 of 1
        ! rejected a
      a reports 2
        ! rejected a
    `,
    );
  });

  it('makes one version, and one version only (C3)', () => {
    const server = running();
    for (let push = 1; push <= 20; push++) {
      server.give(`${push % 2 ? 'a' : 'b'} pushes ${push} of 1`);
      expect(server.server.version).toBe(push);
    }
  });

  it('is stale by the versions made since its worker pulled (A2)', () => {
    holds(
      running(),
      `
      a pushes 1 of 1 base=0
        push 1 of a applied, stale by 0
        a <- model v1 = -1, answers 1
      a pushes 2 of 1 base=1
        push 2 of a applied, stale by 0
        a <- model v2 = -2, answers 2
      b pushes 1 of 1 base=0
        push 1 of b applied, stale by 2
        b <- model v3 = -3, answers 1
    `,
    );
  });

  it('of numbers that are none is refused, and its worker gets the model (C5)', () => {
    for (const value of ['NaN', 'Infinity', '-Infinity']) {
      holds(
        running(),
        `
        a pushes 1 of ${value}
          ! rejected a
          a <- model v0 = 0, answers 1
      `,
      );
    }
  });

  it('refused three times in one connection sends its worker away; another connection starts at none', () => {
    holds(
      running(),
      `
      a pushes 1 of NaN
        ! rejected a
        a <- model v0 = 0, answers 1
      a pushes 2 of 1
        push 2 of a applied, stale by 0
        a <- model v1 = -1, answers 2
      a pushes 3 of NaN
        ! rejected a
        a <- model v1 = -1, answers 3
      a pushes 4 of NaN
        ! rejected a
        a <- model v1 = -1, answers 4
        close a 1: too many refused pushes
        ! lost a
      a connects
        a <- welcome 2
      a is ready
        ! rejoined a
        a <- model v1 = -1, answers 0
      a pushes 1 of NaN
        ! rejected a
        a <- model v1 = -1, answers 1
    `,
    );
  });

  it('refused often enough for every worker ends the run as diverged, also with numbers in between', () => {
    holds(
      running(),
      `
      a pushes 1 of NaN
        ! rejected a
        a <- model v0 = 0, answers 1
      a pushes 2 of NaN
        ! rejected a
        a <- model v0 = 0, answers 2
      a pushes 3 of NaN
        ! rejected a
        a <- model v0 = 0, answers 3
        close a 1: too many refused pushes
        ! lost a
      b pushes 1 of NaN
        ! rejected b
        b <- model v0 = 0, answers 1
      b pushes 2 of NaN
        ! rejected b
        b <- model v0 = 0, answers 2
      b pushes 3 of 1
        push 3 of b applied, stale by 0
        b <- model v1 = -1, answers 3
      b pushes 4 of NaN
        ! rejected b
        b <- model v1 = -1, answers 4
        close b 1: too many refused pushes
        ! lost b
        ! stopped
        ended: diverged
    `,
    );
  });

  const sentAway = (worker: string): string => [1, 2, 3].map((push) => `${worker} pushes ${push} of NaN`).join('\n');

  it('refused does not end a run that somebody may come back to', () => {
    // b has lost its connection: when it comes back, it may fare better.
    const server = running();
    expect(server.play(`b is lost\n${sentAway('a')}`)).toMatch(/! paused$/);
    expect(server.play('b connects\nb is ready')).toMatch(/! rejoined b/);
    expect(server.play(sentAway('b'))).toMatch(/ended: diverged$/);

    // So has the one that was sent away, if somebody starts it again.
    const again = running();
    again.play(`${sentAway('a')}\na connects\na is ready`);
    expect(again.play(sentAway('b'))).not.toMatch(/ended/);
    expect(again.play('a is lost')).toMatch(/! paused$/); // it is as good as new
    again.play('a connects\na is ready');
    expect(again.play(sentAway('a'))).toMatch(/ended: diverged$/);

    // And so has one that has only just been added.
    const joined = running();
    expect(joined.play(`c enlists\n${sentAway('a')}\n${sentAway('b')}`)).toMatch(/! paused$/);
  });

  it('refused is told when the others are lost for good: the run was lost, and has not diverged', () => {
    const end = (server: ServerScript): unknown =>
      server.outputs.find(({ type }) => type === 'ended') ?? server.outputs;
    const server = running(asp, ['a', 'b', 'c']);
    server.play(`c is lost\n${sentAway('a')}\n${sentAway('b')}\nat 2000`);
    const both = 'No worker came back in time; 2 workers were sent away because what they pushed was no finite number';
    expect(end(server)).toEqual({ type: 'ended', reason: 'workers-lost', text: both });

    const one = running();
    one.play(`${sentAway('a')}\nb is lost\nat 2000`);
    expect(end(one)).toMatchObject({
      text: expect.stringContaining('; 1 worker was sent away because what it') as string,
    });

    const untroubled = running();
    untroubled.play(`${sentAway('a')}\na connects\na is ready\na is lost\nb is lost\nat 2000`);
    expect(end(untroubled)).toMatchObject({ reason: 'workers-lost', text: 'No worker came back in time' });
  });

  it('refused ends a run that nobody else may come back to: the others were told to go', () => {
    const server = running(asp, ['a', 'b', 'c']);
    server.play(`a shall-go\na pushes 1 of 1\n${sentAway('b')}`);
    expect(server.play(sentAway('c'))).toMatch(/ended: diverged$/);
    // Who goes last need not be one whose pushes were refused.
    const last = running();
    expect(last.play(`${sentAway('a')}\nb shall-go\nb pushes 1 of 1`)).toMatch(/ended: diverged$/);
    const untroubled = running();
    expect(untroubled.play('a shall-go\na pushes 1 of 1\nb shall-go\nb pushes 1 of 1')).toMatch(/! paused$/);
  });

  it('refused under BSP holds nobody up (B4)', () => {
    holds(
      running(bsp),
      `
      a pushes 1 of NaN
        ! rejected a
      b pushes 1 of 1
        push 1 of b applied, stale by 0
        a <- model v1 = -1, answers 1
        b <- model v1 = -1, answers 1
    `,
    );
  });
});

describe('breaking the protocol is refused, and nothing has changed then:', () => {
  const breaches: [name: string, line: string, complaint: string][] = [
    ['a push of another size', 'a pushes 1 of 1 bytes=3', 'a push of 3 bytes for 1 parameters'],
    ['a push from the future', 'a pushes 1 of 1 base=7', 'a push from a version that does not exist'],
    ['a gradient of no rows', 'a pushes 1 of 1 samples=0', 'a gradient of no rows'],
    ['being ready twice', 'a is ready', 'a worker was ready twice'],
    ['a request for rows in the wrong place', 'a asks', 'a rows-wanted message at the wrong time'],
  ];

  it.each(breaches)('%s', (_name, line, complaint) => {
    const server = running();
    const before = server.server.snapshot();
    holds(server, `${line}\n  CAD-PROTOCOL: ${complaint}`);
    expect(server.server.snapshot()).toEqual(before);
    holds(
      server,
      `
      a pushes 1 of 1
        push 1 of a applied, stale by 0
        a <- model v1 = -1, answers 1
    `,
    );
  });

  it('a push before being ready', () => {
    holds(
      running(),
      `
      a connects
        close a 1: the same worker connected again
        ! lost a
        a <- welcome 2
      a pushes 1 of 1
        CAD-PROTOCOL: a push before the worker was ready
    `,
    );
  });

  it('a push before the run has started', () => {
    holds(
      new ServerScript(bsp, ['a', 'b']),
      `
      a connects
        a <- welcome 1
      a is ready
        ! joined a
      a pushes 1 of 1
        CAD-PROTOCOL: a push from a worker that has not been let go on
    `,
    );
  });

  it('a second push while the first waits for its answer: no flood gets past a barrier', () => {
    holds(
      running(bsp),
      `
      a pushes 1 of 1
      a pushes 2 of 1
        CAD-PROTOCOL: a push from a worker that has not been let go on
      a reports 2
        CAD-PROTOCOL: a report from a worker that has not been let go on
      b pushes 1 of 1
        push 1 of a applied, stale by 0
        push 1 of b applied, stale by 0
        a <- model v1 = -1, answers 1
        b <- model v1 = -1, answers 1
    `,
    );
  });
});

/** Keeps every push until somebody flags; then applies them all. */
const hoarder = toyPolicy<{ pushes: number[] }>({
  start: () => ({ pushes: [] }),
  step(state, event) {
    if (event.type === 'pushed') state.pushes.push(event.push);
    if (event.type !== 'flagged') return [];
    const pushes = state.pushes.splice(0).map((push) => ({ push, weight: 1 }));
    return [
      { type: 'apply', pushes },
      { type: 'release', worker: event.worker, model: false },
    ];
  },
});

describe('a worker that goes on while its pushes are undecided', () => {
  it('may have four of them, and no more', () => {
    holds(
      running(hoarder, ['a']),
      `
      a pushes 1 of 1 goes-on
      a pushes 2 of 1 goes-on
      a pushes 3 of 1 goes-on
      a pushes 4 of 1 goes-on
      a pushes 5 of 1 goes-on
        CAD-PROTOCOL: too many undecided pushes
      a flags 5
        push 1 of a applied, stale by 0
        push 2 of a applied, stale by 0
        push 3 of a applied, stale by 0
        push 4 of a applied, stale by 0
        a <- release, answers 5
      a pushes 6 of 1 goes-on
    `,
    );
  });

  it('is told which of its pushes a model includes: all before the oldest undecided one', () => {
    const server = running(hoarder, ['a']);
    const includes = (): number | false => {
      const message = server.server.modelMessage('a');
      return message.kind === 'model' && message.includes;
    };
    server.play('a pushes 1 of 1 goes-on\na pushes 2 of 1 goes-on');
    expect(includes()).toBe(0);
    server.play('a flags 3\na pushes 4 of 1 goes-on');
    expect(includes()).toBe(3);
  });
});

describe('an answer', () => {
  /** Lets a worker go on at every push that does not wait, and never otherwise. */
  const answersGoers = toyPolicy({
    step(_state, event) {
      if (event.type !== 'pushed') return [];
      const apply = { type: 'apply', pushes: [{ push: event.push, weight: 1 }] } as const;
      return event.waits ? [apply] : [apply, { type: 'release', worker: event.worker, model: true }];
    },
  });

  it('is to what had come when the policy let the worker go on, however late the model is sent', () => {
    const server = running(answersGoers, ['a']);
    server.give('a pushes 1 of 1 goes-on'); // the policy releases a; its model waits for room on the connection
    server.give('a pushes 2 of 1'); // now a waits, and the policy has not answered
    const message = server.server.modelMessage('a');
    expect(message).toMatchObject({ kind: 'model', version: 2, answers: 1, includes: 2 });
    holds(server, 'a pushes 3 of 1\n  CAD-PROTOCOL: a push from a worker that has not been let go on');
  });

  it('that was held by a pause is to what had come before the pause', () => {
    const server = running(answersGoers, ['a']);
    server.play('pause\na pushes 1 of 1 goes-on\na pushes 2 of 1');
    expect(server.give('resume')).toEqual(['! resumed', 'a <- resume', 'a <- model v2 = -2, answers 1']);
    holds(server, 'a pushes 3 of 1\n  CAD-PROTOCOL: a push from a worker that has not been let go on');
  });
});

describe('orders', () => {
  /** c takes a hundred times as long as a and b, and says so in a report or in a push. */
  function slow(kind: 'report' | 'push'): { server: ServerScript; sent: unknown[] } {
    const server = running(hermes, ['a', 'b', 'c']);
    server.play('a reports 1\nb reports 1\na pushes 2 of 1'); // the first push is adopted; its model is being judged
    const summary = { clock: 1, steps: 1, samples: 16, batch: 16, loss: 1, computeMs: 1000, waitMs: 0 };
    const about = { sequence: 1, iteration: summary };
    const payload = new Uint8Array(4);
    const message =
      kind === 'report'
        ? ({ kind, ...about } as const)
        : ({ kind, ...about, baseVersion: 0, waits: true, encoding: 'f32', payload } as const);
    const outputs = server.server.handle({ type: 'message', nowMs: 0, worker: 'c', incarnation: 1, message });
    return { server, sent: outputs.filter(({ type }) => type === 'send') };
  }

  it('for a worker in training are sent at once', () => {
    expect(slow('report').sent).toMatchObject([{ worker: 'c', message: { kind: 'orders' } }]);
  });

  it('for one that waits come with its answer', () => {
    const { server, sent } = slow('push');
    expect(sent).toEqual([]);
    const answer = server.server.modelMessage('c');
    expect(answer.kind === 'model' && answer.orders.assignment.samples).toBeLessThan(1000);
  });
});
