/** A trust store of a test. */
import type { HostKeyStore, TrustedKey } from '../trust/host-key-store.ts';

export class MemoryHostKeys implements HostKeyStore {
  keys: TrustedKey[] = [];

  find(address: string, port: number): TrustedKey[] {
    return this.keys.filter((key) => key.address === address && key.port === port);
  }

  trust(key: Omit<TrustedKey, 'since'>): void {
    const isSame = (other: TrustedKey): boolean =>
      other.address === key.address && other.port === key.port && other.keyType === key.keyType;
    this.keys = [...this.keys.filter((other) => !isSame(other)), { ...key, since: '2026-01-02T03:04:05.000Z' }];
  }

  forget(address: string, port: number): void {
    this.keys = this.keys.filter((key) => key.address !== address || key.port !== port);
  }
}
