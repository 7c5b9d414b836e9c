import { describe, expect, test } from 'vitest';
import { parseRunConfig } from '../../../main/core/config.ts';
import { complaintOf, configOf, isReady, targetOf, USUAL } from './race-settings.ts';
import { contendersOf, raceWords, withOneMore, withVariant } from './variants.ts';

describe('settings of a race', () => {
  test('are ready as they come, and are settings that the core takes', () => {
    expect(isReady(USUAL)).toBe(true);
    expect(parseRunConfig({ ...configOf(USUAL), policy: 'bsp' }).stop.targetAccuracy).toBe(0.95);
  });

  test('hold an allocation of all policies where one is chosen', () => {
    const config = configOf({ ...USUAL, allocation: 'proportional' });
    expect(parseRunConfig({ ...config, policy: 'bsp' }).allocation).toBe('proportional');
    expect(configOf(USUAL)).not.toHaveProperty('allocation');
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

  test('without anyone in it are no race; neither with an option out of its range', () => {
    expect(isReady({ ...USUAL, variants: [] })).toBe(false);
    for (const alpha of [99, 'abc']) {
      expect(isReady({ ...USUAL, variants: [{ key: 'h', policy: 'hermes', options: { alpha } }] })).toBe(false);
    }
  });
});

describe('what races', () => {
  const of = (...policies: string[]) => policies.map((policy) => ({ key: policy, policy, options: {} }));

  test('is in one order, whichever was chosen first', () => {
    expect(contendersOf({ variants: of('hermes', 'bsp') }).map(({ label }) => label)).toEqual(['bsp', 'hermes']);
    expect(raceWords(contendersOf({ variants: of('hermes', 'bsp') }))).toBe('Race 2 policies');
  });

  test('is told apart by its options where a policy races more than once', () => {
    let settings = { variants: of('bsp', 'hermes') };
    settings = withOneMore(settings, 'hermes');
    const added = settings.variants[2];
    settings = withVariant(settings, added?.key ?? '', { alpha: -0.9 });
    const contenders = contendersOf(settings);
    expect(contenders.map(({ label }) => label)).toEqual(['bsp', 'hermes: defaults', 'hermes: alpha -0.9']);
    expect(raceWords(contenders)).toBe('Race 3 variants');
    const twins = contendersOf(withVariant(settings, added?.key ?? '', {}));
    expect(twins.map(({ label }) => label)).toEqual(['bsp', 'hermes: defaults', 'hermes: defaults 2']);
  });
});
