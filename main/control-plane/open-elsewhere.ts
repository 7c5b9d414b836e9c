/** A data set from a thread of its own, which ends with it. */
import { Worker } from 'node:worker_threads';
import type { Cancellation } from '../core/control-plane-api.ts';
import { CaduceusError } from '../core/errors.ts';
import type { Dataset } from '../learn/datasets/dataset.ts';
import type { DatasetOptions } from '../learn/datasets/registry.ts';
import type { DatasetReply, DatasetRequest } from './dataset-thread.ts';

export type OpenDataset = (name: string, options: DatasetOptions) => Promise<Dataset>;

/** @param program Path of the thread's program. */
export function openElsewhere(program: string, signal?: Cancellation): OpenDataset {
  return (name, options) =>
    new Promise((resolve, reject) => {
      const thread = new Worker(program);
      const end = (settle: () => void): void => {
        signal?.removeEventListener('abort', abandoned);
        void thread.terminate();
        settle();
      };
      const abandoned = (): void =>
        end(() =>
          reject(
            new CaduceusError('CAD-INTERRUPTED', 'stopped by its user while rows were prepared', 'Start it again.'),
          ),
        );
      signal?.addEventListener('abort', abandoned);
      thread.on('message', (reply: DatasetReply) =>
        end(() => {
          if ('dataset' in reply) resolve(reply.dataset);
          else if ('error' in reply)
            reject(new CaduceusError(reply.error.code, reply.error.message, reply.error.remedy));
        }),
      );
      thread.on('error', (error: Error) => end(() => reject(error)));
      if (signal?.aborted) abandoned();
      else thread.postMessage({ id: 0, open: { name, options } } satisfies DatasetRequest);
    });
}
