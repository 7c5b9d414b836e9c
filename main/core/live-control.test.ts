/** A run that is changed while it goes on: workers added and dropped, what the policy allows. */
import { describe, expect, it } from 'vitest';
import type { RunRecord } from './metrics.ts';
import { asp } from './policy/asp.ts';
import { bsp } from './policy/bsp.ts';
import { hermes } from './policy/hermes.ts';
import { changeOptions, liveOptions, type OptionValue, type OptionValues } from './policy/options.ts';
import type { Policy } from './policy/policy.ts';
import { POLICIES } from './policy/registry.ts';
import { policySetup } from './policy/setup.ts';
import { ssp } from './policy/ssp.ts';
import { prng } from './prng.ts';
import { replayDecisions } from './replay.ts';
import { atRandom, Testbed } from './testbed.ts';
import { tidy } from './testbed/policy-script.ts';
import { ServerScript } from './testbed/server-script.ts';

const holds = (server: ServerScript, script: string): void => expect(server.play(script)).toBe(tidy(script));

function started(policy: Policy, workers: readonly string[]): ServerScript {
  const server = new ServerScript(policy, workers);
  for (const worker of workers) {
    server.give(`${worker} connects`);
    server.give(`${worker} is ready`);
  }
  return server;
}

describe('a worker that is dropped', () => {
  it('goes when its push has been decided, and the others go on without it', () => {
    holds(
      started(bsp, ['a', 'b']),
      `
      b shall-go
      b pushes 1 of 2
      a pushes 1 of 4
        push 1 of a applied, stale by 0
        push 1 of b applied, stale by 0
        a <- model v1 = -3, answers 1
        b <- stop
        ! left b
      a pushes 2 of 1
        push 2 of a applied, stale by 0
        a <- model v2 = -4, answers 2
      b is lost
    `,
    );
  });

  it('that holds the others up goes when its grace is over, and they go on', () => {
    holds(
      started(bsp, ['a', 'b']),
      `
      a pushes 1 of 4
      b shall-go
      at 9999
      at 10000
        b <- stop
        ! left b
        push 1 of a applied, stale by 0
        a <- model v1 = -4, answers 1
    `,
    );
  });

  it('goes at once when it takes no part yet, and the start does not wait for it', () => {
    holds(
      new ServerScript(asp, ['a', 'b']),
      `
      a connects
        a <- welcome 1
      a is ready
        ! joined a
      b shall-go
        ! left b
        ! started
        a <- model v0 = 0, answers 0
        judge 1: 0
    `,
    );
  });

  it('goes at once when a pause keeps it waiting', () => {
    holds(
      started(asp, ['a', 'b']),
      `
      pause
        ! paused
        a <- pause
        b <- pause
      a pushes 1 of 2
        push 1 of a applied, stale by 0
      a shall-go
        a <- stop
        ! left a
      resume
        ! resumed
        b <- resume
    `,
    );
  });

  it('leaves a run that waits for another when it was the last, and comes back if it is asked again', () => {
    holds(
      started(asp, ['a']),
      `
      a shall-go
      a pushes 1 of 2
        push 1 of a applied, stale by 0
        a <- stop
        ! left a
        ! paused
      a enlists
        ! added a
      a connects
        a <- welcome 2
      a is ready
        ! rejoined a
        ! resumed
        a <- model v1 = -2, answers 0
    `,
    );
  });
});

describe('a worker that is added', () => {
  it('is waited for before the start, and joins a run under way at the slowest clock', () => {
    holds(
      new ServerScript(ssp, ['a']),
      `
      b enlists
        ! added b
      a connects
        a <- welcome 1
      a is ready
        ! joined a
      b connects
        b <- welcome 1
      b is ready
        ! joined b
        ! started
        a <- model v0 = 0, answers 0
        b <- model v0 = 0, answers 0
        judge 1: 0
    `,
    );
    const server = started(ssp, ['a']);
    for (let sequence = 1; sequence <= 5; sequence++) server.give(`a pushes ${sequence} of 1 goes-on`);
    server.play('c enlists\nc connects\nc is ready');
    const { workers } = server.server.snapshot().state.policy as { workers: Record<string, { clock: number }> };
    expect(workers['c']?.clock).toBe(workers['a']?.clock);
  });
});

