import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ANSWERS, tailscaleThatSays } from './tailscale-cli.fixture.ts';
import { devicesOfTailnet } from './tailnet-devices.ts';
import { TailnetWitness } from './tailnet-witness.ts';
import { readTailnet, tailscalePrograms } from './tailscale.ts';

const NOW = new Date('2026-01-05T00:00:00Z');

describe('the tailnet', () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'cad-tailnet-'));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  const read = (answer: keyof typeof ANSWERS) => readTailnet([tailscaleThatSays(answer, directory)]);

  it('is read from an old version as from a new one', async () => {
    const { name, peers } = await read('1.30');
    expect(name).toBe('shelf.ts.net');
    expect(peers).toMatchObject([
      { nodeId: 'n1', name: 'pi-4', online: true, path: 'direct', tags: [], sshHostKeys: [] },
    ]);
  });

  it('tells system, path, tags and what stands against a device; sharees are hidden, odd fields ignored', async () => {
    const { devices } = devicesOfTailnet(await read('1.80'), ({ nodeId }) => (nodeId === 'n2' ? 'd-1' : null), NOW);
    const brief = devices.map(({ input, known, online, system, path, note }) => [
      input.name,
      input.address,
      input.nodeId,
      known,
      online,
      system,
      path?.kind,
      note,
    ]);
    expect(brief).toEqual([
      ['pi-4', '100.101.102.103', 'n1', null, true, 'linux', 'direct', 'its tailnet key expires on 2026-01-10'],
      ['nano', '100.101.102.104', 'n2', 'd-1', true, 'linux', 'relay', undefined],
      [
        'old',
        '100.101.102.106',
        'n5',
        null,
        true,
        'linux',
        'direct',
        'its tailnet key has expired: log in on it again',
      ],
      ['phone', '100.101.102.105', 'n3', null, false, 'android', undefined, 'it runs android; agents run on Linux'],
      ['100.101.102.107', '100.101.102.107', 'n6', null, null, undefined, undefined, undefined],
    ]);
    expect(devices[0]?.input.tags).toEqual(['worker']);
  });

  it.each([
    ['stopped', /stopped/, /tailscale up/],
    ['logged-out', /not logged in/, /https:\/\/login\.tailscale\.com\/a\/xyz/],
    ['unapproved', /approved/, /admin console/],
    ['starting', /Starting/, /Wait/],
    ['disconnected', /not connected/, /network/],
    ['no-state', /not understood/, /address/],
    ['not-json', /not understood/, /address/],
    ['no-gui', /GUI failed to start: no session$/, /session/],
  ] as const)('%s is an error with a way out', async (answer, message, remedy) => {
    await expect(read(answer)).rejects.toMatchObject({
      ...{
        code: 'CAD-TAILNET',
        message: expect.stringMatching(message) as string,
        remedy: expect.stringMatching(remedy) as string,
      },
    });
  });

  it('is looked for in every usual place, and its absence is told', async () => {
    const program = tailscaleThatSays('1.80', directory);
    await expect(readTailnet([join(directory, 'absent'), program])).resolves.toMatchObject({ name: 'shelf.ts.net' });
    await expect(readTailnet([join(directory, 'absent')])).rejects.toMatchObject({
      code: 'CAD-TAILNET',
      remedy: expect.stringContaining('CADUCEUS_TAILSCALE') as string,
    });
    expect(tailscalePrograms({}, 'darwin').some((path) => path.includes('Tailscale.localized'))).toBe(true);
    expect(tailscalePrograms({ CADUCEUS_TAILSCALE: '/x' }, 'linux')).toEqual(['/x']);
  });

  it('vouches for host keys of its nodes, by address or name, and is not asked about others', async () => {
    let reads = 0;
    const witness = new TailnetWitness(() => (reads++, read('1.80')));
    expect(await witness.keysOf('192.168.1.7')).toEqual([]);
    expect(reads).toBe(0);
    expect(await witness.keysOf('100.101.102.103')).toHaveLength(1);
    expect(await witness.keysOf('PI-4.shelf.ts.net')).toHaveLength(1);
    expect(await witness.keysOf('100.101.102.99')).toEqual([]);
    expect(reads).toBe(1);
    expect(await new TailnetWitness(() => read('stopped')).keysOf('100.101.102.103')).toEqual([]);
  });
});
