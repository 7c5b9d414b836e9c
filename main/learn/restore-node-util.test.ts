import util from 'node:util';
import { describe, expect, it } from 'vitest';
import { restoreNodeUtil } from './restore-node-util.ts';

describe('restoring the util functions that tfjs-node needs', () => {
  it('adds those that Node removed, once, and they answer as they did', () => {
    restoreNodeUtil();
    expect(restoreNodeUtil()).toEqual([]);
    const old = util as unknown as Record<string, (value: unknown) => boolean>;
    expect([null, undefined, 0, ''].map((value) => old['isNullOrUndefined']?.(value))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect([undefined, null].map((value) => old['isUndefined']?.(value))).toEqual([true, false]);
    expect([{}, null, () => 1].map((value) => old['isObject']?.(value))).toEqual([true, false, false]);
    expect(['', 1].map((value) => old['isString']?.(value))).toEqual([true, false]);
  });
});
