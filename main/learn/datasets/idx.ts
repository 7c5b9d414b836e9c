/**
 * IDX, the format of MNIST (http://yann.lecun.com/exdb/mnist): two zero bytes, the value type (8 for
 * unsigned bytes), the number of axes, their lengths as big-endian u32, the values.
 */
import { corrupt, readDataFile } from './data-file.ts';

export interface Images {
  count: number;
  height: number;
  width: number;
  /** count × height × width, row by row. */
  pixels: Uint8Array;
}

const IMAGES_MAGIC = 0x00000803;
const LABELS_MAGIC = 0x00000801;
/** Longest side of an image: more is a damaged header, not a picture. */
const MAX_SIDE = 4096;

/** @throws CAD-DATASET-MISSING, CAD-DATASET-CORRUPT naming the file, what was expected and what was found. */
export async function readIdxImages(path: string): Promise<Images> {
  const file = await readDataFile(path, {
    headerBytes: 16,
    totalBytes(header) {
      checkMagic(path, header, IMAGES_MAGIC, 'images');
      const [count, height, width] = [header.readUInt32BE(4), header.readUInt32BE(8), header.readUInt32BE(12)];
      if (height < 1 || width < 1 || height > MAX_SIDE || width > MAX_SIDE) {
        throw corrupt(path, `images of 1×1 to ${MAX_SIDE}×${MAX_SIDE}`, `${height}×${width}`);
      }
      if (count < 1) throw corrupt(path, 'at least one image', 'none');
      // At most 2^32 · 2^24: exact in a double, so this product cannot wrap round to a small one.
      return 16 + count * height * width;
    },
  });
  const [count, height, width] = [file.readUInt32BE(4), file.readUInt32BE(8), file.readUInt32BE(12)];
  return { count, height, width, pixels: bytesAfter(file, 16) };
}

/** @throws as for images, and CAD-DATASET-CORRUPT for a label that is not below `classes`. */
export async function readIdxLabels(path: string, classes: number): Promise<Uint8Array> {
  const file = await readDataFile(path, {
    headerBytes: 8,
    totalBytes(header) {
      checkMagic(path, header, LABELS_MAGIC, 'labels');
      const count = header.readUInt32BE(4);
      if (count < 1) throw corrupt(path, 'at least one label', 'none');
      return 8 + count;
    },
  });
  const labels = bytesAfter(file, 8);
  const wrong = labels.findIndex((label) => label >= classes);
  if (wrong >= 0) throw corrupt(path, `labels below ${classes}`, `label ${labels[wrong]} in row ${wrong}`);
  return labels;
}

function checkMagic(path: string, header: Buffer, magic: number, what: string): void {
  const found = header.readUInt32BE(0);
  const hex = (value: number): string => `0x${value.toString(16).padStart(8, '0')}`;
  if (found !== magic) throw corrupt(path, `magic number ${hex(magic)} of IDX ${what}`, hex(found));
}

function bytesAfter(file: Buffer, offset: number): Uint8Array {
  return new Uint8Array(file.buffer, file.byteOffset + offset, file.length - offset);
}
