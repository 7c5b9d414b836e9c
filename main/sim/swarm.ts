/**
 * Seeded exploration: a seed becomes a small cluster, a policy and a handful of faults, and the run is
 * simulated under all checkers. Every class of fault is in or out by seed, so that rare combinations
 * occur (swarm testing). Faults end after a while; from then on the run must get on.
 */
import { assert } from '../core/assert.ts';
import { type Cluster, type ClusterInput, type Fault, parseCluster } from '../core/cluster.ts';
import { ENCODINGS } from '../core/compression/encoding.ts';
import { parseRunConfig } from '../core/config.ts';
import type { OptionValues } from '../core/policy/options.ts';
import type { Policy } from '../core/policy/policy.ts';
import { POLICIES } from '../core/policy/registry.ts';
import { below, type PrngState, prng, uniform } from '../core/prng.ts';
import { simulate, type SimulationResult } from './simulation.ts';
import { timingOnlyRequest } from './timing-only-request.ts';
import { SimulationFailure } from './violation.ts';

const MAX_DEVICES = 8;
const FAULTS_UNTIL_SECONDS = 30;
/** The longest fault, the longest silence and the longest back-off are over by then. */
const CALM_FROM_SECONDS = 90;
const SECONDS = 130;
const FAULT_KINDS = ['crash', 'pause', 'slow-down', 'partition', 'late-join', 'clone'] as const;

/** Work small enough that even a slow device finishes some. */
const OPTIONS: Record<string, OptionValues> = {
  hermes: { samples: 48, 'min-samples': 16, epochs: 1, 'probe-samples': 16 },
  'local-sgd': { steps: 4 },
  adacomm: { tau: 4 },
};

export interface Explored {
  policy: string;
  faults: readonly Fault['kind'][];
  outcome: SimulationResult;
}

/** @throws SimulationFailure when a rule is broken, or a run does not get on once all is well. */
export function exploreSeed(seed: number, policies: readonly Policy[] = POLICIES): Explored {
  const chance = prng(seed, 'swarm');
  const policy = policies[below(chance, policies.length)];
  assert(policy !== undefined, 'there is a policy to explore');
  const cluster = swarmCluster(chance, seed);
  const given = OPTIONS[policy.name] ?? {};
  const config = parseRunConfig({
    policy: policy.name,
    options: Object.fromEntries(Object.entries(given).filter(([name]) => name in policy.options)),
    seed,
    learningRate: 0.05,
    encoding: ENCODINGS[below(chance, ENCODINGS.length)],
    ...(below(chance, 2) === 0 && { encodingDown: ENCODINGS[below(chance, ENCODINGS.length)] }),
    dataset: { name: 'none', trainRows: 2600 },
    validationRows: 200,
    evaluateEveryMs: 1000,
    lostGraceMs: 300_000,
    stop: { maxSeconds: SECONDS },
  });
  let lastIterationMs = 0;
  const outcome = simulate({
    ...timingOnlyRequest(config, cluster, policy),
    onRecord: (record) => void (record.type === 'iteration' && (lastIterationMs = record.atMs)),
  });
  if (outcome.end.reason === 'time-limit' && someoneIsLeft(cluster) && lastIterationMs < CALM_FROM_SECONDS * 1000) {
    throw new SimulationFailure(
      seed,
      outcome.events,
      SECONDS * 1000,
      `L1: ${policy.name} stands still since ${lastIterationMs} ms`,
    );
  }
  return { policy: policy.name, faults: cluster.faults.map(({ kind }) => kind), outcome };
}

function swarmCluster(chance: PrngState, seed: number): Cluster {
  const count = 1 + below(chance, MAX_DEVICES);
  const kinds = FAULT_KINDS.filter(() => below(chance, 2) === 0);
  const devices = Array.from({ length: count }, (_, index) => ({
    name: `w${index}`,
    samplesPerSecond: 5 + below(chance, 60),
    link:
      below(chance, 4) === 0
        ? { latencyMs: below(chance, 20), lossProbability: 0.002 }
        : { latencyMs: below(chance, 100) },
  }));
  const faults: Fault[] = [];
  const late = new Set<string>();
  for (let left = kinds.length === 0 ? 0 : below(chance, 2 * count + 1); left > 0; left--) {
    const fault = randomFault(chance, kinds[below(chance, kinds.length)] ?? 'pause', `w${below(chance, count)}`);
    if (fault.kind === 'late-join') {
      if (late.has(fault.device) || late.size === count - 1) continue;
      late.add(fault.device);
    }
    faults.push(fault);
  }
  // A worker that pushes and goes on has no back-pressure yet: links must carry what it pushes (see Timers).
  const bitRate = [20e6, 50e6, 100e6][below(chance, 3)] ?? 100e6;
  const description: ClusterInput = {
    name: `swarm-${seed}`,
    source: 'a seed',
    reference: { batch: 16 },
    rows: below(chance, 2) === 0 ? 'shipped' : 'on-devices',
    server: below(chance, 3) === 0 ? { upBitsPerSecond: 100e6, downBitsPerSecond: 50e6 } : {},
    defaults: { jitter: 0.2 * uniform(chance), fixedShare: 0.5 },
    link: { upBitsPerSecond: bitRate, downBitsPerSecond: 2 * bitRate, latencyMs: 10 },
    devices,
    faults,
  };
  return parseCluster(description);
}

function randomFault(chance: PrngState, kind: (typeof FAULT_KINDS)[number], device: string): Fault {
  const atSeconds = Math.round(uniform(chance) * FAULTS_UNTIL_SECONDS * 1000) / 1000;
  const forSeconds = Math.round((0.1 + uniform(chance) * 25) * 1000) / 1000;
  switch (kind) {
    case 'crash': {
      const silent = below(chance, 2) === 0;
      const isBack = below(chance, 3) > 0;
      return { kind, device, atSeconds, silent, ...(isBack && { backAfterSeconds: forSeconds }) };
    }
    case 'slow-down':
      return { kind, device, atSeconds, factor: 1 + below(chance, 20), forSeconds };
    case 'pause':
    case 'partition':
      return { kind, device, atSeconds, forSeconds };
    case 'late-join':
    case 'clone':
      return { kind, device, atSeconds };
  }
}

/** Some device has neither died for good nor been replaced by a clone that may have. */
function someoneIsLeft({ devices, faults }: Cluster): boolean {
  const gone = new Set(
    faults.flatMap((fault) =>
      fault.kind === 'clone' || (fault.kind === 'crash' && fault.backAfterSeconds === undefined) ? [fault.device] : [],
    ),
  );
  return devices.some(({ name }) => !gone.has(name));
}
