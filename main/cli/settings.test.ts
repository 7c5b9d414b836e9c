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

it('a limit of the file counts before the usual one of a verb, and a flag before both', () => {
  const file = { policy: 'bsp', stop: { maxSeconds: 60 } };
  const usual = { maxSeconds: 1200 };
  expect(settingsFrom({}, { file, usual }).stop).toEqual({ maxSeconds: 60 });
  expect(settingsFrom({ 'max-seconds': '30' }, { file, usual }).stop).toEqual({ maxSeconds: 30 });
  expect(settingsFrom({}, { file: { policy: 'bsp' }, usual }).stop).toEqual(usual);
  expect(settingsFrom({}, { file: { policy: 'bsp' } }).stop).toBeUndefined();
});
