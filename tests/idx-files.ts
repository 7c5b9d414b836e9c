/** Data sets in the IDX format of MNIST, written by hand: with the reader of the program they share no line. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const IMAGES = 0x0803;
const LABELS = 0x0801;
export const SIDE = 28;

export interface IdxRows {
  /** Pixels, 784 a row. */
  features: Uint8Array;
  labels: Uint8Array;
}

function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, index) => bytes.writeUInt32BE(value, 4 * index));
  return bytes;
}

/** Rows that are easy to tell apart: of class c, the rows of pixels from 2c to 2c + 3 are dark. */
export function stripes(count: number): IdxRows {
  const features = new Uint8Array(count * SIDE * SIDE);
  const labels = Uint8Array.from({ length: count }, (_, row) => row % 10);
  for (let row = 0; row < count; row++) {
    const top = 2 * (row % 10);
    for (let place = 0; place < SIDE * SIDE; place++) {
      const y = Math.floor(place / SIDE);
      features[row * SIDE * SIDE + place] = (y >= top && y < top + 4 ? 200 : 20) + ((row * 7 + place * 13) % 31);
    }
  }
  return { features, labels };
}

export function imagesFile({ features, labels }: IdxRows): Buffer {
  return Buffer.concat([words(IMAGES, labels.length, SIDE, SIDE), features]);
}

export function labelsFile({ labels }: IdxRows): Buffer {
  return Buffer.concat([words(LABELS, labels.length), labels]);
}

/** The four files that a directory of MNIST holds. */
export function writeMnist(directory: string, train: IdxRows, test: IdxRows): void {
  const write = (name: string, bytes: Buffer): void => writeFileSync(join(directory, name), bytes);
  write('train-images-idx3-ubyte', imagesFile(train));
  write('train-labels-idx1-ubyte', labelsFile(train));
  write('t10k-images-idx3-ubyte', imagesFile(test));
  write('t10k-labels-idx1-ubyte', labelsFile(test));
}
