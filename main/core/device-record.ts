/** A device as the store keeps it: what the user said, and what was found out. Secrets are never among it. */
import type { DeviceBenchmark, DeviceFacts, DevicePath, DeviceSettings, DeviceView } from './device.ts';
import type { ErrorReport } from './errors.ts';

export interface DeviceRecord {
  id: string;
  settings: DeviceSettings & { name: string };
  addedAt: string;
  lastSeenAt: string | null;
  found: FoundOut;
}

/** Absent: not known. */
export interface FoundOut {
  facts?: DeviceFacts;
  /** Where it was reached, after the ssh configuration. */
  endpoint?: { host: string; port: number };
  benchmark?: DeviceBenchmark;
  path?: DevicePath;
  deployment?: NonNullable<DeviceView['deployment']>;
  /** Why the last deployment failed. */
  error?: ErrorReport;
  keyExpiresAt?: string;
}
