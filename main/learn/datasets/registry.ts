/** The data sets there are, by name. */
import { CaduceusError } from '../../core/errors.ts';
import { locateCifar10, openCifar10 } from './cifar10.ts';
import type { DatasetOptions } from './dataset-options.ts';
import type { Dataset } from './dataset.ts';
import { DIGITS_ROWS, generateDigits } from './digits.ts';
import { locateMnist, openMnist } from './mnist.ts';

export type { DatasetOptions } from './dataset-options.ts';

export interface DatasetEntry {
  name: string;
  /** One line for lists and forms. */
  description: string;
  /** One row: [height, width, channels], so that a model can be checked before the rows are read. */
  shape: readonly number[];
  classes: number;
  /** Read from files in a data directory, as opposed to generated. */
  needsFiles: boolean;
  /** Generated when no other number is asked for, or as published; files of a reader's own may hold fewer. */
  rows: { train: number; test: number };
  /** Looks for its files without reading them. @throws CAD-DATASET-MISSING */
  locate?(dataDir: string | undefined): Promise<unknown>;
  open(options: DatasetOptions): Promise<Dataset>;
}

export const DATASETS: Readonly<Record<string, DatasetEntry>> = {
  digits: {
    name: 'digits',
    description: 'Handwritten-looking digits, 28×28, drawn by a seeded generator; no download',
    shape: [28, 28, 1],
    classes: 10,
    needsFiles: false,
    rows: DIGITS_ROWS,
    open: async (options) => generateDigits(options),
  },
  mnist: {
    name: 'mnist',
    description: 'MNIST, 28×28, 60,000 + 10,000 handwritten digits, from its four IDX files',
    shape: [28, 28, 1],
    classes: 10,
    needsFiles: true,
    rows: { train: 60_000, test: 10_000 },
    locate: locateMnist,
    open: openMnist,
  },
  cifar10: {
    name: 'cifar10',
    description: 'CIFAR-10, 32×32 colour photographs in 10 classes, from its binary batches',
    shape: [32, 32, 3],
    classes: 10,
    needsFiles: true,
    rows: { train: 50_000, test: 10_000 },
    locate: locateCifar10,
    open: openCifar10,
  },
};

/** @throws CAD-DATASET-UNKNOWN, CAD-DATASET-MISSING, CAD-DATASET-CORRUPT, CAD-CONFIG (more rows than there are) */
export async function openDataset(name: string, options: DatasetOptions): Promise<Dataset> {
  return datasetNamed(name).open(options);
}

/** @throws CAD-DATASET-UNKNOWN */
export function datasetNamed(name: string): DatasetEntry {
  const entry = Object.hasOwn(DATASETS, name) ? DATASETS[name] : undefined;
  if (entry !== undefined) return entry;
  throw new CaduceusError(
    'CAD-DATASET-UNKNOWN',
    `there is no data set named ${JSON.stringify(name)}`,
    `Use one of: ${Object.keys(DATASETS).join(', ')}.`,
  );
}
