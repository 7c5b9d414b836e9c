/** Runs side by side: simulated for the purpose, or taken from those that are kept. */
import { z } from 'zod';
import type { ComparisonRow } from '../comparison.ts';
import { runName } from './runs.ts';

const optionValue = z.union([z.number(), z.string().max(200), z.boolean()]);

/** A preset's name, or a cluster as it is being edited. Never a path. */
export const clusterChoice = z.union([
  z.string().regex(/^[\w-]{1,80}$/, 'the name of a preset'),
  z.record(z.string().max(80), z.json()),
]);

/** Settings of a run, checked behind the schema by the core's own. */
export const configDraft = z.record(z.string().max(80), z.json());

export const simulateComparisonInput = z.strictObject({
  cluster: clusterChoice,
  /** Everything but policy, options and seed. */
  config: configDraft,
  /** One row each; every policy with its defaults when left out. */
  variants: z
    .array(
      z.strictObject({
        label: z.string().min(1).max(80).optional(),
        policy: z.string().min(1).max(80),
        options: z.record(z.string().min(1).max(80), optionValue).default({}),
      }),
    )
    .min(1)
    .max(32)
    .optional(),
  seeds: z.number().int().min(1).max(100).default(3),
  firstSeed: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(1),
  /** Learning rates tried for every row on seeds of their own; 0: all use the one given. */
  tune: z.number().int().min(0).max(64).default(0),
  timingOnly: z.boolean().default(false),
});

export const compareRunsInput = z.strictObject({ runs: z.array(runName).min(2).max(32) });

export const comparisonTableInput = z.strictObject({
  /** A job that compared, or runs that are kept. */
  of: z.union([
    z.strictObject({ job: z.string().min(1).max(64) }),
    z.strictObject({ runs: compareRunsInput.shape.runs }),
  ]),
  format: z.enum(['text', 'md', 'tex', 'csv']),
});

/** One simulated run of a comparison that has ended: policies race while the others still go on. */
export interface ContenderRun {
  policy: string;
  seed: number;
  secondsToTarget: number | null;
  seconds: number;
  accuracy: number;
  loss: number;
  bytes: number;
  points: { seconds: number; bytes: number; accuracy: number; loss: number }[];
}

export interface ComparisonProgress {
  job: string;
  /** `tuning runs`, then `runs`. */
  what: string;
  done: number;
  of: number;
  /** Ended since the message before. */
  runs: ContenderRun[];
}

export interface RunComparison {
  /** One row a run, in the order asked for. */
  rows: (ComparisonRow & { run: string; label: string; virtual: boolean })[];
  /** Settings in which they differ; a comparison is fair when only what is compared does. */
  differences: { path: string; values: (string | null)[] }[];
  /** The run that speed-ups are against; null when none is BSP and reached its target. */
  reference: string | null;
}
