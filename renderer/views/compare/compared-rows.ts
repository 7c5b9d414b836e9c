/** Rows of a comparison, whatever they are of: stored runs, or policies that were raced in the simulator. */
import type { ComparisonRow } from '../../../main/core/comparison.ts';
import type { Point } from '../../../main/core/display/downsample.ts';

/** Bounds that policies are measured by: the fastest device alone, and one device with everyone's speed. */
const BOUNDS: ReadonlySet<string> = new Set(['solo', 'ideal']);

export function isBound({ policy }: Pick<ComparisonRow, 'policy'>): boolean {
  return BOUNDS.has(policy);
}

/** Models, updates and control: what a policy itself costs. */
export function sentOf({ bytes }: ComparisonRow): number {
  return bytes.up + bytes.down + bytes.control;
}

/** A row of stored runs says whose time its times are; where policies are raced, they are all of one simulator. */
export type ShownRow = ComparisonRow & { virtual?: boolean };

export interface SpeedUp {
  factor: number;
  /** The baseline had not reached the target when it ended. */
  atLeast: boolean;
}

/**
 * How many times as fast as the baseline at the target; null where the two cannot be compared: without a target that
 * is that of all rows, or where one of them ran in simulated time and the other did not.
 */
export function speedUp(row: ShownRow, baseline: ShownRow | undefined, target: number | null): SpeedUp | null {
  if (target === null || row.virtual !== baseline?.virtual) return null;
  const own = row.secondsToTarget?.median;
  if (baseline === undefined || own === undefined || own === 0 || row.censored > 0) return null;
  if (baseline.reached > 0 && baseline.censored === 0 && baseline.secondsToTarget !== null) {
    return { factor: baseline.secondsToTarget.median / own, atLeast: false };
  }
  // That the baseline was given more time says nothing about a run that took longer.
  const factor = baseline.restrictedSeconds / own;
  return factor > 1 ? { factor, atLeast: true } : null;
}

/** BSP, else the first that is no bound. */
export function usualBaseline(rows: readonly ComparisonRow[]): string | null {
  const bsp = rows.find(({ policy }) => /^bsp\b/i.test(policy));
  return (bsp ?? rows.find((row) => !isBound(row)))?.policy ?? null;
}

export type CurveUnit = 'time' | 'bytes';

export interface Curve {
  key: string;
  row: string;
  points: readonly Point[];
}

/** A line for every seed of every row. */
export function curvesOf(rows: readonly ComparisonRow[], unit: CurveUnit, of: 'accuracy' | 'loss'): Curve[] {
  return rows.flatMap(({ policy, curves }) =>
    curves.map(({ seed, points }) => ({
      key: `${policy}/${seed}`,
      row: policy,
      points: points.map((point): Point => [unit === 'time' ? point.seconds : point.bytes, point[of]]),
    })),
  );
}

export interface Trade {
  row: string;
  bytes: number;
  accuracy: number;
  /** Nothing else is both more accurate and cheaper. */
  isBest: boolean;
}

/** Accuracy against bytes; bounds have no network and are left out. */
export function trades(rows: readonly ComparisonRow[]): Trade[] {
  const known = rows.flatMap((row) =>
    row.accuracy === null || isBound(row)
      ? []
      : [{ row: row.policy, bytes: sentOf(row), accuracy: row.accuracy.median }],
  );
  return known.map((trade) => ({
    ...trade,
    isBest: !known.some(
      (other) =>
        other.bytes <= trade.bytes &&
        other.accuracy >= trade.accuracy &&
        (other.bytes < trade.bytes || other.accuracy > trade.accuracy),
    ),
  }));
}
