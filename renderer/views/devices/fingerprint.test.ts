import { describe, expect, it } from 'vitest';
import { compareFingerprints } from './fingerprint.ts';

const SHOWN = 'SHA256:9mX2pQ7rJ0aF3hKzL5nB8vC1xD4eG6iT2oU9wY0sQw8';

describe('comparing fingerprints', () => {
  it('finds the fingerprint in a whole line of ssh-keygen', () => {
    expect(compareFingerprints(SHOWN, `256 ${SHOWN} root@pi (ED25519)\n`)).toBe('same');
  });
  it('takes any of several keys', () => {
    expect(compareFingerprints(SHOWN, `3072 SHA256:${'A'.repeat(43)} r (RSA)\n256 ${SHOWN} r (ED25519)`)).toBe('same');
  });
  it('sees one letter that differs', () => {
    expect(compareFingerprints(SHOWN, SHOWN.replace('9m', '9n'))).toBe('different');
  });
  it('says nothing before there is something to compare', () => {
    expect(compareFingerprints(SHOWN, '')).toBe('nothing');
    expect(compareFingerprints(SHOWN, 'SHA256:')).toBe('nothing');
  });
  it('is not content with half a fingerprint', () => {
    expect(compareFingerprints(SHOWN, SHOWN.slice(0, 40))).toBe('different');
  });
});
