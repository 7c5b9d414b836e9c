/** The simulated devices of the inventory, as the control plane last told of them. */
import type { CallInput, SimulatedDevice } from '../../main/core/api.ts';
import type { ClusterInput } from '../../main/core/cluster.ts';
import { ask, follow } from './control-plane.ts';
import { createStore } from './store.ts';

export const simulatedDevices = createStore<readonly SimulatedDevice[]>([]);

/** What their speeds are stated with: the usual model and mini-batch. */
export const REFERENCE = { model: 'mlp-109k', batch: 16 } as const;

export function followSimulatedDevices(): void {
  follow('simulatedDevices', {}, (devices) => simulatedDevices.set(devices), {
    refresh: () =>
      void ask('simulatedDevices.list', {}).then((answer) => {
        if (answer.ok) simulatedDevices.set(answer.value);
      }),
  });
}

/** They as a cluster for the simulator. */
export function clusterOfSimulated(devices: readonly SimulatedDevice[]): CallInput<'runs.simulate'>['cluster'] {
  const [first] = devices;
  const cluster: ClusterInput = {
    name: 'simulated-devices',
    source: 'Simulated devices of the inventory, as they were described by hand; nothing of them was measured.',
    reference: REFERENCE,
    defaults: { jitter: 0.05 },
    link: linkOf(first ?? { upBitsPerSecond: 1e6, downBitsPerSecond: 1e6, latencyMs: 1 }),
    devices: devices.map((device) => ({
      name: device.name,
      samplesPerSecond: device.samplesPerSecond,
      link: linkOf(device),
    })),
  };
  return JSON.parse(JSON.stringify(cluster)) as CallInput<'runs.simulate'>['cluster'];
}

function linkOf({
  upBitsPerSecond,
  downBitsPerSecond,
  latencyMs,
}: Pick<SimulatedDevice, 'upBitsPerSecond' | 'downBitsPerSecond' | 'latencyMs'>) {
  return { upBitsPerSecond, downBitsPerSecond, latencyMs };
}
