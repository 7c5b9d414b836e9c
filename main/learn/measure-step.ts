/** How fast a trainer is here and now. */
import { type ModelSpec, initialParameters } from '../core/model.ts';
import type { Vector } from '../core/parameters.ts';
import { rowRange } from './datasets/dataset.ts';
import { noiseRows } from './gradient-check.ts';
import type { Trainer } from './trainer.ts';

/** A step that would take longer than this is measured on fewer rows. */
const LONGEST_STEP_MS = 400;

/** Rows per second in gradient steps of `batch` rows, measured for about `milliseconds` after half as much warm-up. */
export function measureTraining(trainer: Trainer, model: ModelSpec, batch: number, milliseconds: number): number {
  const parameters = initialParameters(model, 1);
  const gradient: Vector = new Float32Array(parameters.length);
  const all = noiseRows(model, batch);
  const step = (rows: number): number => {
    const start = performance.now();
    trainer.gradient(parameters, rowRange(all, 0, rows), gradient);
    return performance.now() - start;
  };
  // Doubling warms the engine up and keeps a slow one from being given a batch it cannot finish.
  let rows = 1;
  while (rows < batch && 2 * step(rows) <= LONGEST_STEP_MS) rows = Math.min(batch, 2 * rows);
  // The just-in-time compilers of the engine and of the host need many calls, not one, to settle.
  const rate = (forMs: number): number => {
    let [steps, spent] = [0, 0];
    do {
      spent += step(rows);
      steps++;
    } while (spent < forMs);
    return (1000 * steps * rows) / spent;
  };
  rate(milliseconds / 2);
  return rate(milliseconds);
}
