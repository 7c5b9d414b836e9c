/** The two clusters that every comparison needs beside the one compared: what one device alone would do. */
import type { Cluster, DeviceSpec } from '../core/cluster.ts';
import { assert } from '../core/assert.ts';

/** A device that is its own server: no link, no rows to ship. */
const AT_HOME = { upBitsPerSecond: 1e13, downBitsPerSecond: 1e13, latencyMs: 0, lossProbability: 0 };

/** The fastest device alone: what distribution must beat. To be run under `bsp`, which is then plain SGD. */
export function soloCluster(cluster: Cluster): Cluster {
  return alone(cluster, 'solo', fastest(cluster), (speeds, name) => speeds[name]);
}

/** One device with the speed of all together: what no distribution can beat at the same batch. */
export function idealCluster(cluster: Cluster): Cluster {
  const total = cluster.devices.reduce((sum, device) => sum + device.samplesPerSecond, 0);
  const speedOf = new Map(cluster.devices.map((device) => [device.name, device.samplesPerSecond]));
  const now = new Map(cluster.devices.map(({ name }) => [name, 1]));
  const device = { ...fastest(cluster), samplesPerSecond: total };
  return alone(cluster, 'ideal', device, (speeds) => {
    for (const [name, speed] of Object.entries(speeds)) now.set(name, speed);
    let sum = 0;
    for (const [name, speed] of now) sum += speed * (speedOf.get(name) ?? 0);
    return sum / total;
  });
}

function fastest({ devices }: Cluster): DeviceSpec {
  const [first, ...others] = devices;
  assert(first !== undefined, 'a cluster has devices');
  return others.reduce((best, device) => (device.samplesPerSecond > best.samplesPerSecond ? device : best), first);
}

/** Faults are left out: they would make the yardstick a matter of luck. Changes of speed are kept. */
function alone(
  cluster: Cluster,
  role: 'solo' | 'ideal',
  device: DeviceSpec,
  speedAt: (speeds: Record<string, number>, name: string) => number | undefined,
): Cluster {
  const { name, source, reference, schedule, repeatEverySeconds } = cluster;
  return {
    name: `${name}-${role}`.slice(0, 64),
    source:
      `${role === 'solo' ? 'The fastest device' : 'One device with the speed of all devices'} of ${name}. ${source}`.slice(
        0,
        4000,
      ),
    reference,
    rows: 'on-devices',
    server: {},
    link: AT_HOME,
    devices: [{ ...device, name: role, link: AT_HOME }],
    schedule: schedule.flatMap(({ atSeconds, speeds }) => {
      const speed = speedAt(speeds, device.name);
      return speed === undefined ? [] : [{ atSeconds, speeds: { [role]: speed } }];
    }),
    ...(repeatEverySeconds !== undefined && { repeatEverySeconds }),
    faults: [],
  };
}
