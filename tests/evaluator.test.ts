import { describe, expect, it, onTestFinished } from 'vitest';
import { initialParameters } from '../main/core/model.ts';
import { type Rows, rowRange } from '../main/learn/datasets/dataset.ts';
import { openEngine } from '../main/learn/engine.ts';
import { type Evaluator, startEvaluator } from '../main/learn/evaluator.ts';
import { createTrainer } from '../main/learn/trainer.ts';
import { TINY_MODEL } from './tiny-run.ts';

const rows: Rows = {
  features: Uint8Array.from({ length: 300 * 16 }, (_, index) => (index * 37) % 256),
  labels: Uint8Array.from({ length: 300 }, (_, index) => index % 4),
  count: 300,
};
const validation = rowRange(rows, 0, 200);
const test = rowRange(rows, 200, 300);

async function start(): Promise<Evaluator> {
  const evaluator = await startEvaluator({ engine: 'cpu', model: TINY_MODEL, validation, test });
  onTestFinished(() => evaluator.close());
  return evaluator;
}

describe('the evaluator', () => {
  it('judges each split as a trainer in this process does, in the order asked', async () => {
    const evaluator = await start();
    const trainer = createTrainer(await openEngine('cpu'), TINY_MODEL);
    const models = [1, 2, 3].map((seed) => initialParameters(TINY_MODEL, seed));
    const answers = await Promise.all(models.map((model) => evaluator.judge(model)));
    for (const [index, model] of models.entries()) {
      const { lossSum, correct, count } = trainer.evaluate(model, validation);
      expect(answers[index]).toEqual({ loss: lossSum / count, accuracy: correct / count, rows: 200 });
    }
    expect((await evaluator.judgeTest(models[0] as Float32Array<ArrayBuffer>)).rows).toBe(100);
  });

  it('is started again after a crash, and answers what it was asked; after a second it gives up', async () => {
    const evaluator = await start();
    const model = initialParameters(TINY_MODEL, 1);
    const expected = await evaluator.judge(model);
    process.kill(evaluator.pid ?? 0, 'SIGKILL');
    expect(await Promise.all([evaluator.judge(model), evaluator.judge(model)])).toEqual([expected, expected]);
    process.kill(evaluator.pid ?? 0, 'SIGKILL');
    await expect(evaluator.judge(model)).rejects.toMatchObject({ code: 'CAD-ENGINE' });
    await expect(evaluator.judge(model)).rejects.toMatchObject({ code: 'CAD-ENGINE' });
  });

  it('rejects what is open when it is closed', async () => {
    const evaluator = await start();
    const asked = evaluator.judge(initialParameters(TINY_MODEL, 1));
    await Promise.all([evaluator.close(), expect(asked).rejects.toMatchObject({ code: 'CAD-ENGINE' })]);
  });

  it('gives up with the reason when judging fails twice', async () => {
    const model = { ...TINY_MODEL, input: [7] }; // its rows have 16
    const evaluator = await startEvaluator({ engine: 'cpu', model, validation, test });
    onTestFinished(() => evaluator.close());
    await expect(evaluator.judge(initialParameters(model, 1))).rejects.toMatchObject({
      code: 'CAD-ENGINE',
      message: expect.stringContaining('features must be') as string,
    });
  });
});
