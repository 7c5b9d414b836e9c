import { describe, expect, it } from 'vitest';
import type { RunRecord } from '../core/metrics.ts';
import type { ServerInput, ServerOutput } from '../core/parameter-server.ts';
import { policyNamed } from '../core/policy/registry.ts';
import type { Policy, PolicyCommand, PolicyEvent } from '../core/policy/policy.ts';
import type { Message } from '../core/protocol/messages.ts';
import { AnswersAtOnce } from './checkers/answers-at-once.ts';
import { BarrierRounds } from './checkers/barrier-rounds.ts';
import { ByteBooks } from './checkers/byte-books.ts';
import { Endings } from './checkers/endings.ts';
import { PushBooks } from './checkers/push-books.ts';
import { ShardTwin } from './checkers/shard-twin.ts';
import { StaleBound } from './checkers/stale-bound.ts';
import { Timers } from './checkers/timers.ts';
import { Versions } from './checkers/versions.ts';
import { clusterOf, timingRequest } from './plain-learning.fixture.ts';
import { simulate } from './simulation.ts';
import { SimulationFailure } from './violation.ts';
import type { Watcher, Witnessed } from './watch.ts';

const profile = { engine: 'x', cores: 1, architecture: 'x', platform: 'x', memoryBytes: 2 ** 30 };
const iteration = { clock: 1, steps: 1, samples: 16, batch: 16, loss: 1, computeMs: 1, waitMs: 0 };
const assignment = { samples: 16, batch: 16, epochs: 1 };
const ledger = { total: () => ({ model: 0, update: 0, data: 0, control: 0 }), snapshot: () => ({}) };
const serverAt = (version: number): Witnessed => ({ version, parameters: new Float32Array(4), ledger });

type Loose<T> = T extends unknown ? Omit<T, 'atMs'> : never;
const record = (entry: Loose<RunRecord>): ServerOutput => ({
  type: 'record',
  record: { atMs: 0, ...entry },
});
const woke: ServerInput = { type: 'woke', nowMs: 0 };
const joined = (worker: string): ServerOutput => record({ type: 'worker', worker, incarnation: 1, profile });
const lost = (worker: string): ServerOutput =>
  record({ type: 'incident', level: 'warning', what: 'lost', worker, text: '' });
const welcome = (worker: string, incarnation: number): ServerOutput => ({
  type: 'send',
  worker,
  message: { kind: 'welcome', incarnation, plan: timingRequest(clusterOf({ a: 1 }), { policy: 'bsp' }).plan },
});
const model = (version: number, includes = 0): Message => ({
  kind: 'model',
  version,
  answers: 0,
  includes,
  orders: { assignment, shard: { start: 0, length: 100 } },
  encoding: 'f32',
  payload: new Uint8Array(0),
});
const pushed = (worker: string, sequence: number, baseVersion = 0, incarnation = 1): ServerInput => ({
  type: 'message',
  nowMs: 0,
  worker,
  incarnation,
  message: { kind: 'push', sequence, baseVersion, waits: true, iteration, encoding: 'f32', payload: new Uint8Array(0) },
});
const applied = (worker: string, sequence: number, version: number, baseVersion = version - 1): ServerOutput => {
  const staleness = version - 1 - baseVersion;
  return record({
    type: 'push',
    worker,
    sequence,
    baseVersion,
    version,
    staleness,
    weight: 1,
    outcome: 'applied',
    bytes: 0,
  });
};
const decided = (event: PolicyEvent, commands: PolicyCommand[] = []): ServerOutput =>
  record({ type: 'decision', event, commands });
const pushedEvent = (worker: string): PolicyEvent => ({
  type: 'pushed',
  nowMs: 0,
  worker,
  push: 1,
  staleness: 0,
  waits: true,
  iteration,
});

/** a has joined and was sent version 0. */
function books(): PushBooks {
  const checker = new PushBooks();
  checker.exchange(woke, [welcome('a', 1), joined('a')]);
  checker.moved('a', model(0));
  return checker;
}

