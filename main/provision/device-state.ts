/** One word for how a device is. Health is the age of its last answer, never the memory of a good one. */
import type { DeviceState } from '../core/device.ts';
import type { FoundOut } from '../core/device-record.ts';
import type { ErrorCode } from '../core/errors.ts';

/** A device that was silent for longer is not called ready: nobody knows. */
export const SILENT_AFTER_MS = 600_000;
const UNREACHABLE: readonly ErrorCode[] = ['CAD-SSH-REACH', 'CAD-SSH-RESOLVE', 'CAD-SSH-LOST', 'CAD-SSH-TIMEOUT'];

export interface StateParts {
  found: FoundOut;
  lastSeenAt: string | null;
  activity: 'deploying' | 'training' | null;
  isAsking: boolean;
}

export function stateOf({ found, lastSeenAt, activity, isAsking }: StateParts, now: Date): DeviceState {
  if (isAsking) return 'needs-you';
  if (activity !== null) return activity;
  if (found.error !== undefined) {
    return found.deployment !== undefined && UNREACHABLE.includes(found.error.code) ? 'offline' : 'failed';
  }
  if (found.deployment === undefined) return 'new';
  const silentMs = lastSeenAt === null ? Infinity : now.getTime() - Date.parse(lastSeenAt);
  return silentMs > SILENT_AFTER_MS ? 'offline' : 'ready';
}
