import { describe, expect, it } from 'vitest';
import { Liveness } from './liveness.ts';

const TIMING = { pingEveryMs: 100, deadAfterMs: 300 };

describe('liveness', () => {
  it('calls a peer dead when it has been silent for the whole time, and not before', () => {
    const liveness = new Liveness(TIMING, 0);
    expect(liveness.check(299)).toBe(1);
    expect(liveness.check(300)).toBeUndefined();
  });

  it('counts from the last sign of life', () => {
    const liveness = new Liveness(TIMING, 0);
    liveness.heard(250);
    expect(liveness.check(300)).toBe(250);
    expect(liveness.check(550)).toBeUndefined();
  });

  it('gives a fresh grace when the check itself comes far too late: we slept, not the peer', () => {
    const liveness = new Liveness(TIMING, 0);
    expect(liveness.check(5000)).toBe(300);
    expect(liveness.check(5300)).toBeUndefined();
  });
});
