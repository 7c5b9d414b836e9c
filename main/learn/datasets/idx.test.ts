import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readIdxImages, readIdxLabels } from './idx.ts';
import { openDataset } from './registry.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'caduceus-idx-'));
});
afterAll(() => rm(folder, { recursive: true }));

function idx(magic: number, lengths: number[], body: number): Buffer {
  const header = Buffer.alloc(4 + 4 * lengths.length);
  header.writeUInt32BE(magic, 0);
  lengths.forEach((length, axis) => header.writeUInt32BE(length, 4 + 4 * axis));
  return Buffer.concat([header, Buffer.from(Array.from({ length: body }, (_, index) => index % 10))]);
}

/** Writes plain and gzipped; both must behave alike. */
async function both(name: string, bytes: Buffer): Promise<string[]> {
  const paths = [join(folder, name), join(folder, `${name}.gz`)] as const;
  await writeFile(paths[0], bytes);
  await writeFile(paths[1], gzipSync(bytes));
  return [...paths];
}

const corrupt = (pattern: RegExp): unknown =>
  expect.objectContaining({ code: 'CAD-DATASET-CORRUPT', message: expect.stringMatching(pattern) as string });

describe('an IDX file', () => {
  it('is read, plain and gzipped', async () => {
    for (const path of await both('good', idx(0x803, [3, 2, 4], 24))) {
      const images = await readIdxImages(path);
      expect(images).toMatchObject({ count: 3, height: 2, width: 4 });
      expect([...images.pixels]).toEqual([...Array(24).keys()].map((index) => index % 10));
    }
    for (const path of await both('labels', idx(0x801, [12], 12)))
      expect((await readIdxLabels(path, 10)).length).toBe(12);
  });

  it.each([
    [
      'has the wrong magic number',
      idx(0x801, [3, 2, 4], 24),
      /expected magic number 0x00000803 of IDX images, found 0x00000801/,
    ],
    ['is truncated', idx(0x803, [3, 2, 4], 23), /expected 40 bytes, as its header says, found 39 bytes/],
    ['goes on too long', idx(0x803, [3, 2, 4], 25), /expected 40 bytes, as its header says, found (41 bytes|more)/],
    ['ends within its header', idx(0x803, [3], 0), /expected a header of 16 bytes, found 8 bytes/],
    ['is empty', Buffer.alloc(0), /expected a header of 16 bytes, found 0 bytes/],
    [
      'claims rows it does not have',
      idx(0x803, [60_000, 2, 4], 24),
      /expected 480016 bytes, as its header says, found/,
    ],
    [
      'claims lengths whose product wraps round to the true one',
      idx(0x803, [2 ** 29 + 3, 4, 2], 24),
      /expected at most 1073741824 bytes/,
    ],
    [
      'claims the largest numbers there are',
      idx(0x803, [2 ** 32 - 1, 2 ** 32 - 1, 2 ** 32 - 1], 24),
      /expected images of 1×1 to 4096×4096/,
    ],
    [
      'claims more than anything can unpack to',
      idx(0x803, [2 ** 32 - 1, 4096, 4096], 24),
      /expected at most 1073741824 bytes/,
    ],
    ['has no width', idx(0x803, [3, 2, 0], 0), /expected images of 1×1/],
    ['has no images', idx(0x803, [0, 2, 4], 0), /at least one image/],
  ])('that %s is one clear error that names the file', async (_, bytes, pattern) => {
    for (const path of await both('bad', bytes)) {
      await expect(readIdxImages(path)).rejects.toEqual(corrupt(pattern));
      await expect(readIdxImages(path)).rejects.toThrow(path);
    }
  });

  it('whose gzip stream is cut off or is none is one clear error', async () => {
    const [, path = ''] = await both('cut', idx(0x803, [100, 28, 28], 78_400));
    const { readFile } = await import('node:fs/promises');
    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, bytes.length - 20));
    await expect(readIdxImages(path)).rejects.toEqual(corrupt(/complete gzip stream/));
    await writeFile(path, 'no gzip at all');
    await expect(readIdxImages(path)).rejects.toEqual(corrupt(/complete gzip stream/));
  });

  it('with a label that no class has is one clear error', async () => {
    for (const path of await both('labels', idx(0x801, [12], 12))) {
      await expect(readIdxLabels(path, 9)).rejects.toEqual(corrupt(/expected labels below 9, found label 9 in row 9/));
    }
  });

  it('that cannot be read says so', async () => {
    await expect(readIdxImages(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'CAD-DATASET-MISSING' });
    await expect(readIdxImages(folder)).rejects.toMatchObject({ code: 'CAD-DATASET-MISSING' });
  });
});

describe('the four files of MNIST', () => {
  const files = {
    'train-images-idx3-ubyte': idx(0x803, [20, 28, 28], 15_680),
    'train-labels-idx1-ubyte': idx(0x801, [20], 20),
    't10k-images-idx3-ubyte': idx(0x803, [10, 28, 28], 7_840),
    't10k-labels-idx1-ubyte': idx(0x801, [10], 10),
  };
  const place = async (changes: Record<string, Buffer | undefined>): Promise<string> => {
    const dataDir = await mkdtemp(join(folder, 'mnist-'));
    for (const [name, bytes] of Object.entries({ ...files, ...changes }))
      if (bytes) await writeFile(join(dataDir, name), bytes);
    return dataDir;
  };

  it('make a data set', async () => {
    const mnist = await openDataset('mnist', { dataDir: await place({}), seed: 1, trainRows: 15 });
    expect(mnist).toMatchObject({ name: 'mnist', shape: [28, 28, 1], featureSize: 784, classes: 10 });
    expect([mnist.train.count, mnist.train.features.length, mnist.train.labels.length, mnist.test.count]).toEqual([
      15,
      15 * 784,
      15,
      10,
    ]);
  });

  it('are asked for by name when one is missing, or all, or the folder', async () => {
    const names = Object.keys(files).join(', ');
    const missing = (what: RegExp): unknown =>
      expect.objectContaining({
        code: 'CAD-DATASET-MISSING',
        message: expect.stringMatching(what) as string,
        remedy: expect.stringContaining(names) as string,
      });
    const dataDir = await place({ 't10k-labels-idx1-ubyte': undefined });
    await expect(openDataset('mnist', { dataDir, seed: 1 })).rejects.toEqual(missing(/lacks t10k-labels/));
    await expect(openDataset('mnist', { dataDir: join(folder, 'nowhere'), seed: 1 })).rejects.toEqual(
      missing(/nowhere lacks/),
    );
    await expect(openDataset('mnist', { seed: 1 })).rejects.toEqual(missing(/no data directory was given/));
  });

  it('must agree on how many there are and how large', async () => {
    const fewer = await place({ 'train-labels-idx1-ubyte': idx(0x801, [19], 19) });
    await expect(openDataset('mnist', { dataDir: fewer, seed: 1 })).rejects.toEqual(
      corrupt(/expected 20 labels.*found 19/),
    );
    const smaller = await place({ 't10k-images-idx3-ubyte': idx(0x803, [10, 27, 28], 7_560) });
    await expect(openDataset('mnist', { dataDir: smaller, seed: 1 })).rejects.toEqual(corrupt(/28×28, found 27×28/));
    await expect(openDataset('mnist', { dataDir: await place({}), seed: 1, trainRows: 21 })).rejects.toMatchObject({
      code: 'CAD-CONFIG',
    });
  });
});
