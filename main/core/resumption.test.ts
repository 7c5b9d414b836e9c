/** A run cut anywhere goes on from its snapshot; a BSP run cut between rounds ends in the same bits. */
import { describe, expect, it } from 'vitest';
import { checksum } from './parameters.ts';
import { asp } from './policy/asp.ts';
import { bsp } from './policy/bsp.ts';
import { hermes } from './policy/hermes.ts';
import type { Policy } from './policy/policy.ts';
import { below, prng } from './prng.ts';
import { atRandom, inTurn, Testbed, type TestbedSettings } from './testbed.ts';
import { drawFaults, heal, inject } from './testbed/faults.ts';
import { Invariants } from './testbed/invariants.ts';
import { ServerScript } from './testbed/server-script.ts';
import { toyPolicy } from './testbed/toy-policy.ts';

const WORKERS = ['a', 'b', 'c'];
const HERMES = { samples: 40, 'min-samples': 8, epochs: 1, 'probe-samples': 20, lambda: 1 };

function started(policy: Policy, settings: Partial<TestbedSettings> = {}): Testbed {
  const bed = new Testbed({ policy, workers: WORKERS, momentum: 0.5, learningRate: 0.1, ...settings });
  bed.connectAll();
  return bed;
}

const reaches = (bed: Testbed, version: number, seed = 1): void => {
  expect(bed.run(atRandom(prng(seed, 'order')), () => bed.server.version >= version, 50_000)).toBe(true);
};

describe('a BSP run', () => {
  it('cut between rounds ends in the same bits as one that was not, velocity and all (C10)', () => {
    const whole = started(bsp);
    reaches(whole, 60);
    for (const cut of [1, 24, 25, 41]) {
      const bed = started(bsp);
      reaches(bed, cut, 5);
      bed.restartServer(bed.server.snapshot());
      bed.connectAll();
      reaches(bed, 60, 6);
      expect(checksum(bed.server.parameters)).toBe(checksum(whole.server.parameters));
    }
  });

  it('cut in the middle of a round does that round again, and loses nothing before it', () => {
    const bed = started(bsp);
    reaches(bed, 10);
    bed.run(inTurn, () => bed.connections.some(({ up }) => up.length > 0));
    const { state } = bed.server.snapshot();
    bed.restartServer(bed.server.snapshot());
    expect(bed.server.version).toBe(state.version);
    bed.connectAll();
    reaches(bed, state.version + 10, 2);
  });
});

