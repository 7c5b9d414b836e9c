/** Allocation is a choice of its own: every policy runs under every one, with every encoding, and keeps what it promises. */
import { describe, expect, it } from 'vitest';
import { ENCODINGS } from '../compression/encoding.ts';
import { below, prng } from '../prng.ts';
import { atRandom, inTurn, Testbed } from '../testbed.ts';
import { inject } from '../testbed/faults.ts';
import { Invariants } from '../testbed/invariants.ts';
import { judge } from '../testbed/problem.ts';
import { Rehearsal } from '../testbed/rehearsal.ts';
import { ALLOCATIONS, withAllocation } from './allocated.ts';
import type { OptionValues } from './options.ts';
import type { Policy } from './policy.ts';
import { POLICIES, policyNamed } from './registry.ts';

/** Small enough for some iterations in a short time. */
const OPTIONS: Record<string, OptionValues> = {
  'local-sgd': { steps: 4 },
  adacomm: { tau: 4 },
  adsp: { 'check-period': 0.4, rate: 4, 'rate-search': false },
  selsync: { 'warm-up': 3 },
  hermes: { samples: 64, 'min-samples': 8, 'probe-samples': 20, epochs: 1 },
};
const OTHERS = ALLOCATIONS.filter((allocation) => allocation !== 'policy');
const BATCH = 16;
/** Milliseconds a row; the last one is far behind. */
const PACES = { a: 1, b: 1.1, c: 1.2, d: 6 };

function rehearse(policy: Policy, milliseconds = 20_000): Rehearsal {
  const rehearsal = new Rehearsal(policy, OPTIONS[policy.name] ?? {}, { batch: BATCH });
  for (const [worker, msPerRow] of Object.entries(PACES)) rehearsal.join(worker, { msPerRow, probeLoss: () => 1 });
  rehearsal.run(milliseconds);
  return rehearsal;
}

/** The newest work of every worker, in the order of their names. */
function assignments(rehearsal: Rehearsal) {
  return Object.keys(PACES).map((worker) => {
    const found = rehearsal.actors.get(worker)?.assignment;
    if (found === undefined) throw new Error(`${worker} has no work`);
    return found;
  });
}

describe.each(POLICIES.map((policy) => ({ name: policy.name, policy })))('$name', ({ name, policy }) => {
  it('gives everyone the same under a uniform allocation', () => {
    const [first, ...others] = assignments(rehearse(withAllocation(policy, 'uniform')));
    expect(first?.batch).toBe(BATCH);
    for (const { samples, batch, epochs } of others) {
      expect({ samples, batch, epochs }).toEqual({ samples: first?.samples, batch: BATCH, epochs: first?.epochs });
    }
  });

  it('gives batches in proportion to speed, with their sum kept, and as many steps to all', () => {
    const rehearsal = rehearse(withAllocation(policy, 'proportional'));
    const batches = assignments(rehearsal).map(({ batch }) => batch);
    expect(batches.reduce((sum, batch) => sum + batch, 0)).toBe(4 * BATCH);
    const [fast = 0, , , slow = 0] = batches;
    expect(fast / slow).toBeGreaterThan(3.5); // 6 by speed; the least is a quarter of the run's batch
    // Of who is timed often enough for a decision; each has had its own rows, rounded.
    const steps = assignments(rehearsal).map(({ samples, batch }) => samples / batch);
    for (const each of steps) expect(each).toBeCloseTo(steps[0] as number, 0);
  });

  it('gives an outlier less by dual binary search, so that its iterations take as long as the others’', () => {
    const rehearsal = rehearse(withAllocation(policy, 'dual-binary-search'), 60_000);
    const [a, b, , d] = assignments(rehearsal).map(({ samples, epochs }, index) => {
      return samples * epochs * (Object.values(PACES)[index] as number);
    });
    expect((d as number) / (b as number)).toBeLessThan(1.7);
    expect((a as number) / (b as number)).toBeGreaterThan(0.5);
  });

  it('is itself where nothing else is asked for', () => {
    expect(withAllocation(policy)).toBe(policy);
    expect(withAllocation(policy, 'policy')).toBe(policy);
  });

  it('keeps its periods and clocks under any allocation, and a state that is plain JSON', () => {
    for (const allocation of OTHERS) {
      const rehearsal = rehearse(withAllocation(policy, allocation), 3000);
      expect(JSON.parse(JSON.stringify(rehearsal.state))).toEqual(rehearsal.state);
      const own = assignments(rehearse(policy, 3000));
      for (const [index, { commitPeriodMs, untilClock, epochs }] of assignments(rehearsal).entries()) {
        expect(epochs).toBe(own[index]?.epochs);
        expect(commitPeriodMs === undefined).toBe(own[index]?.commitPeriodMs === undefined);
        expect(untilClock === undefined).toBe(own[index]?.untilClock === undefined);
      }
    }
  });

  it.each(OTHERS)('keeps every invariant under a %s allocation with every encoding, whatever is lost', (allocation) => {
    for (const encoding of ENCODINGS) {
      const chance = prng(3, name, allocation, encoding);
      const bed = new Testbed({
        policy: withAllocation(policy, allocation),
        options: OPTIONS[name] ?? {},
        workers: ['a', 'b', 'c'],
        encoding,
        batch: BATCH,
        learningRate: 0.1,
        msPerRow: (worker) => (worker === 'a' ? 5 : 1),
      });
      const invariants = new Invariants(bed);
      bed.connectAll();
      for (let step = 0; step < 180; step++) {
        const fault = (['kill', 'reconnect', 'reconnect', 'duplicate'] as const)[below(chance, 4)];
        if (below(chance, 30) === 0 && fault) inject(bed, fault, chance);
        else if (!bed.step(atRandom(chance))) bed.connectAll();
        if (step % 20 === 0) invariants.check();
      }
      expect(bed.ended).toBeUndefined();
      expect(invariants.counts.received).toBeGreaterThan(0);
    }
  });
});

it('a time is of the rows that a worker has now, or says nothing', () => {
  const policy = withAllocation(policyNamed('bsp'), 'dual-binary-search');
  const rehearsal = rehearse(policy, 3000);
  const { samples, batch } = assignments(rehearsal)[3] as { samples: number; batch: number };
  const iteration = { clock: 99, steps: 1, batch, loss: 1, computeMs: 1e5, waitMs: 0 };
  const reports = (rows: number): unknown => {
    const state = structuredClone(rehearsal.state);
    policy.step(state, { type: 'reported', nowMs: 4000, worker: 'd', iteration: { ...iteration, samples: rows } });
    return state;
  };
  expect(reports(samples + 1)).toEqual(rehearsal.state);
  expect(reports(samples)).not.toEqual(rehearsal.state);
});

it('BSP learns as well with batches of unequal size: each push weighs by its rows', () => {
  const lossWith = (allocation: (typeof ALLOCATIONS)[number]): number => {
    const bed = new Testbed({
      policy: withAllocation(policyNamed('bsp'), allocation),
      workers: ['a', 'b', 'c'],
      batch: 8,
      learningRate: 0.2,
      msPerRow: (worker) => (worker === 'a' ? 4 : 1),
    });
    bed.connectAll();
    expect(bed.run(inTurn, () => bed.server.version >= 150, 100_000)).toBe(true);
    return judge(bed.server.parameters, bed.problem.rows.slice(-60)).loss;
  };
  expect(lossWith('proportional')).toBeLessThan(1.15 * lossWith('uniform'));
});
