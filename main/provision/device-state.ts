/**
 * One word for how a device is. `offline` is what was found, never guessed from silence: nobody asks idle devices, so
 * they are silent by themselves, as after the program was started anew. Whoever shows the word shows with it how old
 * the last answer is.
 */
import type { DeviceState } from '../core/device.ts';
import type { FoundOut } from '../core/device-record.ts';
import type { ErrorCode } from '../core/errors.ts';

const UNREACHABLE: readonly ErrorCode[] = ['CAD-SSH-REACH', 'CAD-SSH-RESOLVE', 'CAD-SSH-LOST', 'CAD-SSH-TIMEOUT'];

export interface StateParts {
  found: FoundOut;
  activity: 'deploying' | 'training' | null;
  isAsking: boolean;
}

export function stateOf({ found, activity, isAsking }: StateParts): DeviceState {
  if (isAsking) return 'needs-you';
  if (activity !== null) return activity;
  if (found.error !== undefined) {
    return found.deployment !== undefined && UNREACHABLE.includes(found.error.code) ? 'offline' : 'failed';
  }
  return found.deployment === undefined ? 'new' : 'ready';
}
