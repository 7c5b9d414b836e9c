/** MNIST (LeCun, Cortes, Burges) and the sets that share its four files, such as Fashion-MNIST. */
import { type DatasetOptions, limitRows } from './dataset-options.ts';
import { corrupt, findDataFile, missing } from './data-file.ts';
import type { Dataset, Rows } from './dataset.ts';
import { readIdxImages, readIdxLabels } from './idx.ts';

const SIDE = 28;
const CLASSES = 10;
const FILES = {
  trainImages: 'train-images-idx3-ubyte',
  trainLabels: 'train-labels-idx1-ubyte',
  testImages: 't10k-images-idx3-ubyte',
  testLabels: 't10k-labels-idx1-ubyte',
};

/** Where the four files are. @throws CAD-DATASET-MISSING with the four names */
export async function locateMnist(dataDir: string | undefined): Promise<Record<keyof typeof FILES, string>> {
  const find = async (name: string): Promise<string> => {
    // Some archives write the name with a dot.
    const found = dataDir === undefined ? undefined : await findDataFile(dataDir, [name, name.replace('-idx', '.idx')]);
    if (found === undefined) throw missing(dataDir, name, Object.values(FILES));
    return found;
  };
  return {
    trainImages: await find(FILES.trainImages),
    trainLabels: await find(FILES.trainLabels),
    testImages: await find(FILES.testImages),
    testLabels: await find(FILES.testLabels),
  };
}

/** @throws CAD-DATASET-MISSING with the four names, CAD-DATASET-CORRUPT */
export async function openMnist({ dataDir, trainRows, testRows }: DatasetOptions): Promise<Dataset> {
  const { trainImages, trainLabels, testImages, testLabels } = await locateMnist(dataDir);
  return {
    name: 'mnist',
    shape: [SIDE, SIDE, 1],
    featureSize: SIDE * SIDE,
    classes: CLASSES,
    train: limitRows(await readRows(trainImages, trainLabels), trainRows, 'training'),
    test: limitRows(await readRows(testImages, testLabels), testRows, 'test'),
    source: `IDX files in ${dataDir ?? ''}`,
  };
}

async function readRows(imagesPath: string, labelsPath: string): Promise<Rows> {
  const images = await readIdxImages(imagesPath);
  if (images.height !== SIDE || images.width !== SIDE) {
    throw corrupt(imagesPath, `images of ${SIDE}×${SIDE}`, `${images.height}×${images.width}`);
  }
  const labels = await readIdxLabels(labelsPath, CLASSES);
  if (labels.length !== images.count) {
    throw corrupt(labelsPath, `${images.count} labels, one for each image of ${imagesPath}`, `${labels.length}`);
  }
  return { features: images.pixels, labels, count: images.count };
}
