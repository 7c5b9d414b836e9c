import { describe, expect, test } from 'vitest';
import { ALLOCATION_CHOICES, allocationFact, allocationMeaning } from './allocation-words.ts';

describe('an allocation in words', () => {
  test('says whose it is: the policy’s own, or chosen beside it', () => {
    expect(allocationFact(undefined, 'hermes')).toBe('dual binary search, as the policy has it');
    expect(allocationFact('policy', 'bsp')).toBe('uniform, as the policy has it');
    expect(allocationFact('proportional', 'bsp')).toBe('proportional to speed, by choice');
  });

  test('tells when the policy does so by itself, and when what it brings is switched off', () => {
    expect(allocationMeaning('policy', 'hermes')).toMatch(/^Hermes brings its own, dual binary search\. /);
    expect(allocationMeaning('policy', 'bsp')).toMatch(/^BSP has none of its own\. /);
    expect(allocationMeaning('dual-binary-search', 'hermes')).toMatch(/Hermes does so by itself\.$/);
    expect(allocationMeaning('uniform', 'hermes')).toMatch(/What Hermes brings, dual binary search, is off\.$/);
    for (const { value } of ALLOCATION_CHOICES) expect(allocationMeaning(value, 'bsp')).not.toMatch(/ is off/);
  });
});
