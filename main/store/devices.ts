/**
 * The inventory's tables: devices, and the host keys that were found good. On a connection of its own, since it lives
 * as long as the program and runs do not. Other processes may write the same file.
 */
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { DeviceRecord } from '../core/device-record.ts';
import { openDatabase, transaction } from './database.ts';
import { prepareHome } from './home.ts';
import { guarded } from './sqlite-errors.ts';

/** A host key that was found good. */
export interface HostKeyRow {
  address: string;
  port: number;
  keyType: string;
  key: Buffer;
  by: 'user' | 'tailnet' | 'known-hosts';
  /** ISO 8601. */
  since: string;
}

/** @throws CAD-HOME-READONLY, CAD-STORE-CORRUPT */
export function openDevices(home: string, now: () => Date = () => new Date()): DeviceTables {
  return new DeviceTables(join(prepareHome(home), 'caduceus.sqlite'), now);
}

export class DeviceTables {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #now: () => Date;

  constructor(path: string, now: () => Date) {
    this.#path = path;
    this.#database = openDatabase(path);
    this.#now = now;
  }

  /** Another value whenever another process has written to the file. */
  version(): number {
    return Number(this.#all('PRAGMA data_version')[0]?.['data_version'] ?? 0);
  }

  /** In the order in which they were added. */
  list(): DeviceRecord[] {
    return this.#all('SELECT * FROM devices ORDER BY rowid').map((row) => ({
      id: row['id'] as string,
      settings: JSON.parse(row['settings'] as string) as DeviceRecord['settings'],
      addedAt: row['added_at'] as string,
      lastSeenAt: row['last_seen_at'] as string | null,
      found: JSON.parse(row['found'] as string) as DeviceRecord['found'],
    }));
  }

  /** All or none. */
  put(records: readonly DeviceRecord[]): void {
    const statement = `INSERT INTO devices (id, name, address, port, added_at, last_seen_at, settings, found)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name, address = excluded.address,
      port = excluded.port, last_seen_at = excluded.last_seen_at, settings = excluded.settings, found = excluded.found`;
    this.#write(() => {
      for (const { id, settings, addedAt, lastSeenAt, found } of records) {
        const { name, address, port } = settings;
        const cells = [id, name, address, port, addedAt, lastSeenAt, JSON.stringify(settings), JSON.stringify(found)];
        this.#database.prepare(statement).run(...cells);
      }
    });
  }

  delete(ids: readonly string[]): void {
    this.#write(() => {
      for (const id of ids) this.#database.prepare('DELETE FROM devices WHERE id = ?').run(id);
    });
  }

  find(address: string, port: number): HostKeyRow[] {
    return this.#all('SELECT * FROM host_keys WHERE address = ? AND port = ?', address, port).map((row) => ({
      address,
      port,
      keyType: row['key_type'] as string,
      key: Buffer.from(row['key'] as Uint8Array),
      by: row['trusted_by'] as HostKeyRow['by'],
      since: row['since'] as string,
    }));
  }

  trust({ address, port, keyType, key, by }: Omit<HostKeyRow, 'since'>): void {
    this.#write(() =>
      this.#database
        .prepare(
          `INSERT INTO host_keys (address, port, key_type, key, trusted_by, since) VALUES (?, ?, ?, ?, ?, ?)
           ON CONFLICT DO UPDATE SET key = excluded.key, trusted_by = excluded.trusted_by, since = excluded.since`,
        )
        .run(address, port, keyType, key, by, this.#now().toISOString()),
    );
  }

  forget(address: string, port: number): void {
    this.#write(() =>
      this.#database.prepare('DELETE FROM host_keys WHERE address = ? AND port = ?').run(address, port),
    );
  }

  close(): void {
    this.#database.close();
  }

  #all(statement: string, ...values: (string | number)[]): Record<string, unknown>[] {
    return guarded(this.#path, () => this.#database.prepare(statement).all(...values));
  }

  #write(work: () => unknown): void {
    guarded(this.#path, () => transaction(this.#database, work));
  }
}
