import { expect, test } from 'vitest';
import type { DeploySummary } from '../../../main/core/device.ts';
import { sentence } from '../../state/sentence.ts';
import { endInWords } from './end-words.ts';

const summary = (...codes: (string | null)[]): DeploySummary => ({
  tookMs: 1,
  devices: codes.map((code, index) => ({
    ...{ id: String(index), name: `pi-${index}`, ok: code === null, uploadedBytes: 0, tookMs: 1 },
    ...(code !== null && { error: { code, message: 'said', remedy: 'do' } as never }),
  })),
});
const words = (...codes: (string | null)[]): [string, string] => {
  const { text, tone } = endInWords(summary(...codes), 'deployed to');
  return [text.replaceAll('\u00a0', ' '), tone];
};

test('what was cancelled is no failure', () => {
  expect(words(null, null)).toEqual(['2 devices deployed to.', 'good']);
  expect(words(null, null, 'CAD-CANCELLED')).toEqual(['2 devices deployed to, 1 cancelled.', 'good']);
  expect(words('CAD-CANCELLED')).toEqual(['1 device cancelled.', 'plain']);
  expect(words(null, 'CAD-SSH-AUTH', 'CAD-CANCELLED')).toEqual([
    '1 device could not be deployed to, 1 device deployed to, 1 cancelled.',
    'bad',
  ]);
});

test('a sentence begins with a capital, a name or an address with its own letter', () => {
  expect(sentence('the name d04 is not known')).toBe('The name d04 is not known.');
  expect(sentence('pi@100.64.0.7:22 did not let us in')).toBe('pi@100.64.0.7:22 did not let us in.');
  expect(sentence('pi-attic was not found')).toBe('pi-attic was not found.');
  expect(sentence('/home/me/data is no folder')).toBe('/home/me/data is no folder.');
});
