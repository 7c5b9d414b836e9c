import { expect, it } from 'vitest';
import { addLayer, changeLayer, moveLayer, removeLayer, shapeWords } from './layers.ts';

const LAYERS = [{ type: 'flatten' }, { type: 'dense', units: 64 }, { type: 'dense', units: 10 }];

it('adds before the layer that gives the logits', () => {
  expect(addLayer(LAYERS, 'maxPool').map(({ type }) => type)).toEqual(['flatten', 'dense', 'maxPool', 'dense']);
  expect(addLayer([], 'flatten')).toHaveLength(1);
});

it('moves within the model and not out of it', () => {
  expect(moveLayer(LAYERS, 0, 1).map(({ type }) => type)).toEqual(['dense', 'flatten', 'dense']);
  expect(moveLayer(LAYERS, 0, -1)).toEqual(LAYERS);
  expect(moveLayer(LAYERS, 2, 1)).toEqual(LAYERS);
});

it('changes and removes one layer, not the others', () => {
  expect(changeLayer(LAYERS, 1, 'units', 32)[1]).toEqual({ type: 'dense', units: 32 });
  expect(changeLayer(LAYERS, 1, 'units', undefined)[1]).toEqual({ type: 'dense' });
  expect(removeLayer(LAYERS, 0)).toEqual(LAYERS.slice(1));
});

it('writes shapes', () => expect([shapeWords([28, 28, 1]), shapeWords(null)]).toEqual(['28 × 28 × 1', '–']));
