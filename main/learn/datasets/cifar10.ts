/**
 * CIFAR-10 (Krizhevsky 2009) in its binary version: records of one label byte and 3,072 pixel bytes,
 * all reds of an image, then all greens, then all blues.
 */
import { corrupt, findDataFile, missing, readRecordFile } from './data-file.ts';
import { type DatasetOptions, limitRows } from './dataset-options.ts';
import type { Dataset, Rows } from './dataset.ts';

const SIDE = 32;
const CHANNELS = 3;
const PLANE = SIDE * SIDE;
const FEATURES = CHANNELS * PLANE;
const RECORD = 1 + FEATURES;
const CLASSES = 10;
const TRAIN_FILES = [1, 2, 3, 4, 5].map((batch) => `data_batch_${batch}.bin`);
const TEST_FILE = 'test_batch.bin';

/**
 * Where the training batches are, from the first on without a gap, and the test batch.
 * @throws CAD-DATASET-MISSING when there is not at least one of each
 */
export async function locateCifar10(dataDir: string | undefined): Promise<{ batches: string[]; test: string }> {
  const find = async (name: string): Promise<string | undefined> =>
    dataDir === undefined ? undefined : findDataFile(dataDir, [name]);
  const batches: string[] = [];
  for (const name of TRAIN_FILES) {
    const path = await find(name);
    if (path === undefined) break;
    batches.push(path);
  }
  const test = await find(TEST_FILE);
  if (batches.length > 0 && test !== undefined) return { batches, test };
  const lacking = batches.length === 0 ? 'data_batch_1.bin' : TEST_FILE;
  throw missing(dataDir, lacking, [...TRAIN_FILES, TEST_FILE]);
}

/** @throws CAD-DATASET-MISSING, CAD-DATASET-CORRUPT */
export async function openCifar10({ dataDir, trainRows, testRows }: DatasetOptions): Promise<Dataset> {
  const { batches, test } = await locateCifar10(dataDir);
  return {
    name: 'cifar10',
    shape: [SIDE, SIDE, CHANNELS],
    featureSize: FEATURES,
    classes: CLASSES,
    train: limitRows(await readBatches(batches), trainRows, 'training'),
    test: limitRows(await readBatches([test]), testRows, 'test'),
    source: `${batches.length} of 5 training batches in ${dataDir ?? ''}`,
  };
}

async function readBatches(paths: readonly string[]): Promise<Rows> {
  const files: Buffer[] = [];
  for (const path of paths) files.push(await readRecordFile(path, RECORD));
  const count = files.reduce((sum, file) => sum + file.length / RECORD, 0);
  const rows: Rows = { features: new Uint8Array(count * FEATURES), labels: new Uint8Array(count), count };
  let row = 0;
  for (const [index, file] of files.entries()) {
    for (let start = 0; start < file.length; start += RECORD, row++) {
      const label = file[start] as number;
      if (label >= CLASSES) {
        throw corrupt(paths[index] ?? '', `labels below ${CLASSES}`, `label ${label} in record ${start / RECORD}`);
      }
      rows.labels[row] = label;
      interleave(
        file.subarray(start + 1, start + RECORD),
        rows.features.subarray(row * FEATURES, (row + 1) * FEATURES),
      );
    }
  }
  return rows;
}

/** Three planes → one triple per pixel: engines want channels last. */
function interleave(planes: Uint8Array, pixels: Uint8Array): void {
  for (let place = 0; place < PLANE; place++) {
    for (let channel = 0; channel < CHANNELS; channel++) {
      pixels[place * CHANNELS + channel] = planes[channel * PLANE + place] as number;
    }
  }
}
