/** The time axis of a run, in seconds. */
import { type Axis, timeAxis } from '../../../main/core/display/axis.ts';

/** A growing run gets room ahead, in steps, so that its axis stands still between them. */
const STEPS_PER_OCTAVE = 8;
const LEAST_SECONDS = 8;

/** @param isOpen the run goes on. */
export function axisEnd(seconds: number, isOpen: boolean): number {
  if (!isOpen) return Math.max(seconds, 0.01);
  if (seconds <= LEAST_SECONDS) return LEAST_SECONDS;
  const step = 2 ** Math.floor(Math.log2(seconds)) / STEPS_PER_OCTAVE;
  return (Math.floor(seconds / step) + 1) * step;
}

export function runAxis(seconds: number, isOpen: boolean, most = 8): Axis {
  return timeAxis(axisEnd(seconds, isOpen), most);
}
