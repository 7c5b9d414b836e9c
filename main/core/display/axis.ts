/** From values to places: axes with round ticks. A place is a share of the axis, 0 … 1. */
import { decimal, figure, roundBytes } from './format.ts';

export interface Tick {
  value: number;
  text: string;
}

export interface Axis {
  min: number;
  max: number;
  ticks: readonly Tick[];
}

export function place(axis: Axis, value: number): number {
  return axis.max === axis.min ? 0 : Math.min(1, Math.max(0, (value - axis.min) / (axis.max - axis.min)));
}

/** The largest of 1, 2, 2.5, 5 × 10^n that divides `span` into no more than `most` steps. */
export function niceStep(span: number, most: number): number {
  const rough = span / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  for (const factor of [1, 2, 2.5, 5, 10]) {
    if (factor * power >= rough * (1 - 1e-9)) return factor * power;
  }
  return 10 * power;
}

/** Values closer to 0 than this are 0. */
const SMALLEST = 1e-100;

/** Reaches from a round number at or below `min` to one at or above `max`. */
export function niceAxis(min: number, max: number, most = 5, text: (value: number) => string = figure): Axis {
  if (!Number.isFinite(min) || !Number.isFinite(max)) return niceAxis(0, 1, most, text);
  const magnitude = Math.max(Math.abs(min), Math.abs(max));
  if (magnitude < SMALLEST) return niceAxis(0, 1, most, text);
  // As good as one value: steps between would be lost in rounding. The axis then reaches from it to 0.
  if (max - min < magnitude * 1e-9) return niceAxis(Math.min(min, 0), Math.max(max, 0), most, text);
  const step = niceStep(max - min, most);
  const low = Math.floor(min / step + 1e-9);
  const high = Math.ceil(max / step - 1e-9);
  const ticks: Tick[] = [];
  for (let index = low; index <= high; index++) {
    const value = Number((index * step).toPrecision(12));
    ticks.push({ value, text: text(value) });
  }
  return { min: low * step, max: high * step, ticks };
}

/** Shares as percent. The axis never goes beyond 100 %. */
export function shareAxis(min: number, max: number): Axis {
  const axis = niceAxis(min, Math.min(1, max), 5, (value) => `${decimal(100 * value, 1, 0)} %`);
  return axis.max > 1 ? { ...axis, max: 1, ticks: axis.ticks.filter(({ value }) => value <= 1) } : axis;
}

const TIME_STEPS = [
  0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600,
  43_200, 86_400,
] as const;

/** Seconds of training from 0 to exactly `max`: a run ends where it ends. */
export function timeAxis(max: number, most = 6): Axis {
  const end = max > 0 ? max : 1;
  // Three minutes and more are counted in minutes.
  const finest = end >= 180 ? 60 : 0;
  const step =
    TIME_STEPS.find((candidate) => candidate >= finest && end / candidate <= most) ??
    niceStep(end / 86_400, most) * 86_400;
  const [unit, name, digits] = step >= 3600 ? [3600, 'h', 1] : step >= 60 ? [60, 'min', 1] : [1, 's', 2];
  const ticks: Tick[] = [];
  for (let index = 0; index * step <= end * 1.0001; index++) {
    ticks.push({ value: index * step, text: `${decimal((index * step) / unit, digits, 0)} ${name}` });
  }
  return { min: 0, max: end, ticks };
}

/** Whole numbers from `min` to exactly `max`. */
export function countAxis(min: number, max: number, most = 5): Axis {
  const step = Math.max(1, niceStep(Math.max(1, max - min), most));
  const ticks: Tick[] = [];
  for (let value = Math.ceil(min / step) * step; value <= max; value += step)
    ticks.push({ value, text: decimal(value) });
  return { min, max: Math.max(max, min + 1), ticks };
}

/** Bytes in decimal units, from 0. */
export function bytesAxis(max: number, most = 5): Axis {
  return niceAxis(0, max > 0 ? max : 1, most, roundBytes);
}
