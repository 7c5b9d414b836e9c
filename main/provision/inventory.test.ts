import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeviceRecord } from '../core/device-record.ts';
import { type DeviceStore, Inventory } from './inventory.ts';
import { Questions } from './questions.ts';
import { MemoryHostKeys } from './ssh/memory-host-keys.fixture.ts';

class MemoryStore extends MemoryHostKeys implements DeviceStore {
  records: DeviceRecord[] = [];
  writes = 0;
  version = (): number => this.writes;
  list = (): DeviceRecord[] => structuredClone(this.records);
  put(records: readonly DeviceRecord[]): void {
    for (const record of records)
      this.records = [...this.records.filter(({ id }) => id !== record.id), structuredClone(record)];
  }
  delete(ids: readonly string[]): void {
    this.records = this.records.filter(({ id }) => !ids.includes(id));
  }
}

let store: MemoryStore;
let nowMs: number;
let questions: Questions;
let inventory: Inventory;

beforeEach(() => {
  store = new MemoryStore();
  nowMs = Date.parse('2026-03-01T00:00:00Z');
  questions = new Questions(() => inventory.changed());
  inventory = new Inventory({
    store,
    questionOf: (id) => questions.of(id),
    now: () => new Date(nowMs),
    random: Math.random,
  });
});
afterEach(() => inventory.close());

