import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeviceRecord } from '../core/device-record.ts';
import { connect } from './database.ts';
import { openDevices } from './devices.ts';
import { MIGRATIONS } from './migrations.ts';

const settings = {
  name: 'pi',
  address: '10.0.0.1',
  port: 22,
  jump: [],
  tags: ['shelf'],
  caps: {},
  source: 'address',
} as const;
const record: DeviceRecord = {
  id: 'd-1',
  settings: { ...settings, jump: [], tags: ['shelf'] },
  addedAt: '2026-01-01T00:00:00.000Z',
  lastSeenAt: null,
  found: {},
};
const key = {
  address: '10.0.0.1',
  port: 22,
  keyType: 'ssh-ed25519',
  key: Buffer.from([0, 1, 255]),
  by: 'user',
} as const;

describe('the tables of devices', () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'cad-devices-'));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  it('keep devices and host keys over a restart, in order', () => {
    const first = openDevices(home, () => new Date('2026-02-03T00:00:00Z'));
    const second = { ...record, id: 'd-2', settings: { ...record.settings, name: 'a', address: 'h' } };
    first.put([record, second]);
    first.put([{ ...record, lastSeenAt: '2026-02-01', found: { keyExpiresAt: 'x' } }]);
    first.trust(key);
    first.close();
    const again = openDevices(home);
    expect(again.list()).toEqual([{ ...record, lastSeenAt: '2026-02-01', found: { keyExpiresAt: 'x' } }, second]);
    expect(again.find('10.0.0.1', 22)).toEqual([{ ...key, since: '2026-02-03T00:00:00.000Z' }]);
    expect(again.find('10.0.0.1', 2222)).toEqual([]);
    again.delete(['d-1']);
    expect(again.list()).toEqual([second]);
    again.close();
  });

  it('replace a key of the same type, keep those of others, and forget all of an address', () => {
    const tables = openDevices(home);
    tables.trust(key);
    tables.trust({ ...key, keyType: 'ssh-rsa' });
    tables.trust({ ...key, key: Buffer.from([7]), by: 'tailnet' });
    expect(tables.find('10.0.0.1', 22)).toMatchObject([
      { keyType: 'ssh-ed25519', by: 'tailnet' },
      { keyType: 'ssh-rsa' },
    ]);
    tables.forget('10.0.0.1', 22);
    expect(tables.find('10.0.0.1', 22)).toEqual([]);
    tables.close();
  });

  it('add all or none, and say when another process wrote', () => {
    const tables = openDevices(home);
    const other = openDevices(home);
    const before = tables.version();
    expect(() => other.put([record, { ...record, id: 'd-2' }])).toThrow();
    expect(tables.list()).toEqual([]);
    other.put([record]);
    expect(tables.version()).not.toBe(before);
    expect(tables.list()).toHaveLength(1);
    tables.close();
    other.close();
  });

  it('come to a database of before there were devices', () => {
    const old = connect(join(home, 'caduceus.sqlite'), 1000);
    old.exec(`${MIGRATIONS[0]}; PRAGMA application_id = ${0x43414455}; PRAGMA user_version = 1`);
    old.close();
    const tables = openDevices(home);
    tables.put([record]);
    expect(tables.list()).toEqual([record]);
    tables.close();
  });
});
