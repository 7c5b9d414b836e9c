import { expect, test } from 'vitest';
import type { DeviceView } from '../../../main/core/device.ts';
import { fieldInTheWay, previewedWorkers } from './preview-request.ts';

const device = (name: string, samplesPerSecond: number | null, tags: string[] = []): DeviceView =>
  ({ id: `id-${name}`, name, tags, benchmark: samplesPerSecond && { samplesPerSecond }, deployment: {} }) as never;
const boxed = { ...device('boxed', null, ['shelf']), deployment: null };
const shelf = [device('pi-2', 200, ['shelf']), device('pi-1', 100, ['shelf']), device('jetson', null), boxed];

test('rows are shared among everybody that is chosen, devices by name, identifier, tag or all of them', () => {
  const names = (chosen: string[], local = 1): string[] =>
    previewedWorkers({ local, speeds: undefined, chosen }, shelf, 'equal').workers.map(({ name }) => name);
  expect(names(['pi-1', 'id-jetson'])).toEqual(['local-1', 'jetson', 'pi-1']);
  expect(names(['tag:shelf'], 0)).toEqual(['pi-1', 'pi-2']);
  // A word for several means those that an agent is deployed on, as it does when they train.
  expect(names(['all'], 0)).toEqual(['jetson', 'pi-1', 'pi-2']);
  expect(names(['boxed'], 0)).toEqual(['boxed']);
  expect(names(['nobody'])).toEqual(['local-1']);
});

test('shares by speed need speeds in one measure', () => {
  const shares = (local: number, chosen: string[]): object =>
    previewedWorkers({ local, speeds: [1, 0.5], chosen }, shelf, 'speed');
  expect(shares(2, [])).toMatchObject({ areComparable: true, workers: [{ weight: 1 }, { weight: 0.5 }] });
  expect(shares(0, ['tag:shelf'])).toMatchObject({ areComparable: true, workers: [{ weight: 100 }, { weight: 200 }] });
  expect(shares(1, ['pi-2'])).toMatchObject({ areComparable: false, workers: [{ weight: 1 }, { weight: 1 }] });
  expect(shares(0, ['jetson'])).toMatchObject({ areComparable: false });
});

test('no preview is asked for that cannot be had', () => {
  expect(fieldInTheWay({ seed: undefined, validationRows: 20 })).toBeNull();
  expect(fieldInTheWay({ seed: 1e99, validationRows: 20 })).toBe('seed');
  expect(fieldInTheWay({ seed: 1, validationRows: 'many' })).toBe('validationRows');
});
