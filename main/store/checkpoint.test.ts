import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from './checkpoint.ts';
import { writeFileAtomically } from './atomic-file.ts';
import { loadNewestCheckpoint, saveCheckpoint } from './checkpoint-directory.ts';

const refusal: unknown = expect.objectContaining({ code: 'CAD-CHECKPOINT-CORRUPT' });
const checkpoint = (version: number): Checkpoint => ({
  state: { version, best: Infinity, last: NaN, roster: [{ worker: 'jetson ☃' }] },
  vectors: { model: Float32Array.from([version, -0.5, NaN]), velocity: new Float32Array(0) },
});

describe('a checkpoint', () => {
  test('comes back as it was, numbers that JSON lacks included', () => {
    expect(decodeCheckpoint(encodeCheckpoint(checkpoint(3)), 'here')).toEqual(checkpoint(3));
  });

  test('garbage loads at none of its offsets: every truncation and every flipped bit is refused', () => {
    const good = encodeCheckpoint(checkpoint(3));
    for (let length = 0; length < good.length; length++) {
      expect(() => decodeCheckpoint(good.slice(0, length), 'torn')).toThrow(refusal);
    }
    for (let offset = 0; offset < good.length; offset++) {
      for (let bit = 0; bit < 8; bit++) {
        const flipped = good.slice();
        flipped[offset] = (flipped[offset] as number) ^ (1 << bit);
        expect(() => decodeCheckpoint(flipped, 'flipped')).toThrow(refusal);
      }
    }
    expect(() => decodeCheckpoint(Uint8Array.from([...good, 0]), 'longer')).toThrow(refusal);
  });
});

describe('a directory of checkpoints', () => {
  let directory: string;
  beforeEach(() => {
    directory = join(mkdtempSync(join(tmpdir(), 'caduceus-checkpoints-')), 'checkpoints');
  });
  afterEach(() => rmSync(dirname(directory), { recursive: true, force: true }));

  test('keeps the newest two generations and nothing else', async () => {
    expect(await loadNewestCheckpoint(directory)).toBeUndefined();
    for (let version = 1; version <= 4; version++) {
      await saveCheckpoint(directory, checkpoint(version));
      writeFileSync(join(directory, `.checkpoint-00000${version}.cad.0123456789ab.tmp`), 'left by a killed writer');
    }
    await saveCheckpoint(directory, checkpoint(5));
    expect(readdirSync(directory)).toEqual(['checkpoint-000004.cad', 'checkpoint-000005.cad']);
    expect(await loadNewestCheckpoint(directory)).toMatchObject({ ...checkpoint(5), generation: 5, notice: null });
  });

  test('a torn newest file is passed over with a notice, and the next save goes on behind it', async () => {
    await saveCheckpoint(directory, checkpoint(1));
    const newest = await saveCheckpoint(directory, checkpoint(2));
    const bytes = readFileSync(newest);
    writeFileSync(newest, bytes.subarray(0, bytes.length >> 1));
    const loaded = await loadNewestCheckpoint(directory);
    expect(loaded).toMatchObject(checkpoint(1));
    expect(loaded?.notice).toContain(newest);

    await saveCheckpoint(directory, checkpoint(3));
    expect(await loadNewestCheckpoint(directory)).toMatchObject({ ...checkpoint(3), generation: 3, notice: null });
  });

  test('when no generation is whole, that is said', async () => {
    for (let version = 1; version <= 2; version++)
      writeFileSync(await saveCheckpoint(directory, checkpoint(version)), 'x');
    await expect(loadNewestCheckpoint(directory)).rejects.toThrow(refusal);
  });

  test('what changes while the file is written does not reach it', async () => {
    const live = checkpoint(1);
    const saving = saveCheckpoint(directory, live);
    (live.vectors['model'] as Float32Array).fill(9);
    await saving;
    expect(await loadNewestCheckpoint(directory)).toMatchObject(checkpoint(1));
  });

  test('a save that fails is the world’s failure and leaves what was there, and no rubbish', async () => {
    await saveCheckpoint(directory, checkpoint(1));
    const occupied = join(directory, 'occupied');
    mkdirSync(join(occupied, 'by a directory'), { recursive: true });
    await expect(writeFileAtomically(occupied, [Uint8Array.of(1)])).rejects.toThrow(
      expect.objectContaining({ code: 'CAD-OUTPUT', message: expect.stringContaining(occupied) as unknown }),
    );
    await expect(saveCheckpoint(join(directory, 'checkpoint-000001.cad', 'below'), checkpoint(2))).rejects.toThrow(
      expect.objectContaining({ code: 'CAD-OUTPUT' }),
    );
    expect(readdirSync(directory)).toEqual(['checkpoint-000001.cad', 'occupied']);
    expect(await loadNewestCheckpoint(directory)).toMatchObject(checkpoint(1));
  });
});
