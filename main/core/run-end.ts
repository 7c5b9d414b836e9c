/** How a run ended. */
import type { EndReason } from './metrics.ts';

export interface RunEnd {
  reason: EndReason;
  text: string;
}

/**
 * The end of a run whose final model was tested. A model can be made of numbers and give none: what it computes
 * overflows. Then the run has diverged, and that a limit ended it before its workers were all sent away is chance.
 */
export function endOfTested(end: RunEnd, testLoss: number): RunEnd {
  if (Number.isFinite(testLoss)) return end;
  return { reason: 'diverged', text: `The loss of the final model is no finite number. (${end.text})` };
}
