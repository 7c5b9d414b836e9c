import { describe, expect, it } from 'vitest';
import { softmaxLoss } from './softmax-loss.ts';

describe('softmax loss', () => {
  it('is ln(classes) where the model knows nothing', () => {
    const { lossSum, correct } = softmaxLoss(new Float32Array(20), Uint8Array.of(0, 7), 10);
    expect(lossSum).toBeCloseTo(2 * Math.log(10), 12);
    expect(correct).toBe(1); // the first of equals is class 0
  });

  it('has (softmax − one-hot) × scale as its derivative', () => {
    const logits = Float32Array.of(1, -2, 0.5, 3, 3, -1);
    const labels = Uint8Array.of(2, 0);
    const into = new Float32Array(6);
    softmaxLoss(logits, labels, 3, { into, scale: 0.5 });
    for (let index = 0; index < 6; index++) {
      const at = (step: number): number => {
        const moved = logits.slice();
        moved[index] = (moved[index] as number) + step;
        return 0.5 * softmaxLoss(moved, labels, 3).lossSum;
      };
      expect(into[index]).toBeCloseTo((at(0.125) - at(-0.125)) / 0.25, 2);
    }
    expect(into.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 6);
  });

  it('stays finite for logits that a float32 exponential would not', () => {
    const { lossSum, correct } = softmaxLoss(Float32Array.of(1000, -1000), Uint8Array.of(1), 2);
    expect(lossSum).toBe(2000);
    expect(correct).toBe(0);
  });

  it('refuses a label that no class has', () => {
    expect(() => softmaxLoss(new Float32Array(3), Uint8Array.of(3), 3)).toThrow(/label 3 of row 0/);
  });
});
