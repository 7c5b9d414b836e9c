/** What is explored exhaustively: policies, bounds, and the rules that hold besides the invariants of every run. */
import { present } from '../../main/core/assert.ts';
import { numberOption, type OptionValues } from '../../main/core/policy/options.ts';
import { policyNamed } from '../../main/core/policy/registry.ts';
import type { Bounds, Onlooker } from '../../main/core/testbed/bounded-run.ts';
import type { Scope } from '../../main/core/testbed/exhaustive.ts';
import { AnswersAtOnce } from '../../main/sim/checkers/answers-at-once.ts';
import { BarrierRounds } from '../../main/sim/checkers/barrier-rounds.ts';
import { StaleBound } from '../../main/sim/checkers/stale-bound.ts';

const POLICIES: Readonly<Record<string, OptionValues>> = {
  bsp: {},
  asp: {},
  ssp: { staleness: 1 },
  // With this threshold its gate pushes whenever there is a z-score, which takes two losses.
  hermes: { alpha: 10, 'min-losses': 2, samples: 8, 'min-samples': 8, epochs: 1, 'probe-samples': 4 },
};

/** The checkers of the simulator that need nothing but what comes in at the server and goes out. */
export function onlookersFor({ policy, options }: { policy: string; options: OptionValues }): Onlooker[] {
  switch (policy) {
    case 'bsp':
    case 'omnilearn-bsp':
      return [new BarrierRounds()];
    case 'ssp':
      return [new StaleBound(numberOption(options, 'staleness'))];
    default:
      return [];
  }
}

export interface NamedScope {
  policy: string;
  workers: number;
  bounds: Bounds;
  /** A model leaves some time after its release, as on a busy connection. */
  deferModels: boolean;
}

function scope(policy: string, workers: number, rounds: number, more: Partial<Bounds & NamedScope> = {}): NamedScope {
  const { crashes = 0, lateJoins = 0, duplicates = 0, deferModels = false } = more;
  return { policy, workers, bounds: { rounds, crashes, lateJoins, duplicates }, deferModels };
}

/** For `npm test`: each policy, each kind of fault. */
export const SMALL_SCOPES: readonly NamedScope[] = [
  scope('bsp', 2, 2),
  scope('bsp', 2, 1, { duplicates: 1 }),
  scope('asp', 1, 1, { lateJoins: 1 }),
  scope('ssp', 2, 2),
  scope('hermes', 1, 1, { crashes: 1 }),
];

/** For `npm run test:long`, besides the small ones. */
export const MEDIUM_SCOPES: readonly NamedScope[] = [
  scope('bsp', 1, 2, { crashes: 1, deferModels: true }),
  scope('asp', 2, 2),
  scope('ssp', 1, 2, { crashes: 1 }),
  scope('hermes', 2, 2),
  scope('hermes', 1, 2, { crashes: 1 }),
];

/** For `npm run explore`. */
export const LARGE_SCOPES: readonly NamedScope[] = Object.keys(POLICIES).flatMap((policy) => [
  scope(policy, 2, 3),
  scope(policy, 2, 2, { deferModels: true }),
  scope(policy, 2, 2, { duplicates: 1 }),
  scope(policy, 2, 1, { crashes: 1 }),
  scope(policy, 1, 2, { lateJoins: 1 }),
  scope(policy, 3, 1),
  scope(policy, 1, 2, { crashes: 1, duplicates: 1 }),
]);

export function toExplore({ policy, workers, bounds, deferModels }: NamedScope): Scope {
  const options = present(POLICIES[policy], policy);
  const names = ['a', 'b', 'c'].slice(0, workers);
  const rows = { trainRows: 16, probeRows: 4, validationRows: 4, batch: 4 };
  const settings = { policy: policyNamed(policy), options, workers: names, ...rows, learningRate: 0.1, deferModels };
  const onlookers = (): Onlooker[] => [
    ...onlookersFor({ policy, options }),
    // Holds where nobody pauses the run.
    ...(policy === 'asp' ? [new AnswersAtOnce()] : []),
  ];
  return { settings, bounds, onlookers };
}

export function describeScope({ policy, workers, bounds, deferModels }: NamedScope): string {
  const { rounds, crashes, lateJoins, duplicates } = bounds;
  const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
  const faults = [
    ...(crashes > 0 ? [counted(crashes, 'lost worker')] : []),
    ...(lateJoins > 0 ? [counted(lateJoins, 'late join')] : []),
    ...(duplicates > 0 ? [counted(duplicates, 'duplicate')] : []),
    ...(deferModels ? ['models deferred'] : []),
  ];
  return [`${policy}, ${counted(workers, 'worker')} × ${counted(rounds, 'round')}`, ...faults].join(', ');
}
