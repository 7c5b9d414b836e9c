/** `train --json` under a policy with its defaults, on two real workers: the contract of the result, and replay. */
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { ReplayResult } from '../main/core/control-plane-api.ts';
import type { RunResult } from '../main/core/metrics.ts';
import { ensureAgent } from '../scripts/build-worker.ts';
import { answerHere, caduceus, type Ended, onlyDocument, SMALL, temporary } from './cli-program.ts';

const MAX_ITERATIONS = 8;
/** Runs at the same time: more would only starve each other. */
const LANES = 2;
const MLP_PARAMETERS = 784 * 128 + 128 + 128 * 64 + 64 + 64 * 10 + 10;
/** Preamble, then framing with a 64-bit length; frames of a worker carry a mask of 4 bytes more. */
const FRAME_BYTES = 12 + 10;

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}

const aNumber = expect.any(Number) as number;
const aShare = expect.toSatisfy(
  (value: unknown) => value === null || (typeof value === 'number' && value >= 0 && value <= 1),
) as number;

function pick<T, K extends keyof T>(from: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.map((key) => [key, from[key]])) as Pick<T, K>;
}

/** Answers with a way to the result of each of these policies. */
export function trainsUnder(names: readonly string[]): (policy: string) => Promise<RunResult> {
  vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 });
  const home = temporary();
  const trained = new Map<string, Promise<Ended>>();

  beforeAll(async () => {
    await ensureAgent();
    const waiting = names.map((name) => {
      const { promise, resolve } = Promise.withResolvers<Ended>();
      trained.set(name, promise);
      return { name, resolve };
    });
    for (let lane = 0; lane < LANES; lane++) void trainAll(waiting);
  });

  async function trainAll(waiting: { name: string; resolve(ended: Ended): void }[]): Promise<void> {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { name, resolve } = next;
      const args = ['train', '--policy', name, ...SMALL, '--max-iterations', String(MAX_ITERATIONS), '--json'];
      resolve(await caduceus(args, { home }));
    }
  }

  async function resultOf(policy: string): Promise<RunResult> {
    const { stdout } = (await trained.get(policy)) as Ended;
    return onlyDocument(stdout) as RunResult;
  }

  describe.each(names)('train --policy %s --json', (policy) => {
    it('succeeds, with one document on standard output and progress on standard error', async () => {
      const ended = (await trained.get(policy)) as Ended;
      expect(ended, ended.stderr).toMatchObject({ code: 0, signal: null });
      const { run } = onlyDocument(ended.stdout) as RunResult;
      expect(ended.stderr).toMatch(/^Engine wasm: /m);
      expect(ended.stderr).toMatch(/local-1 joined: wasm/);
      expect(ended.stderr).toMatch(/local-2 joined: wasm/);
      expect(ended.stderr).toContain(`Report: caduceus report ${run}`);
    });

    it('answers with every field of the contract, in its units', async () => {
      const result = await resultOf(policy);
      expect(result).toMatchObject({
        run: expect.stringMatching(/^r-/) as string,
        policy,
        model: 'mlp-109k',
        dataset: 'digits',
        seed: 1,
        seconds: aNumber,
        virtual: false,
        endReason: 'iteration-limit',
        reachedTarget: null,
        secondsToTarget: null,
        accuracy: aShare,
        loss: aNumber,
        waitShare: aShare,
        bytes: { up: aNumber, down: aNumber, data: aNumber, control: aNumber, counterfactual: aNumber },
        workers: ['local-1', 'local-2'].map((name) => ({
          name,
          samples: aNumber,
          samplesPerSecond: aNumber,
          waitShare: aShare,
          batchHistory: expect.arrayContaining([
            { atMs: 0, batch: 16, samples: aNumber, reason: 'joined' },
          ]) as object[],
        })),
      });
      expect(result.seconds).toBeGreaterThan(0);
      expect(result.iterations).toBeGreaterThanOrEqual(MAX_ITERATIONS);
      expect(result.pushes).toBeLessThanOrEqual(result.iterations + result.workers.length);
      for (const { staleness } of result.workers) expect(staleness ?? 0).toBeGreaterThanOrEqual(0);
    });

    it('adds up: the whole is the sum of its workers', async () => {
      const { workers, samples, iterations, pushes, bytes } = await resultOf(policy);
      expect({
        samples: sum(workers, (worker) => worker.samples),
        iterations: sum(workers, (worker) => worker.iterations),
        pushes: sum(workers, (worker) => worker.pushes),
        up: sum(workers, (worker) => worker.bytes.update),
        down: sum(workers, (worker) => worker.bytes.model),
        data: sum(workers, (worker) => worker.bytes.data),
        control: sum(workers, (worker) => worker.bytes.control),
      }).toEqual({ samples, iterations, pushes, ...pick(bytes, ['up', 'down', 'data', 'control']) });
    });

    it('saves what it did not send of BSP in float32, one push and one pull per local iteration', async () => {
      const { bytes, iterations } = await resultOf(policy);
      const counterfactual = iterations * (2 * (4 * MLP_PARAMETERS + FRAME_BYTES) + 4);
      expect(bytes.counterfactual).toBe(counterfactual);
      const sent = bytes.up + bytes.down + bytes.control;
      expect(bytes.savedPercent).toBeCloseTo(100 * (1 - sent / counterfactual), 9);
    });

    it('replays to the same decisions', async () => {
      const { run, workers } = await resultOf(policy);
      const replay = await answerHere<ReplayResult>(['replay', run], { home });
      expect(replay).toEqual({ run, decisions: replay.decisions, matched: replay.decisions, firstDifference: null });
      expect(replay.decisions).toBeGreaterThan(workers.length);
    });
  });

  return resultOf;
}
