/** The devices of a run as they were when they joined last, and how they were connected. */
import type { DeviceProfile } from '../core/cost.ts';
import type { LinkSpec } from '../core/cluster.ts';
import type { WorkerLink } from '../core/metrics.ts';
import { bytes, compareNames, count, decimal, plural, UNKNOWN } from '../core/display/format.ts';
import type { RunStory } from './story.ts';

export interface DeviceFacts {
  name: string;
  profile: DeviceProfile;
  /** Its way to the server; null where it was not recorded, and where there is no network. */
  link: { path: WorkerLink['path']; tls: boolean } | null;
  /** Of its end of the connection; null unless hosts were asked for. */
  address: string | null;
  /** What the simulator gave it for a network. */
  simulated: LinkSpec | null;
}

export function devicesOf({ workers, simulation, renamed }: RunStory): DeviceFacts[] {
  const links = new Map(simulation?.cluster.devices.map(({ name, link }) => [name, link]));
  const newest = new Map(workers.map((record) => [record.worker, record]));
  return [...newest.values()]
    .sort((left, right) => compareNames(left.worker, right.worker))
    .map(({ worker, profile, link }) => ({
      name: worker,
      profile,
      link: link === undefined ? null : { path: link.path, tls: link.tls },
      address: link === undefined || renamed ? null : link.address,
      simulated: links.get(worker) ?? null,
    }));
}

const PATHS: { readonly [P in WorkerLink['path']]: string } = {
  loopback: 'loopback',
  tailnet: 'tailnet',
  lan: 'local network',
  internet: 'internet',
  tunnel: 'SSH tunnel',
};

/** `tailnet`; for a simulated one `20 Mbit/s up, 20 down, 20 ms`. */
export function networkText({ link, simulated }: Pick<DeviceFacts, 'link' | 'simulated'>): string {
  if (link !== null) return PATHS[link.path];
  if (simulated === null) return UNKNOWN;
  const { upBitsPerSecond, downBitsPerSecond, latencyMs, lossProbability } = simulated;
  const loss = lossProbability > 0 ? `, ${decimal(100 * lossProbability, 2, 0)}\u00a0% lost` : '';
  return `simulated: ${bitRate(upBitsPerSecond)} up, ${bitRate(downBitsPerSecond)} down, ${decimal(latencyMs, 1, 0)}\u00a0ms${loss}`;
}

function bitRate(bitsPerSecond: number): string {
  const units = ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s', 'Tbit/s'];
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(bitsPerSecond) / 3)));
  return `${decimal(bitsPerSecond / 1000 ** step, 1, 0)}\u00a0${units[step] as string}`;
}

/**
 * All ways to the server in a line: `3 devices by tailnet without TLS, 1 device by local network with TLS`; and on which
 * address it listened, where one was chosen and may be told.
 */
export function networkSummary(story: RunStory): string {
  const devices = devicesOf(story);
  if (story.simulation !== null) return 'simulated links, as in the table of devices';
  const groups = Map.groupBy(
    devices.filter(({ link }) => link !== null),
    (device) => `by ${networkText(device)} ${device.link?.tls ? 'with' : 'without'} TLS`,
  );
  const ways = [...groups].map(([way, of]) => `${plural(of.length, 'device')} ${way}`);
  const { host, port } = story.run.config.server;
  const door = host === undefined ? [] : [`the server listened on ${host}${port === 0 ? '' : `, port ${port}`}`];
  return [...ways, ...door].join(', ') || UNKNOWN;
}

/** The cluster in a line. */
export function simulatedOnText({ simulation }: Pick<RunStory, 'simulation'>): string {
  if (simulation === null) return 'a cluster that was not kept';
  const { cluster, timingOnly } = simulation;
  const faults = cluster.faults.length === 0 ? '' : `, ${plural(cluster.faults.length, 'fault')}`;
  return `${cluster.name}: ${plural(cluster.devices.length, 'device')}${faults}${timingOnly ? '; timing only, nothing was learnt' : ''}`;
}

/** A column of the table of devices, for every format that is read. */
export interface DeviceColumn {
  head: string;
  /** Words that may take more than one line are a text. */
  kind: 'number' | 'word' | 'text';
  of: (device: DeviceFacts) => string;
}

export const DEVICE_COLUMNS: readonly DeviceColumn[] = [
  { head: 'device', kind: 'word', of: ({ name }) => name },
  { head: 'engine', kind: 'word', of: ({ profile }) => profile.engine },
  { head: 'cores', kind: 'number', of: ({ profile }) => count(profile.cores) },
  { head: 'memory', kind: 'number', of: ({ profile }) => bytes(profile.memoryBytes) },
  { head: 'architecture, platform', kind: 'word', of: systemText },
  { head: 'samples/s', kind: 'number', of: ({ profile }) => decimal(profile.samplesPerSecond) },
  { head: 'held back by', kind: 'text', of: ({ profile }) => profile.throttle ?? 'nothing' },
  { head: 'network', kind: 'text', of: connectionText },
];

/** What the figures of that table are. */
export const DEVICES_NOTE =
  'as each said when it joined; samples/s: measured then, in training steps at the run’s mini-batch';

function systemText({ profile: { architecture, platform } }: DeviceFacts): string {
  return architecture === platform ? architecture : `${architecture}, ${platform}`;
}

/** `tailnet, no TLS`; where it may be told with the address of the device's end. */
function connectionText(device: DeviceFacts): string {
  const { link, address } = device;
  const tls = link === null ? [] : [link.tls ? 'TLS' : 'no TLS'];
  return [networkText(device), ...tls, ...(address === null ? [] : [`from ${address}`])].join(', ');
}