describe('a snapshot', () => {
  it('does not change while the run goes on', () => {
    for (const [policy, options] of [
      [bsp, {}],
      [asp, {}],
      [hermes, HERMES],
    ] as const) {
      const bed = started(policy, { options });
      reaches(bed, 5);
      const snapshot = bed.server.snapshot();
      const before = structuredClone(snapshot);
      reaches(bed, 12, 2);
      expect(snapshot).toEqual(before);
    }
  });

  it('can be resumed from twice', () => {
    const bed = started(bsp);
    reaches(bed, 7);
    const snapshot = bed.server.snapshot();
    const ends = [1, 2].map(() => {
      bed.restartServer(snapshot);
      for (const worker of WORKERS) bed.kill(worker);
      bed.connectAll();
      reaches(bed, 15);
      return checksum(bed.server.parameters);
    });
    expect(ends[0]).toBe(ends[1]);
  });

  it('carries time, work and bytes on', () => {
    const bed = started(asp);
    reaches(bed, 20);
    const { state } = bed.server.snapshot();
    const before = bed.server.ledger.total();
    bed.restartServer(bed.server.snapshot());
    expect([bed.server.elapsedMs, bed.server.ledger.total()]).toEqual([state.elapsedMs, before]);
    bed.nowMs += 500; // nobody trains while there is no server
    bed.connectAll();
    reaches(bed, 21);
    expect(bed.server.elapsedMs).toBeLessThan(state.elapsedMs + 100);
    expect(bed.server.elapsedMs).toBeGreaterThan(state.elapsedMs);
    expect(bed.server.snapshot().state.iterations).toBeGreaterThan(state.iterations);
  });

  it('made before the start knows of no joins: nobody counts less than once afterwards', () => {
    const server = new ServerScript(asp, ['a', 'b']);
    expect(
      server.play(`
        a connects
          a <- welcome 1
        a is ready
          ! joined a
        restart
        a connects
          a <- welcome 2
        a is ready
          ! rejoined a
        b connects
          b <- welcome 1
        b is ready
          ! joined b
          ! started
          a <- model v0 = 0, answers 0
          b <- model v0 = 0, answers 0
          judge 1: 0
      `),
    ).toContain('started');
    expect(server.server.snapshot().state.policy).toMatchObject({ workers: 2 });
  });

  it('remembers when the policy wants to be woken', () => {
    const woken: number[] = [];
    const sleeper = toyPolicy({
      step(_state, event) {
        if (event.type === 'woke') woken.push(event.nowMs);
        return event.type === 'joined' && event.worker === 'a' ? [{ type: 'wake', atMs: 300 }] : [];
      },
    });
    const server = new ServerScript(sleeper, ['a', 'b']);
    server.play('a connects\na is ready\nb connects\nb is ready\nat 100\nrestart\nat 1000\nb connects\nb is ready');
    server.play('at 2000'); // a is late: the run goes on with b, after 100 ms of training
    expect([woken, server.server.wakeAtMs]).toEqual([[], 2200]);
    server.play('at 2199');
    expect(woken).toEqual([]);
    server.play('at 2200');
    expect(woken).toEqual([300]);
  });
});

describe('a Hermes run', () => {
  it('cut while a push is judged goes on: the push is lost with its worker, and the next is judged', () => {
    const bed = started(hermes, { options: HERMES, momentum: 0 });
    reaches(bed, 4);
    type State = { judging: string; queue: unknown[] };
    const judging = (what: string): boolean => (bed.server.snapshot().state.policy as State).judging === what;
    for (const what of ['push', 'model']) {
      expect(bed.run(atRandom(prng(7)), () => judging(what))).toBe(true);
      const { version } = bed.server;
      bed.restartServer(bed.server.snapshot());
      expect(bed.server.snapshot().state.policy).toMatchObject({ queue: [] });
      bed.connectAll();
      reaches(bed, version + 3, 2);
    }
  });
});

describe('a server that dies again and again', () => {
  it.each([
    ['bsp', bsp, {}],
    ['asp', asp, { 'round-scaling': true }],
    ['hermes', hermes, HERMES],
  ] as const)('%s: every invariant holds, and the run goes on (20 seeds)', (_name, policy, options) => {
    for (let seed = 0; seed < 20; seed++) {
      const chance = prng(seed, 'restarts');
      const bed = new Testbed({
        policy,
        options,
        seed,
        workers: WORKERS,
        learningRate: 0.1,
        deferModels: seed % 2 === 0,
      });
      const invariants = new Invariants(bed);
      const faults = drawFaults(chance);
      let snapshot = bed.server.snapshot();
      try {
        bed.connectAll();
        for (let step = 0; step < 200; step++) {
          const fault = faults[below(chance, faults.length + 1)];
          if (fault !== undefined && below(chance, 20) === 0) inject(bed, fault, chance);
          if (below(chance, 15) === 0) snapshot = bed.server.snapshot();
          if (below(chance, 30) === 0) {
            invariants.check();
            bed.restartServer(snapshot);
            invariants.restored();
          }
          if (!bed.step(atRandom(chance))) bed.connectAll();
          invariants.check();
        }
        const version = bed.server.version + 3;
        for (let step = 0; bed.server.version < version; step++) {
          if (step > 5000) throw new Error('no new version comes');
          if (step % 50 === 0) heal(bed);
          if (!bed.step(atRandom(chance))) heal(bed);
          invariants.check();
        }
      } catch (error) {
        throw new Error(`seed ${seed} with faults ${faults.join(', ')}`, { cause: error });
      }
    }
  });
});
