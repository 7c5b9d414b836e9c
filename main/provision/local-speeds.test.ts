import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { localSpeeds } from './local-speeds.ts';

describe('speeds of local workers', () => {
  it('keep their proportions and leave a quarter of the machine to others', () => {
    const speeds = localSpeeds(4, 2);
    expect(speeds.reduce((sum, speed) => sum + speed, 0)).toBeCloseTo(1.5);
    expect(speeds.map((speed) => speed / (speeds[0] as number))).toEqual([1, 0.6, 0.4, 0.25]);
  });

  it('never give a worker more than one core', () => {
    expect(localSpeeds(4, 64)).toEqual([1, 0.6, 0.4, 0.25]);
    expect(localSpeeds(1, 64, [0.5])).toEqual([1]);
  });

  it('are always speeds, however many workers and however few cores', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 256 }), fc.integer({ min: 1, max: 128 }), (workers, cores) => {
        const speeds = localSpeeds(workers, cores);
        expect(speeds).toHaveLength(workers);
        for (const speed of speeds) expect(speed > 0 && speed <= 1).toBe(true);
      }),
    );
  });
});
