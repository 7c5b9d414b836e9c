import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { redact } from './diagnostics.ts';
import { TestDesk } from './test-desk.fixture.ts';

const own = new TestDesk();
const { home, call } = own;
afterAll(() => own.close());

describe('what is kept for the user', () => {
  test('settings survive; a file that cannot be read is put aside', async () => {
    await call('settings.update', { change: { theme: 'dark', deployConcurrency: 3 } });
    await own.desk.close();
    own.open();
    expect((await call('settings.get', {})).settings).toMatchObject({ theme: 'dark', deployConcurrency: 3 });
    expect(statSync(join(home, 'settings.json')).mode & 0o077).toBe(0);
    await own.desk.close();
    writeFileSync(join(home, 'settings.json'), '{"theme":"dark",');
    own.open();
    const view = await call('settings.get', {});
    expect(view.settings.theme).toBe('system');
    expect(readFileSync(view.putAside ?? '', 'utf8')).toBe('{"theme":"dark",');
  });

  test('simulated devices survive, are told apart by name, and come back when they were removed', async () => {
    const device = { name: 'pi', samplesPerSecond: 300, upBitsPerSecond: 5e6, downBitsPerSecond: 2e7, latencyMs: 12 };
    const [first] = await call('simulatedDevices.add', { device });
    const all = await call('simulatedDevices.add', { device, count: 2 });
    expect(all.map(({ name }) => name)).toEqual(['pi', 'pi-1', 'pi-2']);
    const renamed = await call('simulatedDevices.update', { device: { ...device, id: first?.id ?? '', name: 'pi-1' } });
    expect(renamed.map(({ name }) => name)).toEqual(['pi-1-2', 'pi-1', 'pi-2']);
    expect(await call('simulatedDevices.remove', { ids: [first?.id ?? ''] })).toHaveLength(2);
    expect(await call('simulatedDevices.restore', { ids: [first?.id ?? ''] })).toHaveLength(3);
    expect(await own.bridge.call('simulatedDevices.add', { device, count: 198 })).toMatchObject({
      ok: false,
      error: { code: 'CAD-BUSY' },
    });
    await own.desk.close();
    own.open();
    expect(await call('simulatedDevices.list', {})).toHaveLength(3);
  });

  test('settings that cannot be written stay as they were', async () => {
    // Even root cannot put a file in the place of a directory.
    rmSync(join(home, 'settings.json'), { force: true });
    mkdirSync(join(home, 'settings.json'));
    expect(await own.bridge.call('settings.update', { change: { theme: 'light' } })).toMatchObject({
      ok: false,
      error: { code: 'CAD-OUTPUT' },
    });
    expect((await call('settings.get', {})).settings.theme).toBe('system');
    rmSync(join(home, 'settings.json'), { recursive: true });
  });

  test('experiments are saved, unfinished ones too, removed and taken back', async () => {
    const saved = await call('experiments.save', { name: 'half', config: { policy: 'nonsense', batch: 'x' } });
    expect(await call('experiments.list', {})).toEqual([saved]);
    const again = await call('experiments.save', { id: saved.id, name: 'whole', config: {}, cluster: 'hermes-6' });
    expect(await call('experiments.list', {})).toEqual([again]);
    await call('experiments.remove', { id: saved.id });
    expect(await call('experiments.list', {})).toEqual([]);
    expect(await call('experiments.restore', { id: saved.id })).toEqual(again);
    writeFileSync(join(home, 'experiments', 'broken.json'), '{');
    expect(await call('experiments.list', {})).toEqual([again]);
    expect(readdirSync(join(home, 'experiments'))).toHaveLength(2);
  });

  test('diagnostics say what happened and not who or where', async () => {
    own.desk.onInternalError(
      new Error(`secret ${'A1b2'.repeat(12)} of ada@shelf.example at 192.168.7.9 in ${homedir()}/x`),
      'test',
    );
    const { path } = await call('app.diagnostics', {});
    const text = readFileSync(path, 'utf8');
    expect(text).toContain('<long>');
    for (const private_ of ['A1b2A1b2', 'ada@', '192.168.7.9', `${homedir()}/`, home])
      expect(text).not.toContain(private_);
    expect(redact(`on ${hostname()} as fe80::1:2:3`, [hostname()])).toBe('on <private> as <address>');
    expect(redact('-----BEGIN OPENSSH PRIVATE KEY-----\nabc')).toBe('<key>');
  });
});
