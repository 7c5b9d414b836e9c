import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planDeployment, planReturn } from './plan.ts';
import type { Ground } from './probe.ts';

let directory: string;
let agent: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'caduceus-plan-'));
  agent = join(directory, 'agent.cjs');
  writeFileSync(agent, 'an agent');
});
afterAll(() => rmSync(directory, { recursive: true }));

function ground(more: Partial<Ground> = {}): Ground {
  return {
    facts: { architecture: 'x86_64', system: 'Linux 6.1', instructions: [] },
    glibc: [2, 36],
    hasMusl: false,
    place: { directory: '/home/pi/.caduceus', freeBytes: 1e9 },
    tried: [],
    missing: [],
    installed: { versions: new Set(), files: new Map(), checked: new Map() },
    bytesPerSecond: 1e6,
    ...more,
  };
}

describe('the plan of a deployment', () => {
  it('sends everything the first time, compressed on a slow line only', async () => {
    const slow = await planDeployment(agent, ground());
    expect(slow.missing.map(({ name }) => name)).toEqual(['agent.cjs', 'supervise', 'node']);
    expect(slow.compressed).toBe(true);
    expect(slow.detail).toMatch(/^Node 24\.21\.0 and the agent, 126\.6 MB before compression, to \/home\/pi/);
    expect((await planDeployment(agent, ground({ bytesPerSecond: 1e9 }))).compressed).toBe(false);
    expect((await planDeployment(agent, ground({ missing: ['gzip'] }))).compressed).toBe(false);
  });

  it('sends nothing when the version is there, and only the agent when Node is', async () => {
    const first = await planDeployment(agent, ground());
    const installed: Ground['installed'] = {
      current: first.version.id,
      versions: new Set([first.version.id]),
      files: new Map(first.version.files.map(({ sha256, name }) => [sha256, `${first.version.id}/${name}`])),
      checked: new Map([[first.version.id, 'engine=wasm']]),
    };
    const again = await planDeployment(agent, ground({ installed }));
    expect(again).toMatchObject({ missing: [], isInstalled: true, isUnchanged: true });
    writeFileSync(agent, 'a newer agent');
    const newer = await planDeployment(agent, ground({ installed }));
    expect(newer.version.id).not.toBe(first.version.id);
    expect(newer.missing.map(({ name }) => name)).toEqual(['agent.cjs']);
    expect(newer.reused.map(([, name]) => name)).toEqual(['supervise', 'node']);
    expect(newer.isUnchanged).toBe(false);
  });

  it('goes back to a version only where the device has kept one', () => {
    const [now, before] = ['a'.repeat(64), 'b'.repeat(64)];
    const installed = {
      current: now,
      previous: before,
      versions: new Set([now]),
      files: new Map(),
      checked: new Map(),
    };
    expect(() => planReturn(ground({ installed }))).toThrow(/no version before the current one/);
    installed.versions.add(before);
    expect(planReturn(ground({ installed }))).toMatchObject({
      version: { id: before },
      isInstalled: true,
      missing: [],
    });
    expect(() => planReturn(ground({ installed: { ...installed, previous: now } }))).toThrow(/no version before/);
  });

  it('refuses a full disk with what is needed and what is free', async () => {
    const place = { directory: '/home/pi/.caduceus', freeBytes: 2e6 };
    await expect(planDeployment(agent, ground({ place, bytesPerSecond: 1e9 }))).rejects.toMatchObject({
      code: 'CAD-DEVICE-DISK',
      message: 'the device needs 135.0 MB in /home/pi/.caduceus and has 2.0 MB free',
    });
  });

  it('says why no place was good enough', async () => {
    const { place: _, ...homeless } = ground({ tried: [{ directory: '/data', why: 'noexec' }] });
    await expect(planDeployment(agent, homeless)).rejects.toMatchObject({ code: 'CAD-DEVICE-NOEXEC' });
    homeless.tried.push({ directory: '/tmp/x', why: 'unwritable' });
    await expect(planDeployment(agent, homeless)).rejects.toMatchObject({
      code: 'CAD-DEVICE-DISK',
      message: expect.stringContaining('/data: programs may not run there; /tmp/x: it cannot be written') as string,
    });
  });

  it('needs tar on the device', async () => {
    await expect(planDeployment(agent, ground({ missing: ['tar'] }))).rejects.toMatchObject({
      code: 'CAD-DEVICE-SYSTEM',
    });
  });
});