describe('checkers raise', () => {
  const at = (checker: Watcher, version: number, ...outputs: ServerOutput[]): void =>
    checker.exchange?.(woke, outputs, serverAt(version));

  it('C1: a push that is applied twice, or never came in', () => {
    const checker = books();
    checker.exchange(pushed('a', 1), [applied('a', 1, 1)]);
    expect(() => checker.exchange(woke, [applied('a', 1, 2)])).toThrow(/C1/);
    expect(() => books().exchange(woke, [applied('a', 1, 1)])).toThrow(/C1/);
  });

  it('C2: a model that claims to include what is undecided', () => {
    const checker = books();
    checker.exchange(pushed('a', 1), []);
    checker.moved('a', model(1, 0));
    expect(() => checker.moved('a', model(1, 1))).toThrow(/C2/);
  });

  it('C3: a version that is skipped, or that the server does not have', () => {
    const checker = new Versions();
    at(checker, 1, applied('a', 1, 1), applied('b', 1, 1));
    expect(() => at(checker, 3, applied('a', 2, 3))).toThrow(/C3/);
    expect(() => at(new Versions(), 2, applied('a', 1, 1))).toThrow(/C3/);
  });

  it('C4: an incarnation that is used again, or an effect of one that is over', () => {
    expect(() => books().exchange(woke, [welcome('a', 1)])).toThrow(/C4/);
    const checker = books();
    checker.exchange(pushed('a', 1), []);
    expect(() => checker.exchange(woke, [lost('a'), applied('a', 1, 1)])).toThrow(/C4/);
    const old = books();
    old.exchange(woke, [lost('a'), welcome('a', 2), joined('a')]);
    expect(() => old.exchange(pushed('a', 1, 0, 1), [applied('a', 1, 1)])).toThrow(/C1/);
  });

  it('C6: a byte that crossed and is not in the books', () => {
    const checker = new ByteBooks();
    checker.moved('a', { kind: 'collect' }, 14);
    expect(() => checker.finished(serverAt(0))).toThrow(/C6/);
    expect(() => checker.moved('a', { kind: 'collect' }, 1.5)).toThrow(/C6/);
  });

  it('C7: a push that a lost worker left behind, or that was refused without having come', () => {
    const checker = books();
    checker.exchange(pushed('a', 1), [lost('a')]);
    expect(() => checker.exchange(woke, [welcome('a', 2)])).toThrow(/C7/);
    expect(() => books().exchange(woke, [decided({ type: 'rejected', nowMs: 0, worker: 'a' })])).toThrow(/C7/);
  });

  it('C8: plans that pile up', () => {
    let pending = 10;
    const checker = new Timers(3, () => pending);
    for (let count = 0; count < 1000; count++) checker.exchange();
    pending = 5000;
    expect(() => {
      for (let count = 0; count < 1000; count++) checker.exchange();
    }).toThrow(/C8/);
  });

  it('C9: a second end, anything after the end, or no end at all', () => {
    const ended: ServerOutput = { type: 'ended', reason: 'user', text: '' };
    const checker = new Endings();
    checker.exchange(woke, [ended]);
    expect(() => checker.exchange(woke, [ended])).toThrow(/C9/);
    expect(() => new Endings().finished()).toThrow(/C9/);
  });

  it('A1: a push that is taken and not answered', () => {
    const checker = new AnswersAtOnce();
    checker.exchange(pushed('a', 1), [applied('a', 1, 1), { type: 'send-model', worker: 'a' }]);
    checker.exchange(pushed('a', 1), []);
    expect(() => checker.exchange(pushed('a', 2), [applied('a', 2, 2)])).toThrow(/A1/);
  });

  it('A2: a staleness that is not the versions in between, or a base that was never sent', () => {
    const checker = books();
    checker.moved('a', model(3));
    expect(() => checker.exchange(pushed('a', 1, 2), [])).toThrow(/A2/);
    const other = books();
    other.exchange(pushed('a', 1), []);
    const wrong = applied('a', 1, 5, 0);
    if (wrong.type === 'record' && wrong.record.type === 'push') wrong.record.staleness = 3;
    expect(() => other.exchange(woke, [wrong])).toThrow(/A2/);
  });

  it('B1–B4: a worker ahead, a stale update, a round without someone or out of order, a barrier that keeps someone', () => {
    const release = (worker: string): PolicyCommand => ({ type: 'release', worker, model: true });
    const rounds = (): BarrierRounds => {
      const checker = new BarrierRounds();
      at(checker, 0, joined('a'), joined('b'));
      at(checker, 0, decided(pushedEvent('a')));
      return checker;
    };
    const last = decided(pushedEvent('b'), [release('a'), release('b')]);
    at(rounds(), 1, last, applied('a', 1, 1), applied('b', 1, 1));
    expect(() => at(rounds(), 0, decided(pushedEvent('a')))).toThrow(/B1/);
    expect(() => at(rounds(), 2, last, applied('a', 1, 2, 0), applied('b', 1, 2, 0))).toThrow(/B2/);
    expect(() => at(rounds(), 1, last, applied('a', 1, 1))).toThrow(/B3/);
    expect(() => at(rounds(), 1, last, applied('b', 1, 1), applied('a', 1, 1))).toThrow(/B3/);
    const kept = decided(pushedEvent('b'), [release('a')]);
    expect(() => at(rounds(), 1, kept, applied('a', 1, 1), applied('b', 1, 1))).toThrow(/B4/);
  });

  it('S1–S3: a worker too far ahead, one that read too old a model, a clock that falls', () => {
    const start = (): StaleBound => {
      const checker = new StaleBound(1);
      for (const worker of ['a', 'b']) at(checker, 0, decided({ type: 'joined', nowMs: 0, worker, profile }));
      return checker;
    };
    let version = 0;
    const step = (checker: StaleBound, worker: string, base?: number): void => {
      version += 1;
      at(checker, version, decided(pushedEvent(worker)), applied(worker, version, version, base ?? version - 1));
    };
    const ahead = start();
    step(ahead, 'a');
    step(ahead, 'a');
    expect(() => step(ahead, 'a')).toThrow(/S1/);
    version = 0;
    const stale = start();
    for (let clock = 0; clock < 3; clock++) for (const worker of ['a', 'b']) step(stale, worker);
    // a's fourth iteration is at clock 3: it must have read all of clock 1, which is version 4.
    expect(() => step(stale, 'a', 3)).toThrow(/S2/);
    expect(() => step(stale, 'b', 4)).not.toThrow();
  });

  it('D1: a shard that is not the worker’s share', () => {
    const checker = new ShardTwin(100, ['a', 'b']);
    const allocated = (worker: string): ServerOutput => record({ type: 'allocation', worker, assignment, reason: '' });
    at(checker, 0, joined('a'), joined('b'), allocated('a'), allocated('b'));
    const orders = (start: number, length: number): Message => ({
      kind: 'orders',
      orders: { assignment, shard: { start, length } },
    });
    const tell = (start: number, length: number): void =>
      at(checker, 0, { type: 'send', worker: 'b', message: orders(start, length) as never });
    tell(50, 50);
    expect(() => tell(50, 49)).toThrow(/D1/);
    expect(() => tell(49, 51)).toThrow(/D1/);
    at(checker, 0, lost('a'));
    tell(0, 100);
  });
});

