/** Makes what a cluster file says will happen happen: changes of speed, and faults. */
import { present, unreachable } from '../core/assert.ts';
import type { Cluster, Fault } from '../core/cluster.ts';
import type { SimulatedDevice } from './simulated-device.ts';
import type { Timeline } from './timeline.ts';

export interface Afflicted {
  timeline: Timeline;
  device(name: string): SimulatedDevice;
  /** A second device under the name of a first. */
  cloneOf(name: string): SimulatedDevice;
}

/** Devices that are not there when the run starts. */
export function lateDevices(cluster: Cluster): ReadonlySet<string> {
  return new Set(cluster.faults.filter(({ kind }) => kind === 'late-join').map(({ device }) => device));
}

export function planFaults(cluster: Cluster, afflicted: Afflicted): void {
  for (const [index, fault] of cluster.faults.entries()) {
    afflicted.timeline.at(fault.atSeconds * 1000, () => strike(fault, index, afflicted));
  }
}

function strike(fault: Fault, index: number, { timeline, device, cloneOf }: Afflicted): void {
  const struck = device(fault.device);
  switch (fault.kind) {
    case 'crash':
      if (!struck.isRunning) return;
      struck.crash(fault.silent === true);
      if (fault.backAfterSeconds !== undefined)
        timeline.after(fault.backAfterSeconds * 1000, () => startIfGone(struck));
      return;
    case 'pause':
      struck.pause();
      timeline.after(fault.forSeconds * 1000, () => struck.resume());
      return;
    case 'slow-down': {
      const cause = `fault ${index}`;
      struck.processor.setFactor(cause, 1 / fault.factor);
      if (fault.forSeconds !== undefined) {
        timeline.after(fault.forSeconds * 1000, () => struck.processor.setFactor(cause, 1));
      }
      return;
    }
    case 'partition':
      struck.sever();
      timeline.after(fault.forSeconds * 1000, () => struck.heal());
      return;
    case 'late-join':
      startIfGone(struck);
      return;
    case 'clone':
      cloneOf(fault.device).start();
      return;
    default:
      unreachable(fault);
  }
}

function startIfGone(device: SimulatedDevice): void {
  if (!device.isRunning) device.start();
}

export function planSchedule(cluster: Cluster, { timeline, device }: Pick<Afflicted, 'timeline' | 'device'>): void {
  const { schedule, repeatEverySeconds } = cluster;
  for (const { atSeconds, speeds } of schedule) {
    let dueMs = atSeconds * 1000;
    const change = (): void => {
      for (const name of Object.keys(speeds)) {
        device(name).processor.setFactor('schedule', present(speeds[name], 'speed'));
      }
      if (repeatEverySeconds === undefined) return;
      dueMs += repeatEverySeconds * 1000;
      timeline.at(dueMs, change);
    };
    timeline.at(dueMs, change);
  }
}
