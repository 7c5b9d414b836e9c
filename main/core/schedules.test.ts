/**
 * Random schedules with random faults, hundreds of seeds for each policy. After every step the
 * invariants of RELIABILITY D.3 hold; when the faults stop, training goes on.
 */
import { describe, expect, it } from 'vitest';
import { ENCODINGS } from './compression/encoding.ts';
import { adacomm } from './policy/adacomm.ts';
import { adsp } from './policy/adsp.ts';
import { asp } from './policy/asp.ts';
import { bsp } from './policy/bsp.ts';
import { ebsp } from './policy/ebsp.ts';
import { hermes } from './policy/hermes.ts';
import { localSgd } from './policy/local-sgd.ts';
import { omnilearnAsp } from './policy/omnilearn-asp.ts';
import { omnilearnBsp } from './policy/omnilearn-bsp.ts';
import type { OptionValues } from './policy/options.ts';
import type { Policy } from './policy/policy.ts';
import { selsync } from './policy/selsync.ts';
import { ssp } from './policy/ssp.ts';
import { below, prng } from './prng.ts';
import { atRandom, Testbed } from './testbed.ts';
import { drawFaults, heal, inject } from './testbed/faults.ts';
import { Invariants } from './testbed/invariants.ts';

const SEEDS = Number(process.env['CADUCEUS_SCHEDULES'] ?? 100);
const FAULTY_STEPS = 150;
const HEALED_ITERATIONS = 5;
const WORKERS = ['a', 'b', 'c', 'd', 'e'];

const POLICIES: { policy: Policy; options: (chance: ReturnType<typeof prng>) => OptionValues }[] = [
  { policy: bsp, options: () => ({}) },
  { policy: asp, options: (chance) => ({ 'round-scaling': below(chance, 2) === 0 }) },
  {
    policy: ssp,
    options: (chance) => ({
      staleness: below(chance, 4),
      pull: below(chance, 2) === 0 ? 'stale' : 'always',
      'round-scaling': below(chance, 2) === 0,
    }),
  },
  { policy: ebsp, options: (chance) => ({ lookahead: 1 + below(chance, 6), 'round-scaling': below(chance, 2) === 0 }) },
  { policy: selsync, options: (chance) => ({ delta: below(chance, 3) * 0.05, 'warm-up': below(chance, 3) * 3 }) },
  {
    policy: localSgd,
    options: (chance) => ({
      steps: 1 + below(chance, 4),
      participation: 1 / (1 + below(chance, 3)),
      outer: below(chance, 2) === 0 ? 'none' : 'nesterov',
    }),
  },
  { policy: adacomm, options: (chance) => ({ tau: 1 + below(chance, 8), 'check-period': 0.02 }) },
  {
    policy: adsp,
    options: (chance) => ({
      'check-period': 0.02 + below(chance, 3) * 0.05,
      rate: 1 + below(chance, 20),
      'rate-search': below(chance, 2) === 0,
      'search-every': 0.1,
    }),
  },
  ...[omnilearnBsp, omnilearnAsp].map((policy) => ({
    policy,
    options: (chance: ReturnType<typeof prng>) => ({
      'adjust-every': below(chance, 4),
      'dead-band': below(chance, 2) * 0.2,
      'learn-limits': below(chance, 2) === 0,
      ...(policy === omnilearnBsp && below(chance, 4) === 0 && policy.faithful),
    }),
  })),
  {
    policy: hermes,
    options: (chance) => ({
      ...(below(chance, 3) === 0 && { ...hermes.faithful, patience: 0 }),
      samples: 2 + below(chance, 80), // an iteration of one row has no tail to test on, and never pushes
      'min-samples': 1 + below(chance, 20),
      epochs: 1 + below(chance, 2),
      'probe-samples': 1 + below(chance, 30),
      alpha: -below(chance, 2),
      lambda: 1 + below(chance, 3),
    }),
  },
];

function bedFor(policy: Policy, options: (chance: ReturnType<typeof prng>) => OptionValues, seed: number): Testbed {
  const chance = prng(seed, 'bed');
  return new Testbed({
    policy,
    seed,
    options: options(chance),
    workers: WORKERS.slice(0, 1 + below(chance, WORKERS.length)),
    batch: 1 + below(chance, 12),
    trainRows: 300 + below(chance, 400),
    momentum: below(chance, 2) * 0.5,
    learningRate: 0.1,
    encoding: ENCODINGS[below(chance, ENCODINGS.length)] ?? 'f32',
    ...(below(chance, 2) === 0 && { encodingDown: ENCODINGS[below(chance, ENCODINGS.length)] ?? 'f32' }),
    deferModels: below(chance, 2) === 0,
    msPerRow: (worker) => 1 + WORKERS.indexOf(worker) ** 2,
    config: { evaluateEveryMs: below(chance, 40), joinGraceMs: 30 },
  });
}

/** From now on, the workers that have not yet done so many more iterations. (Hermes need not push for ever.) */
function iterationsAhead(bed: Testbed): () => string[] {
  const counts = new Map<string, number>();
  let seen = bed.records.length;
  return () => {
    for (; seen < bed.records.length; seen++) {
      const record = bed.records[seen];
      if (record?.type === 'iteration') counts.set(record.worker, (counts.get(record.worker) ?? 0) + 1);
    }
    return [...bed.devices.keys()].filter((worker) => (counts.get(worker) ?? 0) < HEALED_ITERATIONS);
  };
}

describe.each(POLICIES)('$policy.name under random schedules and faults', ({ policy, options }) => {
  it(`keeps every invariant and goes on when the faults stop (${SEEDS} seeds)`, () => {
    let applied = 0;
    for (let seed = 0; seed < SEEDS; seed++) {
      const bed = bedFor(policy, options, seed);
      const invariants = new Invariants(bed);
      const chance = prng(seed, 'schedule');
      const faults = drawFaults(chance);
      try {
        bed.connectAll();
        for (let step = 0; step < FAULTY_STEPS && bed.ended === undefined; step++) {
          const fault = faults[below(chance, faults.length + 1)];
          if (fault !== undefined && below(chance, 12) === 0) inject(bed, fault, chance);
          if (!bed.step(atRandom(chance))) bed.connectAll();
          invariants.check();
        }
        expect(bed.ended).toBeUndefined();
        const behind = iterationsAhead(bed);
        for (let step = 0; behind().length > 0; step++) {
          if (step % 50 === 0) heal(bed);
          if (!bed.step(atRandom(chance))) {
            heal(bed);
            if (bed.possible().length === 0 && !bed.sleep()) throw new Error('nothing can happen any more');
          }
          if (step > 20_000) throw new Error(`${behind().join(', ')} wait for ever`);
          invariants.check();
        }
        applied += invariants.counts.applied;
      } catch (error) {
        throw new Error(`seed ${seed} of ${policy.name} with faults ${faults.join(', ')}`, { cause: error });
      }
    }
    expect(applied).toBeGreaterThan(SEEDS);
  });
});
