import { expect, it } from 'vitest';
import { keysInWords, parseStroke } from './shortcuts.ts';

it('names keys as the machine does', () => {
  expect(keysInWords('Mod+Shift+D', false)).toBe('Ctrl+Shift+D');
  expect(keysInWords('Mod+Shift+D', true)).toBe('⌘⇧D');
  expect(keysInWords('G then D', false)).toBe('G then D');
});

it('reads a stroke', () => {
  expect(parseStroke('Mod+Shift+D')).toEqual({ key: 'd', mod: true, shift: true });
  expect(parseStroke('?')).toEqual({ key: '?', mod: false, shift: false });
});
