import { expect, it } from 'vitest';
import { POLICY_FLAGS, RUN_FLAGS, settingsFrom } from './settings.ts';

it('no policy option has the name of a flag of runs', () => {
  expect(Object.keys(POLICY_FLAGS).filter((name) => Object.hasOwn(RUN_FLAGS, name))).toEqual([]);
});

it('a flag overrides the same setting of the file, and leaves its neighbours alone', () => {
  const settings = settingsFrom({ policy: 'hermes', 'target-accuracy': '0.9', alpha: '-1', samples: '500' });
  expect(settings).toEqual({ policy: 'hermes', options: { alpha: -1, samples: 500 }, stop: { targetAccuracy: 0.9 } });
});

it('what is not a number where one belongs is refused with the flag’s name', () => {
  expect(() => settingsFrom({ policy: 'bsp', batch: 'many' })).toThrow('--batch is not a number: "many"');
});

it('`--faithful` is refused for a policy without a variant as released', () => {
  expect(() => settingsFrom({ policy: 'bsp', faithful: true })).toThrow('no variant as released');
});
