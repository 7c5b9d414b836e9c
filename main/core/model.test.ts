import { describe, expect, it } from 'vitest';
import { CaduceusError } from './errors.ts';
import {
  MODELS,
  type ModelSpec,
  initialParameters,
  layerShapes,
  modelLayout,
  modelNamed,
  validateModel,
} from './model.ts';
import { checksum, tensorView } from './parameters.ts';

const complaint = (model: unknown): string => {
  try {
    validateModel(model);
  } catch (error) {
    expect(error).toBeInstanceOf(CaduceusError);
    expect((error as CaduceusError).code).toBe('CAD-CONFIG');
    return (error as CaduceusError).message;
  }
  return 'valid';
};

const small = (layers: ModelSpec['layers']): ModelSpec => ({ name: 'small', input: [8, 8, 3], classes: 4, layers });

describe('a model specification', () => {
  it('says the shape and the parameter count of every layer', () => {
    const counts = (name: string): number[] => layerShapes(modelNamed(name)).map((layer) => layer.parameters);
    expect(counts('mlp-109k')).toEqual([0, 100_480, 8_256, 650]);
    expect(modelLayout(modelNamed('mlp-109k')).size).toBe(109_386);
    expect(counts('cnn-109k')).toEqual([80, 0, 1_168, 0, 0, 106_760, 1_370]);
    expect(modelLayout(modelNamed('cnn-109k')).size).toBe(109_378);
    const outputs = layerShapes(modelNamed('cnn-109k')).map((layer) => layer.output.join('×'));
    expect(outputs).toEqual(['28×28×8', '14×14×8', '14×14×16', '7×7×16', '784', '136', '10']);
  });

  it('rounds `same` windows up and `valid` windows down', () => {
    const conv = (padding: 'same' | 'valid') =>
      layerShapes(small([{ type: 'conv2d', filters: 2, kernel: 3, stride: 3, padding, activation: 'relu' }]))[0]
        ?.output;
    expect(conv('same')).toEqual([3, 3, 2]);
    expect(conv('valid')).toEqual([2, 2, 2]);
  });

  it('counts multiply-adds of a forward pass', () => {
    const total = layerShapes(modelNamed('cnn-109k')).reduce((sum, layer) => sum + layer.multiplyAdds, 0);
    expect(total).toBe(28 * 28 * 72 + 14 * 14 * 1152 + 784 * 136 + 1360);
  });

  it('survives JSON', () => {
    for (const model of Object.values(MODELS)) expect(validateModel(JSON.parse(JSON.stringify(model)))).toEqual(model);
  });

  it('is refused, with the reason, when its layers do not fit together', () => {
    const logits = { type: 'dense', units: 4, activation: 'linear' } as const;
    expect(complaint(small([logits]))).toMatch(
      /layer 0 \(dense\) needs one axis but gets 8×8×3: put flatten before it/,
    );
    expect(complaint(small([{ type: 'flatten' }, { type: 'maxPool', size: 2, stride: 2 }, logits]))).toMatch(
      /needs height × width/,
    );
    expect(complaint(small([{ type: 'maxPool', size: 9, stride: 1 }, { type: 'flatten' }, logits]))).toMatch(
      /9 does not fit 8×8/,
    );
    expect(complaint(small([{ type: 'flatten' }, { ...logits, units: 5 }]))).toMatch(/4 units, one per class/);
    expect(complaint(small([{ type: 'flatten' }, { ...logits, activation: 'relu' }]))).toMatch(/dense, linear/);
    expect(complaint({ ...small([]), layers: [{ type: 'lstm' }] })).toMatch(/layers\.0/);
    expect(complaint({ ...small([{ type: 'flatten' }, logits]), classes: -1 })).toMatch(/classes/);
    expect(complaint(null)).toMatch(/model/);
    const huge = { type: 'dense', units: 65_536, activation: 'relu' } as const;
    expect(complaint(small([{ type: 'flatten' }, huge, huge, logits]))).toMatch(/more than/);
  });

  it('is not found under an unknown name, and the names there are are listed', () => {
    for (const name of ['mlp', 'toString', '__proto__']) {
      expect(() => modelNamed(name)).toThrow(
        expect.objectContaining({ code: 'CAD-MODEL-UNKNOWN', remedy: 'Use one of: mlp-109k, cnn-109k.' }),
      );
    }
  });
});

describe('first parameters', () => {
  it('are the same bits on every host', () => {
    expect(checksum(initialParameters(modelNamed('mlp-109k'), 1))).toBe('bff3bab6');
    expect(checksum(initialParameters(modelNamed('cnn-109k'), 1))).toBe('64e3a997');
  });

  it('follow the seed', () => {
    const model = modelNamed('mlp-109k');
    expect(initialParameters(model, 7)).toEqual(initialParameters(model, 7));
    expect(checksum(initialParameters(model, 7))).not.toBe(checksum(initialParameters(model, 8)));
  });

  it('fill each kernel evenly up to its limit and leave biases at 0', () => {
    const model = modelNamed('cnn-109k');
    const flat = initialParameters(model, 3);
    const limits: Record<string, number> = {
      '0.conv2d.kernel': Math.sqrt(6 / 9),
      '2.conv2d.kernel': Math.sqrt(6 / 72),
      '5.dense.kernel': Math.sqrt(6 / 784),
      '6.dense.kernel': Math.sqrt(6 / (136 + 10)),
    };
    for (const slot of modelLayout(model).tensors) {
      const largest = tensorView(flat, slot).reduce((max, value) => Math.max(max, Math.abs(value)), 0);
      const limit = limits[slot.name] ?? 0;
      expect(largest).toBeLessThanOrEqual(limit);
      expect(largest).toBeGreaterThanOrEqual(0.9 * limit);
    }
  });
});
