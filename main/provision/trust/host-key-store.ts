/** Keys that were found good, by address, port and key type. The store of the program keeps them. */
import type { DeviceView } from '../../core/device.ts';

export type TrustedBy = NonNullable<DeviceView['trust']>['by'];

export interface TrustedKey {
  address: string;
  port: number;
  keyType: string;
  key: Buffer;
  by: TrustedBy;
  /** ISO 8601, when it was first trusted. */
  since: string;
}

export interface HostKeyStore {
  /** Of every type. */
  find(address: string, port: number): TrustedKey[];
  /** Takes the place of the one of the same type; `since` is the store's own clock. */
  trust(key: Omit<TrustedKey, 'since'>): void;
  /** Those of every type: another machine answers there now. */
  forget(address: string, port: number): void;
}
