/** All devices, as the control plane last told of them. Null before the first answer. */
import type { DeviceView } from '../../main/core/device.ts';
import type { ErrorReport } from '../../main/core/errors.ts';
import { setBadge } from '../frame/rail.tsx';
import { ask, follow } from './control-plane.ts';
import { createStore } from './store.ts';

export interface Inventory {
  devices: readonly DeviceView[] | null;
  /** The list could not be had. */
  error: ErrorReport | null;
}

export const inventory = createStore<Inventory>({ devices: null, error: null });

export function setDevices(devices: readonly DeviceView[]): void {
  inventory.set({ devices, error: null });
  const asking = devices.filter(({ state }) => state === 'needs-you').length;
  setBadge(
    'devices',
    asking > 0
      ? { text: `${asking} ?`, label: `${asking} waiting for you, ${devices.length} in all`, tone: 'warn' }
      : devices.length > 0
        ? { text: String(devices.length), label: `${devices.length} in all` }
        : undefined,
  );
}

export function refreshDevices(): void {
  void ask('devices.list', {}).then((answer) => {
    if (answer.ok) setDevices(answer.value);
    else inventory.update((known) => ({ ...known, error: answer.error }));
  });
}

export function followDevices(): void {
  follow('devices', {}, setDevices, { refresh: refreshDevices });
}
