/** What the devices of a bed are to be: names, addresses, users, shares of this host, links. */
import { availableParallelism } from 'node:os';
import type { Cluster, DeviceSpec } from '../../main/core/cluster.ts';
import { CaduceusError } from '../../main/core/errors.ts';
import { loadCluster } from '../../main/sim/cluster-file.ts';
import { MAX_BED_DEVICES } from './slot.ts';

export interface LinkPlan {
  /** From the device, and to it; no cap where left out. */
  upBitsPerSecond?: number | undefined;
  downBitsPerSecond?: number | undefined;
  /** One way; only emulated with a latency proxy. */
  latencyMs: number;
}

export interface DevicePlan {
  name: string;
  address: string;
  port: number;
  user: string;
  uid: number;
  home: string;
  /** Login shell, a whole path. */
  shell: string;
  /** Cores that the device may use; at most one where it follows a preset, since a worker trains on one. */
  cpuShare: number;
  /** Of this host's name space: what `ip netns exec` takes. */
  namespace: string;
  link: LinkPlan;
}

export interface BedRequest {
  devices?: number;
  /** A preset of resources/clusters, or a cluster file. */
  preset?: string;
  /** Cores that all devices together may use. */
  cores?: number;
  /** Login shell of every device. */
  shell?: string;
}

export interface BedPlan {
  preset?: string;
  cores: number;
  devices: DevicePlan[];
}

const DEFAULT_DEVICES = 4;
/** The rest of the cores is for the parameter server and whoever watches. */
const SHARE_FOR_DEVICES = 0.75;
const MIN_SHARE = 0.01;
/** Beyond the users of systems, below those of dynamic services; 60 for each bed. */
const FIRST_UID = 60_600;
const SSH_PORT = 22;
const DEFAULT_SHELL = '/bin/bash';

/** 100.64.0.0/10 is what tailnets and carriers use; a /24 of it for each bed. */
export function subnetOf(slot: number): string {
  return `100.88.${slot}`;
}

/** The host's end of every link: where devices reach the parameter server. */
export function hostAddressOf(slot: number): string {
  return `${subnetOf(slot)}.1`;
}

export function planBed(request: BedRequest, slot: number): BedPlan {
  const cores = request.cores ?? availableParallelism() * SHARE_FOR_DEVICES;
  if (!(cores > 0 && cores <= 4096)) throw usage(`--cores ${request.cores} is not a number of cores`);
  const cluster = request.preset === undefined ? undefined : loadCluster(request.preset);
  const count = request.devices ?? cluster?.devices.length ?? DEFAULT_DEVICES;
  if (!Number.isInteger(count) || count < 1 || count > MAX_BED_DEVICES) {
    throw usage(`--devices ${count}: a bed has 1 to ${MAX_BED_DEVICES} devices`);
  }
  const specs = cluster === undefined ? equalDevices(count) : chosen(cluster, count);
  const total = specs.reduce((sum, { samplesPerSecond }) => sum + samplesPerSecond, 0);
  const fastest = Math.max(...specs.map(({ samplesPerSecond }) => samplesPerSecond));
  // No device is faster than one core, and all together no faster than the cores given.
  const scale = Math.min(1 / fastest, cores / total);
  return {
    ...(request.preset !== undefined && { preset: request.preset }),
    cores,
    devices: specs.map((spec, index) => ({
      name: spec.name,
      address: `${subnetOf(slot)}.${index + 10}`,
      port: SSH_PORT,
      user: `cad-bed-${index + 1}`,
      uid: FIRST_UID + (slot - 1) * MAX_BED_DEVICES + index,
      home: `/home/cad-bed-${index + 1}`,
      shell: request.shell ?? DEFAULT_SHELL,
      cpuShare: Math.max(MIN_SHARE, spec.samplesPerSecond * scale),
      namespace: `cad${slot}-${spec.name}`,
      link: spec.link,
    })),
  };
}

interface Chosen {
  name: string;
  samplesPerSecond: number;
  link: LinkPlan;
}

function equalDevices(count: number): Chosen[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `dev-${index + 1}`,
    samplesPerSecond: 1,
    link: { latencyMs: 0 },
  }));
}

/** Fewer than the cluster has: spread evenly over it, so that slow and fast ones are among them. More: copies. */
function chosen({ devices }: Cluster, count: number): Chosen[] {
  const copies = Math.ceil(count / devices.length);
  const all = Array.from({ length: copies }, (_, copy) =>
    devices.map((device) => linked(device, copy === 0 ? device.name : `${device.name}-copy-${copy}`)),
  ).flat();
  if (copies > 1) return all.slice(0, count);
  if (count === 1) return all.slice(0, 1);
  return Array.from(
    { length: count },
    (_, index) => all[Math.round((index * (all.length - 1)) / (count - 1))] as Chosen,
  );
}

function linked({ samplesPerSecond, link }: DeviceSpec, name: string): Chosen {
  const { upBitsPerSecond, downBitsPerSecond, latencyMs } = link;
  return { name, samplesPerSecond, link: { upBitsPerSecond, downBitsPerSecond, latencyMs } };
}

function usage(message: string): CaduceusError {
  return new CaduceusError('CAD-USAGE', message, 'See npm run testbed -- --help.');
}
