/** A short run of two workers, one of which is lost: its picture, folded from records as a real one is. */
import type { RunRecord } from '../../../main/core/metrics.ts';
import { pictureOf } from '../../../main/core/live/coalescer.ts';
import type { Picture } from '../../../main/core/live/picture.ts';

const profile = { engine: 'wasm', cores: 4, architecture: 'arm64', platform: 'linux', memoryBytes: 2 ** 32 };

function iteration(worker: string, atMs: number, clock: number, pushed: boolean, samples = 100): RunRecord {
  return {
    type: 'iteration',
    atMs,
    worker,
    pushed,
    iteration: {
      clock,
      steps: 10,
      samples,
      batch: 10,
      loss: 1 / clock,
      computeMs: 800,
      waitMs: 200,
      notes: { z: pushed ? -1.5 : 0.2, threshold: -1.3 },
    },
  };
}

function evaluation(atMs: number, accuracy: number): RunRecord {
  const counted = { iterations: atMs / 500, samples: atMs / 5, bytes: atMs * 100 };
  return {
    type: 'evaluation',
    atMs,
    version: atMs / 1000,
    split: 'validation',
    loss: 1 - accuracy,
    accuracy,
    rows: 1000,
    ...counted,
  };
}

/** `fast` ends an iteration every second for ten, `slow` for four; then it is lost. */
export function shortRecords(): RunRecord[] {
  const records: RunRecord[] = [
    { type: 'worker', atMs: 0, worker: 'fast', incarnation: 1, profile: { ...profile, samplesPerSecond: 125 } },
    { type: 'worker', atMs: 0, worker: 'slow', incarnation: 1, profile },
    { type: 'incident', atMs: 0, level: 'info', what: 'joined', worker: 'fast', text: 'wasm, 4 cores' },
    { type: 'incident', atMs: 0, level: 'info', what: 'joined', worker: 'slow', text: 'wasm, 4 cores' },
    {
      type: 'allocation',
      atMs: 0,
      worker: 'fast',
      assignment: { samples: 100, batch: 10, epochs: 1 },
      reason: 'start',
    },
    {
      type: 'allocation',
      atMs: 0,
      worker: 'slow',
      assignment: { samples: 100, batch: 10, epochs: 1 },
      reason: 'start',
    },
  ];
  for (let second = 1; second <= 10; second++) {
    records.push(iteration('fast', second * 1000, second, second % 2 === 0));
    if (second <= 4) records.push(iteration('slow', second * 1000, second, false, 50));
    if (second === 5) {
      records.push(
        { type: 'incident', atMs: 5000, level: 'warning', what: 'lost', worker: 'slow', text: 'no word for 5 s' },
        {
          type: 'allocation',
          atMs: 5000,
          worker: 'fast',
          assignment: { samples: 200, batch: 20, epochs: 1 },
          reason: 'an iteration takes 2.0× less than the median',
        },
      );
    }
    records.push(evaluation(second * 1000, second / 11));
  }
  records.push({
    type: 'traffic',
    atMs: 10_000,
    traffic: { model: 1000, update: 800, data: 5000, control: 200 },
    iterations: 14,
    counterfactual: 20_000,
  });
  return records;
}

export function shortRun(): Picture {
  return pictureOf(shortRecords());
}
