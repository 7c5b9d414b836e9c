import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openCifar10 } from './cifar10.ts';

let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'caduceus-cifar-'));
});
afterAll(() => rm(dataDir, { recursive: true }));

/** A record whose three planes are filled with r, g and b. */
const record = (label: number, r: number, g: number, b: number): Buffer =>
  Buffer.concat([Buffer.of(label), Buffer.alloc(1024, r), Buffer.alloc(1024, g), Buffer.alloc(1024, b)]);

it('reads the batches that are there, with the channels of a pixel side by side', async () => {
  await writeFile(join(dataDir, 'data_batch_1.bin'), Buffer.concat([record(3, 1, 2, 3), record(9, 4, 5, 6)]));
  await writeFile(join(dataDir, 'data_batch_2.bin.gz'), gzipSync(record(0, 7, 8, 9)));
  await writeFile(join(dataDir, 'test_batch.bin'), record(1, 10, 11, 12));
  const { train, test, source, featureSize } = await openCifar10({ dataDir, seed: 1 });
  expect([...train.labels, ...test.labels]).toEqual([3, 9, 0, 1]);
  expect([...train.features.subarray(0, 6)]).toEqual([1, 2, 3, 1, 2, 3]);
  expect([...train.features.subarray(2 * featureSize, 2 * featureSize + 3)]).toEqual([7, 8, 9]);
  expect([...test.features.subarray(-3)]).toEqual([10, 11, 12]);
  expect(source).toMatch(/2 of 5 training batches/);
});

it('refuses torn records, labels that no class has, and missing files', async () => {
  const corrupt = (pattern: RegExp): unknown =>
    expect.objectContaining({ code: 'CAD-DATASET-CORRUPT', message: expect.stringMatching(pattern) as string });
  await writeFile(join(dataDir, 'test_batch.bin'), record(1, 0, 0, 0).subarray(1));
  await expect(openCifar10({ dataDir, seed: 1 })).rejects.toEqual(
    corrupt(/test_batch.bin.*whole records of 3073 bytes, found 3072 bytes/),
  );
  await writeFile(join(dataDir, 'test_batch.bin'), '');
  await expect(openCifar10({ dataDir, seed: 1 })).rejects.toEqual(corrupt(/found 0 bytes/));
  await writeFile(join(dataDir, 'test_batch.bin'), Buffer.concat([record(1, 0, 0, 0), record(10, 0, 0, 0)]));
  await expect(openCifar10({ dataDir, seed: 1 })).rejects.toEqual(
    corrupt(/labels below 10, found label 10 in record 1/),
  );
  await rm(join(dataDir, 'test_batch.bin'));
  await expect(openCifar10({ dataDir, seed: 1 })).rejects.toMatchObject({
    code: 'CAD-DATASET-MISSING',
    message: expect.stringContaining('lacks test_batch.bin') as string,
  });
});
