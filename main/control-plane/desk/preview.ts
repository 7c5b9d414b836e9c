/** A look into a data set: some of its rows as pictures, how its classes are spread, who would get which rows. */
import type { CheckedInput, DatasetPreview } from '../../core/api.ts';
import { ShardPlan } from '../../core/allocation/shards.ts';
import { permutation, prng } from '../../core/prng.ts';
import type { Dataset, Rows } from '../../learn/datasets/dataset.ts';
import { openDataset } from '../../learn/datasets/registry.ts';
import { splitRows } from '../../learn/datasets/splits.ts';
import { encodePng } from './png.ts';

type Request = CheckedInput<'experiment.previewDataset'>;

/** @throws CAD-DATASET-UNKNOWN, CAD-DATASET-MISSING, CAD-DATASET-CORRUPT, CAD-CONFIG */
export async function openForPreview({ dataset, seed }: Request): Promise<Dataset> {
  const { name, dataDir, trainRows, testRows } = dataset;
  return openDataset(name, {
    seed,
    ...(dataDir !== undefined && { dataDir }),
    ...(trainRows !== undefined && { trainRows }),
    ...(testRows !== undefined && { testRows }),
  });
}

export function previewOf(dataset: Dataset, request: Request): DatasetPreview {
  const { seed, validationRows, workers } = request;
  const { train, validation } = splitRows(dataset.train, { validationRows, seed });
  return {
    name: dataset.name,
    source: dataset.source,
    shape: dataset.shape,
    classes: dataset.classes,
    rows: { train: train.count, validation: validation.count, test: dataset.test.count },
    samples: sampleImages(dataset, request.samples),
    histogram: histogramOf(train.labels, dataset.classes),
    partition: partitionOf(train, dataset.classes, seed, workers),
  };
}

function sampleImages({ train, shape, featureSize }: Dataset, wanted: number): DatasetPreview['samples'] {
  const [height = 1, width = 1, channels = 1] = shape;
  if (channels !== 1 && channels !== 3) return [];
  const count = Math.min(wanted, train.count);
  return Array.from({ length: count }, (_, place) => {
    const index = Math.floor(((place + 0.5) * train.count) / count);
    const pixels = train.features.subarray(index * featureSize, (index + 1) * featureSize);
    const image = `data:image/png;base64,${encodePng(pixels, [height, width, channels]).toString('base64')}`;
    return { index, label: train.labels[index] ?? 0, image };
  });
}

/** As a run lays rows out: positions in a random order, cut into ranges in proportion to the weights. */
function partitionOf(
  rows: Rows,
  classes: number,
  seed: number,
  workers: Request['workers'],
): DatasetPreview['partition'] {
  const order = permutation(prng(seed, 'positions'), rows.count);
  const plan = new ShardPlan(rows.count);
  const places = workers.map(({ weight }) => {
    const place = plan.addPlace();
    plan.setWeight(place, weight);
    return place;
  });
  return workers.map(({ name }, index) => {
    const { start, length } = plan.shardOf(places[index] as number);
    const own = Uint8Array.from(order.subarray(start, start + length), (row) => rows.labels[row] ?? 0);
    return { worker: name, rows: length, histogram: histogramOf(own, classes) };
  });
}

function histogramOf(labels: Uint8Array, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  return counts;
}
