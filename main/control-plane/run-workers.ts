/** Who trains in a run: the processes on this machine and the devices that its settings name, each with its launcher. */
import { availableParallelism } from 'node:os';
import { present } from '../core/assert.ts';
import type { RunConfig } from '../core/config.ts';
import type { NewWorker } from '../core/control-plane-api.ts';
import type { DeviceView } from '../core/device.ts';
import { isGroupWord, isMeant } from '../core/device-words.ts';
import { CaduceusError } from '../core/errors.ts';
import type { WorkerId } from '../core/policy/policy.ts';
import { ENGINES, type EngineName } from '../learn/engine.ts';
import type { Launcher } from '../provision/launcher.ts';
import { localSpeeds } from '../provision/local-speeds.ts';

/** One worker of a run before it is started. */
export interface RunWorker {
  name: WorkerId;
  launcher: Launcher;
  /** Absent: the agent takes the fastest that works there. */
  engine?: EngineName;
  /** Share of one core; absent: as much as it gets. */
  speed?: number;
  /** The device that it runs on; absent: this machine. */
  device?: { id: string; address: string };
}

/** The devices that a run can be sent to, and how. */
export interface DeviceLaunchers {
  list(): readonly DeviceView[];
  launcherFor(device: DeviceView): Launcher;
}

/** @throws CAD-DEVICE-UNKNOWN, CAD-CONFIG when a device is not deployed or has the name of another worker */
export function workersOf(
  { workers }: Pick<RunConfig, 'workers'>,
  engine: EngineName,
  local: Launcher,
  devices?: DeviceLaunchers,
): RunWorker[] {
  const speeds = localSpeeds(workers.local, availableParallelism(), workers.speeds);
  const here = speeds.map((speed, index) => ({ name: `local-${index + 1}`, launcher: local, engine, speed }));
  const there = chooseDevices(devices?.list() ?? [], workers.devices).map((device) =>
    deviceWorker(device, (devices as DeviceLaunchers).launcherFor(device), workers.engine),
  );
  const taken = there.find(({ name }) => here.some((worker) => worker.name === name));
  if (taken === undefined) return [...here, ...there];
  throw new CaduceusError(
    'CAD-CONFIG',
    `the device ${taken.name} has the name of a worker process of this machine`,
    'Give the device another name.',
  );
}

/** One more worker for a run under way. @throws CAD-DEVICE-UNKNOWN, CAD-CONFIG */
export function recruitWorker(
  wanted: NewWorker,
  taken: ReadonlySet<WorkerId>,
  { workers }: Pick<RunConfig, 'workers'>,
  engine: EngineName,
  local: Launcher,
  devices?: DeviceLaunchers,
): RunWorker {
  if (wanted.kind === 'local') {
    let number = 1;
    while (taken.has(`local-${number}`)) number += 1;
    const { speed } = wanted;
    return { name: `local-${number}`, launcher: local, engine, ...(speed !== undefined && { speed }) };
  }
  const [device] = chooseDevices(devices?.list() ?? [], [wanted.device]);
  const chosen = present(device, 'chosen device');
  return deviceWorker(chosen, present(devices, 'its inventory').launcherFor(chosen), workers.engine);
}

export function deviceWorker(device: DeviceView, launcher: Launcher, wanted?: EngineName): RunWorker {
  const { id, name, address } = device;
  const engine = wanted ?? knownEngine(device.benchmark?.engine ?? device.deployment?.engine);
  return { name, launcher, ...(engine && { engine }), device: { id, address } };
}

/** Each device once, in the order of the inventory. */
export function chooseDevices(inventory: readonly DeviceView[], wanted: readonly string[]): DeviceView[] {
  const chosen = new Set<DeviceView>();
  for (const name of wanted) for (const device of devicesBy(inventory, name)) chosen.add(device);
  return inventory.filter((device) => chosen.has(device));
}

function devicesBy(inventory: readonly DeviceView[], wanted: string): DeviceView[] {
  const found = inventory.filter((device) => isMeant(wanted, device));
  const deployed = found.filter(({ deployment }) => deployment !== null);
  if (found.length === 0) {
    const known = inventory.map(({ name }) => name).join(', ');
    const remedy = known === '' ? 'Add a device first: caduceus devices add ADDRESS' : `Devices: ${known}.`;
    throw new CaduceusError('CAD-DEVICE-UNKNOWN', `no device is called "${wanted}"`, remedy);
  }
  if (deployed.length > 0 && (isGroupWord(wanted) || deployed.length === found.length)) return deployed;
  const names = found.map(({ name }) => name).join(', ');
  throw new CaduceusError('CAD-CONFIG', `nothing is deployed on ${names}`, `Deploy first: caduceus deploy ${names}`);
}

function knownEngine(name: string | undefined): EngineName | undefined {
  return ENGINES.find((engine) => engine === name);
}
