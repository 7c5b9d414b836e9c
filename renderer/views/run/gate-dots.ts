/** The gate of each worker: the z-score of its local iterations against the threshold that moves. */
import type { GatePoint, Picture } from '../../../main/core/live/picture.ts';
import { kept } from '../../../main/core/live/thinned.ts';
import type { Table } from '../../charts/csv-file.ts';
import { sortedWorkers } from './lane-rows.ts';

const US = 1e6;

export interface GateTrace {
  worker: string;
  /** Every kept local iteration that did not pass. */
  x: Float64Array;
  z: Float64Array;
  /** Those that passed. */
  pushX: Float64Array;
  pushZ: Float64Array;
  /** x0, y0, x1, y1, … as steps: a threshold holds until the next. */
  threshold: Float64Array;
  /** Of how many those drawn are. */
  count: number;
}

export function gateTraces(picture: Picture): GateTrace[] {
  return sortedWorkers(picture).flatMap(({ name, gate, gatePushes }) => {
    if (gate.count === 0) return [];
    const points = kept(gate);
    const held = points.filter(({ pushed }) => !pushed);
    const passed = kept(gatePushes);
    return [
      {
        worker: name,
        x: times(held),
        z: scores(held),
        pushX: times(passed),
        pushZ: scores(passed),
        threshold: steps(points),
        count: gate.count,
      },
    ];
  });
}

function times(points: readonly GatePoint[]): Float64Array {
  return Float64Array.from(points, ({ atUs }) => atUs / US);
}

function scores(points: readonly GatePoint[]): Float64Array {
  return Float64Array.from(points, ({ z }) => z ?? NaN);
}

function steps(points: readonly GatePoint[]): Float64Array {
  const corners: number[] = [];
  let before: number | null = null;
  for (const { atUs, threshold } of points) {
    if (threshold === null) continue;
    if (before !== null && before !== threshold) corners.push(atUs / US, before);
    corners.push(atUs / US, threshold);
    before = threshold;
  }
  return Float64Array.from(corners);
}

/** Lowest and highest value, with the far outliers left out: they are drawn at the edge. */
export function gateRange(traces: readonly GateTrace[]): readonly [number, number] {
  const values = traces
    .flatMap(({ z, pushZ, threshold }) => [...z, ...pushZ, ...threshold.filter((_, index) => index % 2 === 1)])
    .filter((value) => Number.isFinite(value))
    .sort((left, right) => left - right);
  const at = (share: number): number => values[Math.round(share * (values.length - 1))] ?? 0;
  return [Math.min(-1.5, at(0.01)), Math.max(0.5, at(0.99))];
}

/** What is drawn, in order of time: each score beside the threshold that it was held against. */
export function gateTable(picture: Picture): Table {
  const rows = sortedWorkers(picture).flatMap(({ name, gate, gatePushes }) =>
    [...kept(gate).filter(({ pushed }) => !pushed), ...kept(gatePushes)].map(
      ({ atUs, z, threshold, pushed }) => [name, atUs / US, z, threshold, pushed ? 'yes' : 'no'] as const,
    ),
  );
  return {
    columns: ['worker', 'seconds', 'z', 'threshold', 'pushed'],
    rows: rows.sort((left, right) => left[1] - right[1]),
  };
}
