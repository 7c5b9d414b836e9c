import { describe, expect, test } from 'vitest';
import { MODELS } from './model.ts';
import { describeModel } from './model-draft.ts';

const FRAME = { name: 'mine', input: [28, 28, 1], classes: 10 };
const LAST = { type: 'dense', units: 10, activation: 'linear' };

describe('a model that is being built', () => {
  test('is described like a preset when it is one', () => {
    const described = describeModel(MODELS['cnn-109k'] ?? FRAME_ONLY);
    expect(described).toMatchObject({ valid: true, issues: [] });
    expect(described.parameters).toBe(described.layers.reduce((sum, { parameters }) => sum + (parameters ?? 0), 0));
    expect(described.layers.map(({ output }) => output)).toContainEqual([14, 14, 8]);
  });

  test('tells what is wrong at the layer where it is wrong, and shapes up to there', () => {
    const described = describeModel({
      ...FRAME,
      layers: [{ type: 'flatten' }, { type: 'dense', units: 0, activation: 'relu' }, LAST],
    });
    expect(described.valid).toBe(false);
    expect(described.layers.map(({ output }) => output)).toEqual([[784], null, null]);
    expect(described.layers[1]?.issues).toMatchObject([{ path: 'units', range: 'at least 1' }]);
    expect(described.parameters).toBeNull();
  });

  test('numbers layers from one in what it says of them', () => {
    const described = describeModel({ ...FRAME, layers: [{ type: 'maxPool', size: 2, stride: 2 }, LAST] });
    expect(described.layers[1]?.issues[0]?.message).toMatch(/^layer 2 \(dense\) needs one axis/);
  });

  test('has to end in logits, one a class', () => {
    const described = describeModel({ ...FRAME, layers: [{ type: 'flatten' }, { ...LAST, units: 9 }] });
    expect(described).toMatchObject({ valid: false, parameters: 7065 });
    expect(described.issues[0]?.message).toMatch(/its last layer must be dense/);
  });

  test('may be anything that a window can send', () => {
    expect(describeModel({ ...FRAME_ONLY }).issues.map(({ path }) => path)).toContain('layers');
    expect(describeModel({ name: '', input: [], classes: NaN, layers: [{}, { type: 'lstm' }] }).valid).toBe(false);
  });
});

const FRAME_ONLY = { ...FRAME, layers: [] };
