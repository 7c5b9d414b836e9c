/** Which devices a verb is meant for, and the inventory in one line. */
import type { DeviceView } from '../../../main/core/device.ts';

const isBusy = ({ state }: DeviceView): boolean =>
  state === 'deploying' || state === 'needs-you' || state === 'training';

/**
 * What *Deploy* means for the chosen devices: all that are not busy. When nothing is ready yet among them, all;
 * otherwise those that still need it, unless every one is ready and was chosen on purpose.
 */
export function deployTargets(devices: readonly DeviceView[]): DeviceView[] {
  const free = devices.filter((device) => !isBusy(device));
  const wanting = free.filter(({ state }) => state !== 'ready');
  return wanting.length > 0 ? wanting : free;
}

/** Those to train on, once none of the chosen ones is still to be deployed to; else none. */
export function trainTargets(devices: readonly DeviceView[]): DeviceView[] {
  const ready = devices.filter(({ state }) => state === 'ready');
  return deployTargets(devices).every(({ state }) => state === 'ready') ? ready : [];
}

export function retryTargets(devices: readonly DeviceView[]): DeviceView[] {
  return devices.filter(({ state }) => state === 'failed');
}

/** `7 in all · 4 ready · 1 needs you` */
export function inventorySummary(devices: readonly DeviceView[]): string {
  const number = (...states: DeviceView['state'][]): number =>
    devices.filter(({ state }) => states.includes(state)).length;
  const parts: [number, string][] = [
    [number('ready'), 'ready'],
    [number('training'), 'training'],
    [number('deploying'), 'deploying'],
    [number('needs-you'), 'waiting for you'],
    [number('failed'), 'failed'],
    [number('offline'), 'offline'],
    [number('new'), 'not deployed'],
  ];
  const told = parts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  return told.join(' · ');
}
