import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type ProofParts, proofText } from './proof.ts';

it('no two sets of parts are signed as the same text', () => {
  const parts: fc.Arbitrary<ProofParts> = fc.record({
    protocol: fc.nat(3),
    run: fc.string({ maxLength: 3 }),
    worker: fc.string({ maxLength: 3 }),
    serverNonce: fc.string({ maxLength: 3 }),
    clientNonce: fc.string({ maxLength: 3 }),
    certificate: fc.string({ maxLength: 3 }),
  });
  fc.assert(
    fc.property(parts, parts, (left, right) => {
      expect(proofText(left) === proofText(right)).toBe(JSON.stringify(left) === JSON.stringify(right));
    }),
  );
});
