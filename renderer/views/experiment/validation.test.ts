import { expect, test } from 'vitest';
import { checkRunConfig } from '../../../main/core/config.ts';
import { inWords } from './validation.ts';

test.each([
  [{ batch: 'a few' }, 'Give a number.'],
  [{ batch: 0 }, 'Give a number, at least 1.'],
  [{ stop: { targetAccuracy: 3 } }, /^Give a number, (at most|less than) /],
  [{ workers: { engine: 'steam' } }, /^Give one of .*wasm/],
])('what is wrong with %j is said in words for a person', (change, words) => {
  const [issue] = checkRunConfig({ policy: 'bsp', ...change }).issues;
  if (issue === undefined) throw new Error('nothing is wrong');
  expect(inWords(issue)).toMatch(words);
});
