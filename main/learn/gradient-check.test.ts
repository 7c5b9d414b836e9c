import { expect, it } from 'vitest';
import { modelNamed } from '../core/model.ts';
import { openEngine } from './engine.ts';
import { checkGradient } from './gradient-check.ts';
import { type Trainer, createTrainer } from './trainer.ts';

const model = modelNamed('cnn-109k');
const honest = createTrainer(await openEngine('wasm'), model);

it('finds nothing wrong with a trainer that is right', () => {
  expect(checkGradient(honest, model)).toBeUndefined();
});

it.each(honest.layout.tensors.map((slot) => slot.name))('finds a gradient that is wrong in %s alone', (name) => {
  const sabotaged: Trainer = {
    ...honest,
    gradient(parameters, rows, out) {
      const loss = honest.gradient(parameters, rows, out);
      const slot = honest.layout.tensors.find((one) => one.name === name);
      for (let i = slot?.offset ?? 0; i < (slot?.offset ?? 0) + (slot?.size ?? 0); i++)
        out[i] = 1.1 * (out[i] as number);
      return loss;
    },
  };
  expect(checkGradient(sabotaged, model)).toContain(name);
});

it('finds a loss that is wrong, and one that is not a number', () => {
  const shifted = (by: number): Trainer => ({ ...honest, gradient: (...call) => honest.gradient(...call) + by });
  expect(checkGradient(shifted(0.001), model)).toMatch(/loss is/);
  expect(checkGradient(shifted(NaN), model)).toMatch(/loss is NaN/);
});
