import fc from 'fast-check';
import { expect, it } from 'vitest';
import { spelled, unspelled } from './json-numbers.ts';

it('whatever numbers a message has, they come out of JSON as they went in', () => {
  const number = fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -Infinity, -0, 0, 5e-324, 2 ** 53 + 2));
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      number,
      fc.string(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('tree')),
      fc.dictionary(fc.string(), tie('tree'), { noNullPrototype: true }),
    ),
  }));
  fc.assert(
    fc.property(tree, (message) => {
      expect(unspelled(JSON.parse(JSON.stringify(spelled(message))))).toStrictEqual(message);
    }),
  );
});

it('a message whose numbers JSON has is not copied, and one that is changed is not written to', () => {
  const plain = { is: 'records', records: [{ loss: 0.5, rows: [1, 2] }] };
  expect(spelled(plain)).toBe(plain);
  const odd = { is: 'records', records: [{ loss: NaN }, plain] };
  expect(JSON.stringify(spelled(odd))).not.toContain('null');
  expect(odd.records[0]).toEqual({ loss: NaN });
});