describe('options that change while a run goes on', () => {
  it('let go on at once who may under the new bound', () => {
    holds(
      started(ssp, ['a', 'b']),
      `
      a pushes 1 of 1 goes-on
        push 1 of a applied, stale by 0
      a pushes 2 of 1 goes-on
        push 2 of a applied, stale by 0
      a pushes 3 of 1 goes-on
        push 3 of a applied, stale by 0
      a pushes 4 of 1
        push 4 of a applied, stale by 0
      options staleness=9
        ! options
        a <- model v4 = 4, answers 4
        a <- options
        b <- options
    `,
    );
  });

  it('are in the snapshot, and a worker that joins later starts with them', () => {
    const server = started(ssp, ['a', 'b']);
    server.play('options staleness=9\nrestart');
    expect(server.server.options).toMatchObject({ staleness: 9 });
    server.give('a connects');
    const [welcome] = server.outputs;
    expect(welcome).toMatchObject({ message: { kind: 'welcome', plan: { options: { staleness: 9 } } } });
  });

  it('that are the same as before change nothing and are not on record', () => {
    expect(started(ssp, ['a']).give('options staleness=3')).toEqual([]);
  });

  it('must be marked live and in range', () => {
    const change = (policy: Policy, values: OptionValues): unknown =>
      changeOptions(policy.name, policy.options, defaultsOf(policy), values);
    expect(change(ssp, { staleness: 7 })).toEqual({ ...defaultsOf(ssp), staleness: 7 });
    expect(change(ssp, { staleness: 7, pull: 'stale' })).toMatchObject({ staleness: 7 });
    for (const values of [{ staleness: -1 }, { pull: 'always' }, { alpha: 1 }]) {
      expect(() => change(ssp, values)).toThrow(expect.objectContaining({ code: 'CAD-POLICY-OPTION' }));
    }
    expect(() => change(hermes, { samples: 5 })).toThrow(/cannot change while a run goes on/);
    // What a window offers is what will be taken.
    for (const policy of POLICIES) {
      const offered = liveOptions(policy.options);
      const values = Object.fromEntries(offered.map((name) => [name, defaultsOf(policy)[name] as OptionValue]));
      expect(change(policy, values)).toEqual(defaultsOf(policy));
    }
    expect(liveOptions(hermes.options)).not.toContain('epochs');
  });

  it('reach the gates of workers, which go on with what they have seen', () => {
    const options = { samples: 60, 'min-samples': 8, 'probe-samples': 20, lambda: 1 };
    const bed = new Testbed({ policy: hermes, options, workers: ['a', 'b'] });
    bed.connectAll();
    const chance = prng(3, 'retune');
    bed.run(atRandom(chance), () => iterations(bed) >= 30);
    const change = changeOptions('hermes', hermes.options, bed.server.options, { alpha: 10, 'min-losses': 2 });
    bed.give({ type: 'options', nowMs: bed.nowMs, options: change });
    const before = pushes(bed);
    bed.run(atRandom(chance), () => iterations(bed) >= 90);
    // With a threshold of 10 every loss is a gain: all iterations but the first after each push, which has no deviation.
    expect(pushes(bed) - before).toBeGreaterThanOrEqual(20);
  });
});

function defaultsOf({ options }: Policy): OptionValues {
  return Object.fromEntries(Object.entries(options).map(([name, spec]) => [name, spec.default]));
}

function iterations({ records }: Testbed): number {
  return records.filter(({ type }) => type === 'iteration').length;
}

function pushes({ records }: Testbed): number {
  return records.filter((record) => record.type === 'iteration' && record.pushed).length;
}

describe.each(POLICIES.map((policy) => [policy.name, policy] as const))('a run under %s', (_name, policy) => {
  it('goes on, and replays, whoever is added or dropped and whatever is changed', () => {
    for (let seed = 1; seed <= 4; seed++) {
      const options = 'samples' in policy.options ? { samples: 60, 'min-samples': 8, 'probe-samples': 20 } : {};
      const bed = new Testbed({ policy, options, seed, workers: ['a', 'b', 'c'] });
      bed.connectAll();
      const chance = prng(seed, 'live');
      const goOn = (count: number): void => {
        const enough = iterations(bed) + count;
        expect(bed.run(atRandom(chance), () => iterations(bed) >= enough)).toBe(true);
      };
      goOn(20);
      bed.give({ type: 'dismiss', nowMs: bed.nowMs, worker: 'b', text: 'enough of it' });
      goOn(10);
      bed.give({ type: 'enlist', nowMs: bed.nowMs, worker: 'd' });
      bed.addDevice('d');
      bed.connect('d');
      goOn(10);
      const live = Object.entries(policy.options).flatMap(([name, spec]) =>
        spec.live === true && (spec.kind === 'integer' || spec.kind === 'number')
          ? [[name, Math.min(spec.max, spec.default + 1)] as const]
          : [],
      );
      const changed = changeOptions(policy.name, policy.options, bed.server.options, Object.fromEntries(live));
      bed.give({ type: 'options', nowMs: bed.nowMs, options: changed });
      goOn(20);
      bed.nowMs += 10_000; // whoever has not gone by now has to
      bed.give({ type: 'woke', nowMs: bed.nowMs });
      goOn(20);
      expect(incidents(bed.records, 'left')).toEqual(['b']);
      expect(bed.server.snapshot().state.active).toEqual(['a', 'c', 'd']);
      const decisions = bed.records.filter((record) => record.type === 'decision');
      const log = JSON.parse(JSON.stringify(decisions)) as typeof decisions;
      expect(replayDecisions(policy, policySetup(bed.plan, 8), log)).toEqual({ matched: log.length });
    }
  });
});

function incidents(records: readonly RunRecord[], kind: string): (string | undefined)[] {
  return records.flatMap((record) => (record.type === 'incident' && record.what === kind ? [record.worker] : []));
}
