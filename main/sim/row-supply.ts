/**
 * Rows messages of the right size with nothing in them: which rows a worker holds is in its machine,
 * and what is in them the trainer knows. All share one buffer, so ten thousand workers hold no data.
 */
import { ROWS_PER_BLOCK, type ServerMessage, type WorkerPlan } from '../core/protocol/messages.ts';

export type RowSupply = (block: number) => ServerMessage & { kind: 'rows' };

export function rowSupply({ trainRows, probeRows, featureSize }: WorkerPlan): RowSupply {
  const rows = trainRows + probeRows;
  const blank = new Uint8Array(ROWS_PER_BLOCK * (featureSize + 1));
  return (block) => {
    const count = Math.min(ROWS_PER_BLOCK, rows - block * ROWS_PER_BLOCK);
    return { kind: 'rows', block, count, payload: blank.subarray(0, count * (featureSize + 1)) };
  };
}
