import { describe, expect, it } from 'vitest';
import { parseRunConfig } from '../core/config.ts';
import type { DeviceView } from '../core/device.ts';
import { CaduceusError } from '../core/errors.ts';
import type { Launcher } from '../provision/launcher.ts';
import { chooseDevices, workersOf } from './run-workers.ts';

const LAUNCHER: Launcher = { launch: () => Promise.reject(new Error('not in this test')) };

function device(name: string, more: Partial<DeviceView> = {}): DeviceView {
  const deployment = { version: '1', directory: '/w', deployedAt: '2026-01-01T00:00:00Z' };
  return {
    id: `id-of-${name}`,
    name,
    tags: [],
    address: '192.0.2.1',
    deployment,
    benchmark: null,
    ...more,
  } as DeviceView;
}

const INVENTORY = [
  device('pi-1', { tags: ['attic'] }),
  device('pi-2', { tags: ['attic', 'slow'] }),
  device('new', { tags: ['slow'], deployment: null }),
  device('jetson', { benchmark: { engine: 'tfjs-node' } as DeviceView['benchmark'] }),
];

function namesOf(...wanted: string[]): string[] {
  return chooseDevices(INVENTORY, wanted).map(({ name }) => name);
}

function refusal(act: () => unknown): Partial<CaduceusError> {
  try {
    act();
  } catch (error) {
    if (error instanceof CaduceusError) return { code: error.code, message: error.message, remedy: error.remedy };
    throw error;
  }
  return {};
}

describe('the devices of a run', () => {
  it('are named, or found by tag, or all that are deployed; each takes part once', () => {
    expect(namesOf('jetson', 'id-of-pi-1')).toEqual(['pi-1', 'jetson']);
    expect(namesOf('tag:attic', 'pi-2')).toEqual(['pi-1', 'pi-2']);
    expect(namesOf('tag:slow')).toEqual(['pi-2']);
    expect(namesOf('all')).toEqual(['pi-1', 'pi-2', 'jetson']);
  });

  it('that nobody knows, or that nothing is deployed on, are refused with what to do', () => {
    expect(refusal(() => namesOf('pi-9'))).toMatchObject({
      code: 'CAD-DEVICE-UNKNOWN',
      remedy: 'Devices: pi-1, pi-2, new, jetson.',
    });
    expect(refusal(() => chooseDevices([], ['all']))).toMatchObject({
      code: 'CAD-DEVICE-UNKNOWN',
      remedy: 'Add a device first: caduceus devices add ADDRESS',
    });
    expect(refusal(() => namesOf('new'))).toMatchObject({
      code: 'CAD-CONFIG',
      remedy: 'Deploy first: caduceus deploy new',
    });
  });

  it('keep their own engine unless the run names one; local workers have the run’s', () => {
    const enginesOf = (workers: object): unknown => {
      const config = parseRunConfig({ policy: 'bsp', workers });
      const devices = { list: () => INVENTORY, launcherFor: () => LAUNCHER };
      return workersOf(config, 'wasm', LAUNCHER, devices).map(({ name, engine }) => [name, engine]);
    };
    expect(enginesOf({ local: 1, devices: ['jetson', 'pi-1'] })).toEqual([
      ['local-1', 'wasm'],
      ['pi-1', undefined],
      ['jetson', 'tfjs-node'],
    ]);
    expect(enginesOf({ devices: ['jetson'], engine: 'cpu' })).toEqual([['jetson', 'cpu']]);
  });

  it('cannot have the name of a local worker', () => {
    const devices = { list: () => [device('local-1')], launcherFor: () => LAUNCHER };
    const config = parseRunConfig({ policy: 'bsp', workers: { local: 1, devices: ['all'] } });
    expect(refusal(() => workersOf(config, 'wasm', LAUNCHER, devices))).toMatchObject({ code: 'CAD-CONFIG' });
  });
});
