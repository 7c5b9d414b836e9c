import { expect, it } from 'vitest';
import type { DeviceState, DeviceView } from '../../../main/core/device.ts';
import { deployTargets, inventorySummary, retryTargets, trainTargets } from './selection.ts';

const devices = (...states: DeviceState[]): DeviceView[] =>
  states.map((state, index) => ({ id: `d${index}`, state }) as DeviceView);
const ids = (list: readonly DeviceView[]): string[] => list.map(({ id }) => id);

it('deploys to those that need it, and to none that is busy', () => {
  expect(ids(deployTargets(devices('new', 'ready', 'deploying', 'failed', 'training', 'offline')))).toEqual([
    ...['d0', 'd3', 'd5'],
  ]);
});

it('deploys anew where all are ready', () => {
  expect(ids(deployTargets(devices('ready', 'ready')))).toEqual(['d0', 'd1']);
});

it('trains on what is ready, once nothing is left to deploy to', () => {
  expect(ids(trainTargets(devices('ready', 'training', 'ready')))).toEqual(['d0', 'd2']);
  expect(trainTargets(devices('ready', 'new'))).toEqual([]);
  expect(trainTargets(devices('new'))).toEqual([]);
});

it('retries only what failed', () => {
  expect(ids(retryTargets(devices('failed', 'ready', 'offline')))).toEqual(['d0']);
});

it('tells the inventory in one line', () => {
  expect(inventorySummary(devices('ready', 'ready', 'needs-you'))).toBe('2 ready · 1 waiting for you');
});
