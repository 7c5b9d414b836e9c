import { describe, expect, it } from 'vitest';
import { generateDigits } from './digits.ts';

/** FNV-1a, 32 bits. */
function fingerprint(bytes: Uint8Array): string {
  return bytes.reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193) >>> 0, 0x811c9dc5).toString(16);
}

describe('generated digits', () => {
  const small = generateDigits({ seed: 1, trainRows: 300, testRows: 100 });

  it('are the same bytes for the same seed, on every host', () => {
    expect([fingerprint(small.train.features), fingerprint(small.train.labels)]).toEqual(['7c981e27', 'ba146f']);
  });

  it('differ between seeds, and between training and test rows', () => {
    const other = generateDigits({ seed: 2, trainRows: 100, testRows: 100 });
    expect(other.train.features).not.toEqual(small.train.features.subarray(0, 78_400));
    expect(small.test.features).not.toEqual(small.train.features.subarray(0, 78_400));
  });

  it('do not depend on how many rows there are', () => {
    const fewer = generateDigits({ seed: 1, trainRows: 10, testRows: 1 });
    expect(fewer.train.features).toEqual(small.train.features.subarray(0, 7_840));
  });

  it('have every class in nearly equal shares, ink in the middle and hardly any at the rim', () => {
    const { train } = generateDigits({ seed: 3, trainRows: 2000, testRows: 1 });
    const counts = new Array<number>(10).fill(0);
    for (const label of train.labels) counts[label] = (counts[label] ?? 0) + 1;
    for (const count of counts) expect(count).toBeGreaterThan(150);
    let [rim, middle] = [0, 0];
    for (let index = 0; index < train.features.length; index++) {
      const [x, y] = [index % 28, Math.floor(index / 28) % 28];
      const ink = (train.features[index] as number) / 255;
      if (x === 0 || x === 27 || y === 0 || y === 27) rim += ink / (108 * 2000);
      if (x >= 10 && x < 18 && y >= 10 && y < 18) middle += ink / (64 * 2000);
    }
    expect(rim).toBeLessThan(0.04);
    expect(middle).toBeGreaterThan(0.2);
  });

  it('of the default size are drawn in seconds', () => {
    const before = process.cpuUsage();
    const { train, test } = generateDigits({ seed: 1 });
    expect([train.count, test.count]).toEqual([12_000, 2_000]);
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(4000);
  });
});
