/** An experiment before it is started: checked, previewed, kept. */
import { z } from 'zod';
import type { Cluster } from '../cluster.ts';
import type { RunConfig } from '../config.ts';
import type { Issue } from '../issue.ts';
import type { LayerSpec } from '../model.ts';

export type { Issue };

export interface Validation {
  /** Complete, with all defaults; null while there is an error. */
  config: RunConfig | null;
  /** The policy's options, defaults filled in; null while they cannot be told. */
  options: Readonly<Record<string, number | string | boolean>> | null;
  issues: Issue[];
  /** What a run with these settings would be, as far as it can be told. */
  estimate: {
    parameters: number | null;
    /** One update on the wire, and one model back. */
    updateBytes: number | null;
    modelBytes: number | null;
    /** Null until the data set has been opened once. */
    trainRows: number | null;
  };
}

export const previewInput = z.strictObject({
  dataset: z.strictObject({
    name: z.string().min(1).max(80),
    dataDir: z.string().min(1).max(4096).optional(),
    trainRows: z.number().int().min(1).max(10_000_000).optional(),
    testRows: z.number().int().min(1).max(10_000_000).optional(),
  }),
  seed: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(1),
  validationRows: z.number().int().min(1).max(1_000_000).default(2000),
  samples: z.number().int().min(0).max(64).default(24),
  /** How rows would lie at the start: each worker's weight, as its rows per iteration or its speed. */
  workers: z
    .array(z.strictObject({ name: z.string().min(1).max(64), weight: z.number().positive().max(1e12) }))
    .max(256)
    .default([]),
});

export interface DatasetPreview {
  name: string;
  source: string;
  shape: readonly number[];
  classes: number;
  rows: { train: number; validation: number; test: number };
  /** Rows of the training set, evenly spread over it. `image`: a data URL, PNG. */
  samples: { index: number; label: number; image: string }[];
  /** Rows of each class in the training rows. */
  histogram: number[];
  partition: { worker: string; rows: number; histogram: number[] }[];
}

/** A model as it is being built: fields may still be missing or wrong. */
export const describeInput = z.strictObject({
  model: z.union([
    z.string().min(1).max(80),
    z.strictObject({
      name: z.string().max(80).default('custom'),
      input: z.array(z.number()).max(3),
      classes: z.number(),
      layers: z.array(z.record(z.string().max(40), z.union([z.string().max(40), z.number()]))).max(64),
    }),
  ]),
});

export interface DescribedLayer {
  index: number;
  type: string;
  spec: LayerSpec | null;
  /** Without the batch axis; null when it, or one before it, is wrong. */
  output: readonly number[] | null;
  parameters: number | null;
  /** Multiply-adds of one row's forward pass. */
  multiplyAdds: number | null;
  issues: Issue[];
}

export interface ModelDescription {
  name: string;
  input: readonly number[];
  classes: number;
  layers: DescribedLayer[];
  parameters: number | null;
  multiplyAdds: number | null;
  /** In float32. */
  bytes: number | null;
  /** Of the model as a whole. */
  issues: Issue[];
  valid: boolean;
}

export const saveExperimentInput = z.strictObject({
  /** Absent: a new one. */
  id: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/)
    .optional(),
  name: z.string().trim().min(1).max(80),
  /** Kept as it is, finished or not; at most 64 kB of JSON. */
  config: z.record(z.string().max(80), z.json()),
  /** For experiments that are simulated: a preset's name or a cluster. */
  cluster: z
    .union([z.string().min(1).max(80), z.record(z.string().max(80), z.json())])
    .nullable()
    .default(null),
});

export interface SavedExperiment {
  id: string;
  name: string;
  savedAt: string;
  config: Readonly<Record<string, unknown>>;
  cluster: string | Readonly<Record<string, unknown>> | null;
}

export interface ClusterReading {
  cluster: Cluster | null;
  issues: Issue[];
}
