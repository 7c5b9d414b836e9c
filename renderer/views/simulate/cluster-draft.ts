/** A cluster while it is edited: devices that are alike are one row with a count. */
import type { Cluster, ClusterInput, Delays, DeviceSpec, Fault } from '../../../main/core/cluster.ts';

export interface DeviceDraft {
  /** Stable while it is edited. */
  key: string;
  name: string;
  count: number;
  samplesPerSecond: number;
  jitter: number;
  fixedShare: number;
  memoryBytes: number;
  cores: number;
  upBitsPerSecond: number;
  downBitsPerSecond: number;
  latencyMs: number;
  lossProbability: number;
  /** Of a measured device; not edited. */
  delays?: Delays;
}

export interface ClusterDraft {
  name: string;
  source: string;
  reference: Cluster['reference'];
  rows: Cluster['rows'];
  server: Cluster['server'];
  devices: DeviceDraft[];
  schedule: Cluster['schedule'];
  repeatEverySeconds?: number | undefined;
  faults: Fault[];
}

/** Devices whose names count up and whose figures are the same become one row. */
export function draftOf(cluster: Cluster): ClusterDraft {
  const devices: DeviceDraft[] = [];
  for (const device of cluster.devices) {
    const last = devices.at(-1);
    const base = /^(.*)-\d+$/.exec(device.name)?.[1];
    const follows = last !== undefined && base !== undefined && device.name === `${base}-${last.count + 1}`;
    if (follows && sameFigures(last, device) && (last.name === base || last.name === `${base}-1`)) {
      last.name = base;
      last.count += 1;
    } else devices.push({ key: `${devices.length}-${device.name}`, name: device.name, count: 1, ...figuresOf(device) });
  }
  const { name, source, reference, rows, server, schedule, repeatEverySeconds, faults } = cluster;
  return { name, source, reference, rows, server, schedule, repeatEverySeconds, faults, devices };
}

const EDITED = '-edited';
const EDITED_SINCE = ' Figures were changed by hand since.';
const MAX_NAME = 64;
const MAX_SOURCE = 4000;

/** What was changed is no longer what its name and its source speak of, and results must not be told as if it were. */
export function edited(draft: ClusterDraft): ClusterDraft {
  if (draft.name.endsWith(EDITED)) return draft;
  return {
    ...draft,
    name: `${draft.name.slice(0, MAX_NAME - EDITED.length)}${EDITED}`,
    source: `${draft.source.slice(0, MAX_SOURCE - EDITED_SINCE.length)}${EDITED_SINCE}`,
  };
}

export function clusterOf(draft: ClusterDraft): ClusterInput {
  const { devices, repeatEverySeconds, ...rest } = draft;
  const [first] = devices;
  return {
    ...rest,
    ...(repeatEverySeconds !== undefined && { repeatEverySeconds }),
    link: linkOf(first ?? NEW_DEVICE),
    devices: devices.map((device) => ({
      name: device.name,
      // Alone it keeps its name; several are numbered.
      ...(device.count > 1 && { count: device.count }),
      samplesPerSecond: device.samplesPerSecond,
      jitter: device.jitter,
      fixedShare: device.fixedShare,
      memoryBytes: device.memoryBytes,
      cores: device.cores,
      link: linkOf(device),
      ...(device.delays && { delays: device.delays }),
    })),
  };
}

/** Names of all devices, as faults refer to them. */
export function deviceNames({ devices }: Pick<ClusterDraft, 'devices'>): string[] {
  return devices.flatMap(({ name, count }) =>
    count === 1 ? [name] : Array.from({ length: count }, (_, index) => `${name}-${index + 1}`),
  );
}

const NEW_DEVICE: Omit<DeviceDraft, 'key' | 'name'> = {
  count: 1,
  samplesPerSecond: 1000,
  jitter: 0.05,
  fixedShare: 0.7,
  memoryBytes: 4 * 2 ** 30,
  cores: 4,
  upBitsPerSecond: 20e6,
  downBitsPerSecond: 50e6,
  latencyMs: 10,
  lossProbability: 0,
};

/** One more device, named so that no other has its name. */
export function withNewDevice(draft: ClusterDraft): ClusterDraft {
  const taken = new Set(draft.devices.map(({ name }) => name));
  let number = draft.devices.length + 1;
  while (taken.has(`device-${number}`)) number += 1;
  const name = `device-${number}`;
  const { key: _, ...like } = draft.devices.at(-1) ?? { ...NEW_DEVICE, key: '' };
  return {
    ...draft,
    devices: [...draft.devices, { ...like, key: `new-${name}-${draft.devices.length}`, name, count: 1 }],
  };
}

/** Without a row; what was to happen to its devices goes with it. */
export function withoutDevice(draft: ClusterDraft, key: string): ClusterDraft {
  return pruned({ ...draft, devices: draft.devices.filter((device) => device.key !== key) });
}

export function withDevice(draft: ClusterDraft, key: string, change: Partial<DeviceDraft>): ClusterDraft {
  return pruned({
    ...draft,
    devices: draft.devices.map((device) => (device.key === key ? { ...device, ...change } : device)),
  });
}

/** What refers to devices that are no longer there is left out. */
function pruned(draft: ClusterDraft): ClusterDraft {
  const names = new Set(deviceNames(draft));
  return {
    ...draft,
    faults: draft.faults.filter(({ device }) => names.has(device)),
    schedule: draft.schedule.map(({ atSeconds, speeds }) => ({
      atSeconds,
      speeds: Object.fromEntries(Object.entries(speeds).filter(([device]) => names.has(device))),
    })),
  };
}

type Figures = Omit<DeviceDraft, 'key' | 'name' | 'count'>;

function figuresOf({ samplesPerSecond, jitter, fixedShare, memoryBytes, cores, link, delays }: DeviceSpec): Figures {
  return { samplesPerSecond, jitter, fixedShare, memoryBytes, cores, ...link, ...(delays && { delays }) };
}

function sameFigures(draft: DeviceDraft, device: DeviceSpec): boolean {
  const figures = figuresOf(device);
  return (Object.keys(figures) as (keyof Figures)[]).every((key) => figures[key] === draft[key]);
}

function linkOf({ upBitsPerSecond, downBitsPerSecond, latencyMs, lossProbability }: Figures) {
  return { upBitsPerSecond, downBitsPerSecond, latencyMs, lossProbability };
}
