/** What a caller may ask of any data set. */
import { CaduceusError } from '../../core/errors.ts';
import { type Rows, rowRange } from './dataset.ts';

export interface DatasetOptions {
  /** Folder with the set's files, for sets that are read from files. */
  dataDir?: string;
  /** For sets that are generated. */
  seed: number;
  /** The first so many rows only. */
  trainRows?: number;
  testRows?: number;
}

/** @throws CAD-CONFIG when there are fewer rows than asked for. */
export function limitRows(rows: Rows, wanted: number | undefined, split: string): Rows {
  if (wanted === undefined) return rows;
  if (wanted <= rows.count) return rowRange(rows, 0, wanted);
  throw new CaduceusError(
    'CAD-CONFIG',
    `${wanted} ${split} rows are asked for, but the data set has ${rows.count}`,
    `Ask for at most ${rows.count}.`,
  );
}
