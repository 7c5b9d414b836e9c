import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { ByteInflow } from './byte-inflow.ts';

it('as many bytes are taken as are wanted, however they arrive', async () => {
  const inflow = new ByteInflow(
    Readable.from([[1, 2, 3], [], [4], [5, 6, 7, 8, 9]].map((part) => Uint8Array.from(part))),
  );
  expect([...new Uint8Array(await inflow.take(2))]).toEqual([1, 2]);
  expect((await inflow.take(0)).byteLength).toBe(0);
  expect([...new Uint8Array(await inflow.take(4))]).toEqual([3, 4, 5, 6]);
  expect([...new Uint8Array(await inflow.take(3))]).toEqual([7, 8, 9]);
  await expect(inflow.take(1)).rejects.toThrow('1 bytes were announced, and 0 came');
});
