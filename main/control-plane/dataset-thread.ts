/** Opens data sets away from the thread that serves runs and windows: drawing or reading them takes seconds. */
import { parentPort } from 'node:worker_threads';
import type { CheckedInput, DatasetPreview } from '../core/api.ts';
import { type ErrorReport, reportError } from '../core/errors.ts';
import type { Dataset, Rows } from '../learn/datasets/dataset.ts';
import { type DatasetOptions, openDataset } from '../learn/datasets/registry.ts';
import { openForPreview, previewOf } from './desk/preview.ts';

export type DatasetRequest =
  | { id: number; look: CheckedInput<'experiment.previewDataset'> }
  | { id: number; open: { name: string; options: DatasetOptions } };

export type DatasetReply = { id: number } & (
  { preview: DatasetPreview } | { dataset: Dataset } | { error: ErrorReport }
);

/** The newest stays open: the next look is usually at the same, split otherwise. */
let newest: { key: string; dataset: Dataset } | undefined;

async function look(request: CheckedInput<'experiment.previewDataset'>): Promise<DatasetPreview> {
  const key = JSON.stringify([request.dataset, request.seed]);
  if (newest?.key !== key) newest = { key, dataset: await openForPreview(request) };
  return previewOf(newest.dataset, request);
}

/** Rows whose memory is nobody else's, to be handed over without a copy. */
function own({ features, labels, count }: Rows): Rows {
  return { features: new Uint8Array(features), labels: new Uint8Array(labels), count };
}

async function answer(request: DatasetRequest): Promise<void> {
  const { id } = request;
  const reply = (what: DatasetReply, handedOver: ArrayBuffer[] = []): void => parentPort?.postMessage(what, handedOver);
  try {
    if ('look' in request) return reply({ id, preview: await look(request.look) });
    const opened = await openDataset(request.open.name, request.open.options);
    const dataset = { ...opened, train: own(opened.train), test: own(opened.test) };
    const parts = [dataset.train, dataset.test].flatMap(({ features, labels }) => [features.buffer, labels.buffer]);
    reply({ id, dataset }, parts as ArrayBuffer[]);
  } catch (error) {
    reply({ id, error: reportError(error) });
  }
}

// One after the other, so that the newest is opened once.
let turn: Promise<unknown> = Promise.resolve();
parentPort?.on('message', (request: DatasetRequest) => {
  turn = turn.then(() => answer(request));
});
