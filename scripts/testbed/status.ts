/** What a bed is doing, and what of a real cluster it does not show. */
import type { BedDevice } from './device.ts';
import type { Testbed } from './testbed.ts';

export interface DeviceStatus {
  name: string;
  address: string;
  isOn: boolean;
  processes: number;
  /** Cores; null without a quota. */
  cpuShare: number | null;
  upBitsPerSecond: number | null;
  downBitsPerSecond: number | null;
}

export interface BedStatus {
  directory: string;
  preset: string | null;
  isComplete: boolean;
  hostAddress: string;
  devices: DeviceStatus[];
  emulated: string[];
  notEmulated: string[];
}

export async function statusOf(testbed: Testbed): Promise<BedStatus> {
  const { state, directory, hostAddress } = testbed;
  return {
    directory,
    preset: state.plan.preset ?? null,
    isComplete: state.isComplete,
    hostAddress,
    devices: await Promise.all(testbed.devices.map(deviceStatus)),
    emulated: emulated(testbed),
    notEmulated: notEmulated(testbed),
  };
}

async function deviceStatus(device: BedDevice): Promise<DeviceStatus> {
  const { link } = device.plan;
  return {
    name: device.name,
    address: device.address,
    isOn: device.isOn,
    processes: (await device.processes()).length,
    cpuShare: device.cpuShare ?? null,
    upBitsPerSecond: link.upBitsPerSecond ?? null,
    downBitsPerSecond: link.downBitsPerSecond ?? null,
  };
}

function emulated({ state }: Testbed): string[] {
  const hasCaps = state.plan.devices.some(({ link }) => link.upBitsPerSecond ?? link.downBitsPerSecond);
  return [
    'machines apart: network, processes, users, HOME, /tmp, host name and SSH server of their own',
    `speed: CPU quotas, ${state.plan.cores} cores for all devices together, at most one for a device`,
    ...(hasCaps ? ['bandwidth: a token bucket for each direction of each link'] : []),
  ];
}

function notEmulated({ state }: Testbed): string[] {
  const latencyMs = Math.max(...state.plan.devices.map(({ link }) => link.latencyMs));
  return [
    ...state.missing,
    ...(latencyMs > 0 ? [`latency of the links (${latencyMs} ms at most in the preset), lost packets`] : []),
    'memory sizes, disk speed, temperature',
    'other processors and systems: every device has this host’s kernel, clock and programs',
  ];
}
