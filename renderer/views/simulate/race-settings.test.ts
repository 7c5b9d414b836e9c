import { describe, expect, test } from 'vitest';
import { parseRunConfig } from '../../../main/core/config.ts';
import { chosenPolicies, complaintOf, configOf, isReady, targetOf, USUAL } from './race-settings.ts';

describe('settings of a race', () => {
  test('are ready as they come, and are settings that the core takes', () => {
    expect(isReady(USUAL)).toBe(true);
    expect(parseRunConfig({ ...configOf(USUAL), policy: 'bsp' }).stop.targetAccuracy).toBe(0.95);
  });

  test('without a target have none, and that is no mistake', () => {
    const open = { ...USUAL, target: '' };
    expect(isReady(open)).toBe(true);
    expect(targetOf(open)).toBeNull();
    expect(configOf(open)['stop']).not.toHaveProperty('targetAccuracy');
  });

  test.each([
    ['batch', '1.5'],
    ['batch', ''],
    ['learningRate', '0'],
    ['target', '101'],
    ['seeds', 'three'],
  ] as const)('name what is wrong with %s of "%s"', (setting, typed) => {
    expect(complaintOf(setting, typed)).toMatch(/^Give a/);
    expect(isReady({ ...USUAL, [setting]: typed })).toBe(false);
  });

  test('run policies in one order, whichever was chosen first', () => {
    expect(chosenPolicies({ policies: ['hermes', 'bsp'] })).toEqual(['bsp', 'hermes']);
    expect(isReady({ ...USUAL, policies: [] })).toBe(false);
  });
});
