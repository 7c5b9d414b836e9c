/** What a bed is doing, and what of a real cluster it does not show. */
import type { BedState } from './bed-directory.ts';
import type { BedDevice } from './device.ts';
import { LEAST_LATENCY_MS } from './slow-link.ts';
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
  /** Carried so far, headers included. */
  upBytes: number;
  downBytes: number;
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
    ...device.carried,
  };
}

function emulated({ state }: Testbed): string[] {
  const hasCaps = state.plan.devices.some(({ link }) => link.upBitsPerSecond ?? link.downBitsPerSecond);
  const slow = latencies(state).filter((latencyMs) => latencyMs >= LEAST_LATENCY_MS);
  return [
    'machines apart: network, processes, users, HOME, /tmp, host name and SSH server of their own',
    `speed: CPU quotas, ${state.plan.cores} cores for all devices together, at most one for a device`,
    ...(hasCaps ? ['bandwidth: a token bucket for each direction of each link'] : []),
    ...(state.withLatency && slow.length > 0
      ? [
          `latency: up to ${Math.max(...slow)} ms each way, by a proxy: a refused connection looks like one that was ended at once`,
        ]
      : []),
  ];
}

function notEmulated({ state }: Testbed): string[] {
  const most = Math.max(...latencies(state));
  const shown = state.withLatency && most >= LEAST_LATENCY_MS;
  const way = most < LEAST_LATENCY_MS || state.withLatency ? '' : '; `up --latency` gives it';
  return [
    ...state.missing,
    ...(most > 0 && !shown ? [`latency of the links, ${most} ms at most in the preset${way}`] : []),
    'lost packets; speed that varies by itself',
    'memory sizes, disk speed, temperature',
    'other processors and systems: every device has this host’s kernel, clock and programs',
  ];
}

function latencies(state: BedState): number[] {
  return state.plan.devices.map(({ link }) => link.latencyMs);
}
