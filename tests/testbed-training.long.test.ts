/** What the bed tells its user to type, typed: unequal devices, deployed to, trained on, taken away without a trace. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import type { DeviceView } from '../main/core/device.ts';
import type { RunResult } from '../main/core/metrics.ts';
import { openTestbed, whyNoTestbed } from '../scripts/testbed/testbed.ts';
import { type Ended, Program, ROOT, temporary } from './cli-program.ts';
import { RUNTIME_CACHE } from './ssh-device.ts';
import { processesOf, remainsOf } from './testbed-remains.ts';

const reason = whyNoTestbed();
const DEVICES = 6;
const run = promisify(execFile);

interface Deployed {
  devices: { name: string; ok: boolean; uploadedBytes: number; path: DeviceView['path'] }[];
}

describe.skipIf(reason !== undefined)(
  `a bed of unequal devices${reason ? ` (skipped: ${reason.message})` : ''}`,
  { timeout: 900_000 },
  () => {
    const state = join(mkdtempSync(join(tmpdir(), 'caduceus-bed-line-')), 'bed');
    const home = temporary();

    afterAll(async () => {
      if (existsSync(state)) await bed('down');
      rmSync(dirname(state), { recursive: true, force: true });
    });

    /** The bed's own command, and what it prints for people. */
    async function bed(...args: string[]): Promise<string> {
      const { stderr } = await run(process.execPath, [join(ROOT, 'scripts', 'testbed.ts'), ...args, '--state', state]);
      return stderr;
    }

    function caduceus(...args: string[]): Promise<Ended> {
      return new Program(args, { home, env: { XDG_CACHE_HOME: dirname(RUNTIME_CACHE) } }).ended;
    }

    async function documentOf<T>(...args: string[]): Promise<T> {
      const { code, stdout, stderr } = await caduceus(...args, '--json');
      expect(code, stderr).toBe(0);
      return JSON.parse(stdout) as T;
    }

    it('trains Hermes on six of them, one command each, and leaves nothing', async () => {
      const words = await bed('up', '--devices', String(DEVICES), '--preset', 'hermes-6');
      const built = openTestbed(state);
      const [{ slot }, uids] = [built.state, built.state.plan.devices.map(({ uid }) => uid)];
      const typed = [...words.matchAll(/^ {2}npm run -s caduceus -- (.*)$/gm)].map(([, line = '']) => line.split(' '));
      expect(typed.map(([verb]) => verb)).toEqual(['devices', 'deploy', 'train']);
      const [list = [], deploy = [], train = []] = typed;

      expect((await documentOf<{ devices: unknown[] }>(...list)).devices).toHaveLength(DEVICES);
      const { devices } = await documentOf<Deployed>(...deploy);
      expect(devices.map(({ ok, path }) => [ok, path?.kind])).toEqual(devices.map(() => [true, 'direct']));
      const again = await documentOf<Deployed>(...deploy);
      expect(again.devices.map(({ uploadedBytes }) => uploadedBytes)).toEqual(devices.map(() => 0));

      const result = await documentOf<RunResult>(...train, '--max-seconds', '120');
      expect(result.policy).toBe('hermes');
      expect(result.workers.map(({ name }) => name).sort()).toEqual(devices.map(({ name }) => name).sort());
      for (const { name, iterations } of result.workers) expect(iterations, name).toBeGreaterThan(0);
      expect(result.loss).toBeLessThan(Math.log(10));
      const shares = built.state.plan.devices.map(({ cpuShare }) => cpuShare);
      expect(Math.max(...shares) / Math.min(...shares)).toBeGreaterThan(5);

      await bed('down');
      expect({ ...remainsOf(slot, state), users: '' }).toEqual({
        ...{ processes: [], namespaces: [], links: [], groups: [], mounts: [], files: [], users: '' },
      });
      expect(existsSync(state)).toBe(false);
      expect(processesOf(uids)).toEqual([]);
    });
  },
);
