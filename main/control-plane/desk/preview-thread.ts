/** Opens data sets away from the thread that serves runs: drawing or reading them takes seconds. */
import { parentPort } from 'node:worker_threads';
import type { CheckedInput, DatasetPreview } from '../../core/api.ts';
import { type ErrorReport, reportError } from '../../core/errors.ts';
import type { Dataset } from '../../learn/datasets/dataset.ts';
import { openForPreview, previewOf } from './preview.ts';

export interface PreviewRequest {
  id: number;
  input: CheckedInput<'experiment.previewDataset'>;
}
export type PreviewReply = { id: number; preview: DatasetPreview } | { id: number; error: ErrorReport };

/** The newest stays open: the next look is usually at the same, split otherwise. */
let newest: { key: string; dataset: Dataset } | undefined;

async function look({ id, input }: PreviewRequest): Promise<PreviewReply> {
  try {
    const key = JSON.stringify([input.dataset, input.seed]);
    if (newest?.key !== key) newest = { key, dataset: await openForPreview(input) };
    return { id, preview: previewOf(newest.dataset, input) };
  } catch (error) {
    return { id, error: reportError(error) };
  }
}

// One after the other, so that the newest is opened once.
let turn: Promise<unknown> = Promise.resolve();
parentPort?.on('message', (request: PreviewRequest) => {
  turn = turn.then(async () => parentPort?.postMessage(await look(request)));
});
