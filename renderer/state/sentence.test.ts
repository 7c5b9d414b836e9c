import { expect, test } from 'vitest';
import { sentence } from './sentence.ts';

test.each([
  ['no worker came back in time', 'No worker came back in time.'],
  ['Choose another port.', 'Choose another port.'],
  ['which one?', 'Which one?'],
  ['pi@10.0.0.7 said no', 'pi@10.0.0.7 said no.'],
])('%j becomes a sentence that another may follow', (text, said) => {
  expect(sentence(text)).toBe(said);
});