describe('a simulation under checkers', () => {
  const cluster = clusterOf({ a: 100, b: 300 });
  const bsp = policyNamed('bsp');

  /** A policy that is wrong in one way. */
  function broken(change: (commands: PolicyCommand[], event: PolicyEvent) => PolicyCommand[]): Policy {
    return { ...bsp, step: (state, event) => change(bsp.step(state, event), event) };
  }

  const failure = (policy: Policy): SimulationFailure => {
    try {
      simulate(timingRequest(cluster, { policy: 'bsp', stop: { maxSeconds: 120 } }, policy));
    } catch (error) {
      expect(error).toBeInstanceOf(SimulationFailure);
      return error as SimulationFailure;
    }
    throw new Error('nothing was found');
  };

  it('stops at the first broken rule and says with which seed and at which event', () => {
    const early = broken((commands, event) =>
      event.type === 'pushed' && commands.length === 0
        ? [{ type: 'release', worker: event.worker, model: true }]
        : commands,
    );
    const { message, seed, event, atMs } = failure(early);
    expect(message).toMatch(/B1/);
    expect(message).toContain(`seed ${seed}, event ${event}, at ${atMs} ms`);
  });

  it('L2: finds a run in which everyone waits for what never comes', () => {
    let releases = 0;
    const forgetful = broken((commands) =>
      commands.filter((command) => command.type !== 'release' || (releases += 1) < 60),
    );
    expect(failure({ ...forgetful, name: 'forgetful' }).message).toMatch(/L2/);
  });
});
