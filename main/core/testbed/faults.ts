/** Faults for the testbed, drawn from a seed; which kinds can occur in a run is drawn as well (swarm testing). */
import { below, type PrngState } from '../prng.ts';
import type { Connection, Testbed } from '../testbed.ts';

export const FAULTS = [
  'drop',
  'kill',
  'reconnect',
  'join',
  'duplicate',
  'replay',
  'late-loss',
  'poison',
  'pause',
] as const;
export type Fault = (typeof FAULTS)[number];

/** Numbers of the messages on the wire that close an iteration: push, report, flag. */
const ITERATION_MESSAGES = [3, 4, 5];
const MAX_WORKERS = 7;

/** Each kind with probability one half. */
export function drawFaults(chance: PrngState): Fault[] {
  return FAULTS.filter(() => below(chance, 2) === 0);
}

function one<T>(chance: PrngState, items: readonly T[]): T | undefined {
  return items.length === 0 ? undefined : items[below(chance, items.length)];
}

/** Lets one fault happen; false when there is nothing that it could happen to. */
export function inject(bed: Testbed, fault: Fault, chance: PrngState): boolean {
  const connected = [...bed.devices.keys()].filter((worker) => bed.connectionOf(worker));
  const absent = [...bed.devices.keys()].filter((worker) => !bed.connectionOf(worker));
  const worker = one(chance, fault === 'reconnect' ? absent : connected);
  switch (fault) {
    case 'drop':
      if (worker !== undefined) bed.drop(worker);
      return worker !== undefined;
    case 'kill':
      if (worker !== undefined) bed.kill(worker);
      return worker !== undefined;
    case 'reconnect':
      if (worker === undefined) return false;
      if (bed.device(worker).isExpelled) bed.kill(worker); // somebody starts it again
      bed.connect(worker);
      return true;
    case 'join':
      if (bed.devices.size >= MAX_WORKERS) return false;
      bed.addDevice(`late-${bed.devices.size}`);
      bed.connect(`late-${bed.devices.size - 1}`);
      return true;
    case 'duplicate': {
      const connection = one(
        chance,
        bed.connections.filter((candidate) => iterationFrames(candidate).length > 0),
      );
      const frame = connection && one(chance, iterationFrames(connection));
      if (frame) connection.up.push(frame);
      return frame !== undefined;
    }
    case 'replay': {
      // A connection breaks with frames on their way, which still arrive, and once more after that.
      const connection = one(
        chance,
        bed.connections.filter((candidate) => iterationFrames(candidate).length > 0),
      );
      if (connection === undefined) return false;
      if (connection.open) bed.drop(connection.worker);
      connection.up.push(...iterationFrames(connection));
      return true;
    }
    case 'late-loss': {
      // The end of a connection becomes known when the worker has long been back on another.
      const newer = one(
        chance,
        bed.connections.filter(({ incarnation }) => incarnation > 1),
      );
      if (newer === undefined) return false;
      const incarnation = newer.incarnation - 1;
      const about = { worker: newer.worker, incarnation, reason: 'the connection broke' };
      bed.give({ type: 'disconnected', nowMs: bed.nowMs, ...about });
      return true;
    }
    case 'poison':
      if (worker !== undefined) bed.device(worker).poisoned = true;
      return worker !== undefined;
    case 'pause':
      bed.give({ type: below(chance, 2) === 0 ? 'pause' : 'resume', nowMs: bed.nowMs });
      return true;
  }
}

/** Frames on their way up that close an iteration. */
export function iterationFrames({ up }: Connection): Uint8Array[] {
  return up.filter((frame) => ITERATION_MESSAGES.includes(frame[1] as number));
}

/** Faults stop: everyone comes back as often as is needed, and a paused run goes on. */
export function heal(bed: Testbed): void {
  for (const device of bed.devices.values()) device.poisoned = false;
  bed.give({ type: 'resume', nowMs: bed.nowMs });
  bed.connectAll();
}
