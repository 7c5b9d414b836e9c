import { describe, expect, it } from 'vitest';
import { type Command, matching } from './commands.ts';

const command = (title: string, words = ''): Command => ({
  id: title,
  title,
  group: 'Devices',
  words,
  run: () => undefined,
});
const all = [command('Go to devices'), command('Deploy to all devices', 'install'), command('Add a device by address')];
const found = (typed: string): string[] => matching(all, typed).map(({ title }) => title);

describe('finding a command', () => {
  it('lists all before anything is typed', () => expect(found('  ')).toHaveLength(3));
  it('wants every word, in any order and any case', () =>
    expect(found('ADDRESS add')).toEqual(['Add a device by address']));
  it('puts titles that begin with it first', () => expect(found('de')[0]).toBe('Deploy to all devices'));
  it('knows other words for it', () => expect(found('install')).toEqual(['Deploy to all devices']));
  it('finds nothing for what is not there', () => expect(found('zebra')).toEqual([]));
});
