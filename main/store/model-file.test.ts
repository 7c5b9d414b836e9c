import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { layoutOf } from '../core/parameters.ts';
import {
  decodeModelFile,
  encodeModelFile,
  type ModelFile,
  readModelFile,
  tensorOf,
  writeModelFile,
} from './model-file.ts';

const directory = mkdtempSync(join(tmpdir(), 'caduceus-model-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const layout = layoutOf([
  { name: 'dense/kernel', shape: [3, 2] },
  { name: 'dense/bias', shape: [2] },
]);
const model: ModelFile = {
  layout,
  parameters: Float32Array.from([1.5, -2, 3e-40, Infinity, 0.1, 7, 8, 9]),
  metadata: { policy: 'hermes', name: '<script>“é”' },
};
const refusal: unknown = expect.objectContaining({ code: 'CAD-CHECKPOINT-CORRUPT' });

function joined(file: ModelFile): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat(encodeModelFile(file)));
}

/** A file with a header of our choice and so many bytes of data. */
function forged(header: unknown, dataBytes: number): Uint8Array {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, Buffer.alloc(dataBytes)]);
}

describe('a model file', () => {
  test('comes back bit for bit', async () => {
    const path = join(directory, 'model.safetensors');
    await writeModelFile(path, model);
    await writeModelFile(path, model);
    const read = await readModelFile(path);
    expect(read).toEqual(model);
    expect([...(tensorOf(read, 'dense/bias') ?? [])]).toEqual([8, 9].map(Math.fround));
    expect(readdirSync(directory)).toEqual(['model.safetensors']);
  });

  test('has the published layout: length, JSON header with offsets, aligned little-endian values', () => {
    const bytes = Buffer.from(joined(model));
    const headerLength = Number(bytes.readBigUInt64LE(0));
    expect(headerLength % 8).toBe(0);
    expect(JSON.parse(bytes.subarray(8, 8 + headerLength).toString())).toEqual({
      __metadata__: model.metadata,
      'dense/kernel': { dtype: 'F32', shape: [3, 2], data_offsets: [0, 24] },
      'dense/bias': { dtype: 'F32', shape: [2], data_offsets: [24, 32] },
    });
    expect(bytes.readFloatLE(8 + headerLength + 4)).toBe(-2);
    expect(bytes.length).toBe(8 + headerLength + 32);
  });

  test('is refused at every truncation', async () => {
    const path = join(directory, 'torn.safetensors');
    await writeModelFile(path, model);
    for (let length = readFileSync(path).length - 1; length >= 0; length--) {
      truncateSync(path, length);
      await expect(readModelFile(path)).rejects.toThrow(refusal);
    }
    await expect(readModelFile(join(directory, 'absent'))).rejects.toThrow(refusal);
  });

  test('lying headers are refused before anything is allocated for them', () => {
    const entry = (more: object): object => ({ a: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...more } });
    const lies: [string, Uint8Array][] = [
      ['a header longer than any file', Buffer.from('ffffffffffffff7f', 'hex')],
      ['a shape whose product overflows', forged(entry({ shape: [2 ** 40, 2 ** 40] }), 8)],
      ['a negative shape', forged(entry({ shape: [-2, -1] }), 8)],
      ['an empty shape dimension', forged(entry({ shape: [0], data_offsets: [0, 0] }), 0)],
      ['a fractional offset', forged(entry({ data_offsets: [0.5, 8.5] }), 9)],
      ['offsets beyond the file', forged(entry({ data_offsets: [0, 800], shape: [200] }), 8)],
      ['bytes that no tensor owns', forged(entry({}), 12)],
      ['a hole', forged({ a: { dtype: 'F32', shape: [1], data_offsets: [4, 8] } }, 8)],
      ['an overlap', forged({ ...entry({}), b: { dtype: 'F32', shape: [1], data_offsets: [4, 8] } }, 8)],
      [
        'the same name twice',
        forged(
          '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}',
          8,
        ),
      ],
      ['another type', forged(entry({ dtype: 'F16', shape: [4] }), 8)],
      ['metadata that is not text', forged({ __metadata__: { a: 1 } }, 0)],
      ['a list', forged([], 0)],
      ['no JSON', forged('{', 0)],
      ['bytes that are no text', Buffer.concat([Buffer.from('0200000000000000', 'hex'), Buffer.from([0xff, 0xfe])])],
    ];
    for (const [lie, bytes] of lies) expect(() => decodeModelFile(bytes, lie), lie).toThrow(refusal);
  });

  test('any mutation is read as a model or refused as the world’s failure, never anything else', () => {
    const good = joined(model);
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length), (at, value, length) => {
        const bytes = good.slice(0, Math.max(length, at + 1));
        bytes[at] = value;
        try {
          decodeModelFile(bytes, 'mutant');
        } catch (error) {
          expect(error).toEqual(refusal);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