describe('the inventory', () => {
  it('names devices from their addresses, each differently', () => {
    const added = inventory.add([
      { address: 'pi.shelf.ts.net' },
      { address: 'pi.lan' },
      { address: '10.0.0.1' },
      { address: 'fd7a::1' },
    ]);
    expect(added.map(({ name }) => name)).toEqual(['pi', 'pi-2', '10.0.0.1', 'fd7a-1']);
    expect(new Set(added.map(({ id }) => id)).size).toBe(4);
  });

  it('adds all or none', () => {
    inventory.add([{ address: 'a' }]);
    expect(() => inventory.add([{ address: 'b' }, { address: 'a' }])).toThrow(
      expect.objectContaining({ code: 'CAD-DEVICE-EXISTS' }),
    );
    expect(() => inventory.add([{ address: 'c' }, { address: 'd', name: 'A' }])).toThrow(
      expect.objectContaining({ code: 'CAD-DEVICE-EXISTS' }),
    );
    expect(() => inventory.add([{ address: 'e', jump: ['not a host'] }])).toThrow(
      expect.objectContaining({ code: 'CAD-DEVICE-INVALID' }),
    );
    expect(inventory.list()).toHaveLength(1);
    expect(inventory.add([{ address: 'a', port: 2222 }])).toHaveLength(1);
  });

  it('finds by identifier, name, address and beginning; says what fits', () => {
    const [pi, nano] = inventory.add([
      { address: '10.0.0.1', name: 'pi-1' },
      { address: '10.0.0.2', name: 'pi-2', tags: ['x'] },
    ]);
    expect(inventory.find('pi-1').id).toBe(pi?.id);
    expect(inventory.find(nano?.id ?? '').name).toBe('pi-2');
    expect(inventory.find('10.0.0.2').name).toBe('pi-2');
    expect(() => inventory.find('pi')).toThrow(/fits several devices: pi-1, pi-2/);
    expect(() => inventory.find('z')).toThrow(
      expect.objectContaining({ code: 'CAD-DEVICE-UNKNOWN', remedy: 'There are: pi-1, pi-2' }),
    );
    expect(inventory.select(['tag:x', 'pi-2']).map(({ name }) => name)).toEqual(['pi-2']);
    expect(() => inventory.select(['tag:y'])).toThrow(expect.objectContaining({ code: 'CAD-DEVICE-UNKNOWN' }));
  });

  it('changes, removes and takes a removal back', () => {
    const [device] = inventory.add([{ address: 'a', user: 'pi' }]);
    expect(inventory.update('a', { user: 'root', name: 'renamed' })).toMatchObject({
      user: 'root',
      name: 'renamed',
      id: device?.id,
    });
    inventory.going('renamed', { activity: 'training' });
    expect(() => inventory.remove(['renamed'])).toThrow(expect.objectContaining({ code: 'CAD-DEVICE-BUSY' }));
    inventory.going('renamed', { activity: null });
    inventory.remove(['renamed']);
    expect(inventory.list()).toEqual([]);
    inventory.restore([device?.id ?? '']);
    expect(inventory.find('renamed').user).toBe('root');
    expect(() => inventory.restore(['renamed'])).toThrow(expect.objectContaining({ code: 'CAD-DEVICE-UNKNOWN' }));
  });

  it('calls a device offline when it could not be reached, not when nobody has asked it', () => {
    inventory.add([{ address: 'a' }]);
    expect(inventory.find('a').state).toBe('new');
    inventory.found('a', { deployment: { version: 'v', directory: '/d', deployedAt: '2026-03-01' } });
    expect(inventory.find('a').state).toBe('ready');
    nowMs += 7 * 24 * 3_600_000;
    expect(inventory.find('a')).toMatchObject({ state: 'ready', lastSeenAt: '2026-03-01T00:00:00.000Z' });
    inventory.found('a', { error: { code: 'CAD-SSH-REACH', message: '', remedy: '' } }, false);
    expect(inventory.find('a')).toMatchObject({ state: 'offline', lastSeenAt: '2026-03-01T00:00:00.000Z' });
    inventory.found('a', { error: { code: 'CAD-DEVICE-DISK', message: '', remedy: '' } });
    expect(inventory.find('a').state).toBe('failed');
    inventory.found('a', { error: undefined });
    expect(inventory.find('a')).toMatchObject({ state: 'ready', error: null });
  });

  it('sees what another process added', () => {
    inventory.add([{ address: 'a' }]);
    const [record] = store.list() as [DeviceRecord];
    const settings = { ...record.settings, name: 'other', address: 'o' };
    store.records.push({ ...record, id: 'd-other', settings });
    store.writes++;
    expect(inventory.find('other').id).toBe('d-other');
  });

  it('tells those who listen what another process added, and nothing when it wrote something else', async () => {
    inventory.add([{ address: 'a' }]);
    const [record] = store.list() as [DeviceRecord];
    const told: string[][] = [];
    const learnt = new Promise<void>((resolve) => {
      inventory.onChange((devices) => {
        told.push(devices.map(({ name }) => name));
        resolve();
      });
    });
    store.writes++;
    expect(inventory.list()).toHaveLength(1);
    store.records.push({ ...record, id: 'd-other', settings: { ...record.settings, name: 'other', address: 'o' } });
    store.writes++;
    await learnt;
    expect(told).toEqual([['a', 'other']]);
  });

  it('tells of changes at most ten times a second', async () => {
    inventory.add([{ address: 'a' }]);
    let told = 0;
    const stop = inventory.onChange(() => told++);
    const endMs = performance.now() + 450;
    while (performance.now() < endMs) {
      inventory.going('a', { run: String(performance.now()) });
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    stop();
    expect(told).toBeGreaterThan(1);
    expect(told).toBeLessThanOrEqual(6);
  });
});

describe('questions', () => {
  const trust = {
    kind: 'trust',
    host: 'h',
    fingerprint: 'SHA256:a',
    keyType: 't',
    knownToTailnet: false,
    checkCommand: '',
  } as const;
  const never = new AbortController().signal;

  it('are shown one at a time, and answered only by their own kind, name and fingerprint', async () => {
    const first = questions.dialogueFor('d').ask(trust, 10_000, never);
    const second = questions
      .dialogueFor('d')
      .ask({ ...trust, kind: 'key-changed', trustedFingerprint: 'x', trustedSince: null }, 10_000, never);
    const { question } = questions.of('d') ?? { question: '' };
    expect(() => questions.answer('d', { kind: 'replace-key', question, fingerprint: 'SHA256:a' })).toThrow();
    expect(() => questions.answer('d', { kind: 'trust', question, fingerprint: 'SHA256:b' })).toThrow();
    expect(() => questions.answer('e', { kind: 'trust', question, fingerprint: 'SHA256:a' })).toThrow();
    questions.answer('d', { kind: 'trust', question, fingerprint: 'SHA256:a' });
    expect(await first).toMatchObject({ kind: 'trust' });
    expect(() => questions.answer('d', { kind: 'trust', question, fingerprint: 'SHA256:a' })).toThrow(
      expect.objectContaining({ code: 'CAD-USAGE' }),
    );
    const next = questions.of('d');
    expect(next?.kind).toBe('key-changed');
    expect(() =>
      questions.answer('d', { kind: 'trust', question: next?.question ?? '', fingerprint: 'SHA256:a' }),
    ).toThrow();
    questions.answer('d', { kind: 'refuse', question: next?.question ?? '' });
    expect(await second).toMatchObject({ kind: 'refuse' });
    expect(questions.of('d')).toBeNull();
  });

  it('have an end: their bound, being taken back, the end of the program', async () => {
    await expect(questions.dialogueFor('d').ask(trust, 20, never)).rejects.toMatchObject({ code: 'CAD-SSH-TIMEOUT' });
    const controller = new AbortController();
    const taken = questions.dialogueFor('d').ask(trust, 10_000, controller.signal);
    controller.abort();
    await expect(taken).rejects.toMatchObject({ code: 'CAD-CANCELLED' });
    const open = questions.dialogueFor('d').ask(trust, 10_000, never);
    questions.close();
    await expect(open).rejects.toMatchObject({ code: 'CAD-CANCELLED' });
    expect(questions.of('d')).toBeNull();
  });
});
