import { expect, test } from 'vitest';
import { fieldName } from './field-names.ts';

test('a complaint is about a field by the name that the form has for it', () => {
  expect(fieldName('workers.local')).toBe('On this computer');
  expect(fieldName('workers.speeds.2')).toBe('Their relative speeds');
  expect(fieldName('modelSpec.layers.1.units')).toBe('Model');
  expect(fieldName('options.alpha')).toBe('alpha');
  expect(fieldName('server.port')).toBeNull();
});
