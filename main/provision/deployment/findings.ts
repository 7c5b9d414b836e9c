/** What a deployment that has ended, well or not, says of its device: for the inventory to keep. */
import type { DevicePath, DeviceView } from '../../core/device.ts';
import type { FoundOut } from '../../core/device-record.ts';
import { reportError } from '../../core/errors.ts';
import type { DeploymentResult } from './deployment.ts';

/** What is named changes; `undefined` forgets. */
export type Findings = { [K in keyof FoundOut]?: FoundOut[K] | undefined };

export function findingsOf(result: DeploymentResult, known: Pick<DeviceView, 'path'>, now: Date): Findings {
  const { facts, endpoint, installation, benchmark, path } = result;
  return {
    ...errorOf(result),
    ...(facts && { facts }),
    ...(endpoint && { endpoint }),
    ...(benchmark && { benchmark }),
    ...(path && { path: withRelay(path, known.path) }),
    ...(installation && { deployment: { ...installation, deployedAt: now.toISOString() } }),
  };
}

/**
 * An attempt to go back that failed is told by its steps and its summary, and says nothing of a device that has
 * the version that it had: what was found of it before holds on.
 */
function errorOf({ error, isAsBefore }: DeploymentResult): Findings {
  if (error === undefined || error.code === 'CAD-CANCELLED') return { error: undefined };
  return isAsBefore ? {} : { error: reportError(error) };
}

/** Where the packets go is the tailnet's to know: to a deployment, a relayed way looks direct. */
function withRelay(found: DevicePath, known: DevicePath | null): DevicePath {
  if (found.kind !== 'direct' || known?.kind !== 'relay') return found;
  return { ...known, ...(found.latencyMs !== undefined && { latencyMs: found.latencyMs }) };
}
