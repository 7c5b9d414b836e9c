import { expect, it } from 'vitest';
import { backOffMs, FIRST_BOUND_MS, LARGEST_BOUND_MS } from './back-off.ts';

it('waits a random time below a bound that doubles up to its maximum (L5)', () => {
  for (let attempt = 0; attempt < 2000; attempt++) {
    const bound = Math.min(LARGEST_BOUND_MS, FIRST_BOUND_MS * 2 ** attempt);
    expect(backOffMs(attempt, 0)).toBe(0);
    expect(backOffMs(attempt, 0.5)).toBe(bound / 2);
  }
});
