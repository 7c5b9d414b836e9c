/**
 * The real sets, where a machine has them: beside the repository, or where CADUCEUS_TEST_DATA points.
 * They are never part of the repository.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDataset } from './registry.ts';

const root = process.env['CADUCEUS_TEST_DATA'] ?? join(import.meta.dirname, '../../../../shared/data');
const there = (name: string): boolean => existsSync(join(root, name));
const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');

describe.skipIf(!there('mnist'))('MNIST itself (skipped without shared/data/mnist)', () => {
  it('is read bit by bit', async () => {
    const { train, test } = await openDataset('mnist', { dataDir: join(root, 'mnist'), seed: 1 });
    expect([train.count, test.count]).toEqual([60_000, 10_000]);
    const header = (count: number) =>
      Buffer.from([0, 0, 8, 3, 0, 0, count >> 8, count & 255, 0, 0, 0, 28, 0, 0, 0, 28]);
    expect(md5(Buffer.concat([header(60_000), train.features]))).toBe('6bbc9ace898e44ae57da46a324031adb');
    expect(md5(Buffer.concat([header(10_000), test.features]))).toBe('2646ac647ad5339dbf082846283269ea');
    expect([...train.labels.subarray(0, 10)]).toEqual([5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
    expect([...test.labels.subarray(0, 5)]).toEqual([7, 2, 1, 0, 4]);
  });
});

describe.skipIf(!there('cifar10'))('CIFAR-10 itself (skipped without shared/data/cifar10)', () => {
  it('is read whole', async () => {
    const { train, test, shape } = await openDataset('cifar10', {
      dataDir: join(root, 'cifar10'),
      seed: 1,
      testRows: 1000,
    });
    expect([train.count, test.count, shape]).toEqual([10_000, 1_000, [32, 32, 3]]);
    expect(new Set(train.labels).size).toBe(10);
  });
});
