import { describe, expect, test } from 'vitest';
import { speedUp } from './comparison.ts';
import { figuresOf, type RunFigures } from './figures.ts';
import { labelRuns } from './run-labels.ts';
import { syntheticStory } from './synthetic-run.fixture.ts';

const figures = (more: Partial<RunFigures>): RunFigures => ({ ...figuresOf(syntheticStory()), ...more });

describe('speed-up over BSP', () => {
  test('is BSP’s time to the target over the run’s', () => {
    expect(speedUp(figures({ secondsToTarget: 20 }), figures({ secondsToTarget: 50 }))).toEqual({
      factor: 2.5,
      atLeast: false,
    });
  });

  test('is a lower bound where BSP never got there, and nothing where that bounds nothing', () => {
    const bsp = figures({ secondsToTarget: null, seconds: 60 });
    expect(speedUp(figures({ secondsToTarget: 20 }), bsp)).toEqual({ factor: 3, atLeast: true });
    expect(speedUp(figures({ secondsToTarget: 80 }), bsp)).toBeNull();
  });

  test('is not claimed between different targets, clocks, or without a target reached', () => {
    const bsp = figures({ secondsToTarget: 50 });
    expect(speedUp(figures({ secondsToTarget: 20, target: 0.9 }), bsp)).toBeNull();
    expect(speedUp(figures({ secondsToTarget: 20, virtual: true }), bsp)).toBeNull();
    expect(speedUp(figures({ secondsToTarget: null }), bsp)).toBeNull();
    expect(speedUp(figures({ secondsToTarget: 20 }), null)).toBeNull();
  });
});

test('runs are labelled by the least that tells them apart', () => {
  const story = syntheticStory();
  const bsp = syntheticStory({ policy: 'bsp' });
  expect(labelRuns([story, bsp])).toEqual(['Hermes', 'BSP']);
  expect(labelRuns([story, syntheticStory({ seed: 2 })])).toEqual(['Hermes seed 1', 'Hermes seed 2']);
  const uniform = { ...story, run: { ...story.run, config: { ...story.run.config, allocation: 'uniform' as const } } };
  expect(labelRuns([story, uniform])).toEqual(['Hermes', 'Hermes, uniform']);
  const named = (name: string): typeof story => ({ ...story, run: { ...story.run, name } });
  expect(labelRuns([named('warm'), named('cold')])).toEqual(['warm', 'cold']);
  expect(labelRuns([story, story])).toEqual(['Hermes #1', 'Hermes #2']);
});
