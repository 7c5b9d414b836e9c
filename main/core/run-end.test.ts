import { expect, it } from 'vitest';
import { endOfTested } from './run-end.ts';

it('a run whose final model has no loss has diverged, whatever ended it', () => {
  const end = { reason: 'time-limit', text: '30 s are over' } as const;
  expect(endOfTested(end, 1e18)).toBe(end);
  for (const loss of [NaN, Infinity]) {
    const text = 'The loss of the final model is no finite number. (30 s are over)';
    expect(endOfTested(end, loss)).toEqual({ reason: 'diverged', text });
  }
});
