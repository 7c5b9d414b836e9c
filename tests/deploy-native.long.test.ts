/** The native engine, where a device can install it: asked for, looked at, and never what a deployment fails by. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { uninstall } from '../main/provision/deployment/remote-agent.ts';
import { NOBODY } from '../main/provision/ssh/dialogue.ts';
import { whyNoSshd } from '../main/provision/ssh/sshd.fixture.ts';
import { deployTo, filesIn, remainingProcesses, type SshDevice, startDevice } from './ssh-device.ts';

const missing = whyNoSshd();
const WITHOUT_NPM = 'mount -t tmpfs none /usr/local/bin && mount --bind /dev/null /usr/bin/npm';
/** Puts a package where npm would; its program ends the process that loads it, as a library for another processor does. */
const NPM_THAT_BRINGS_A_WRONG_LIBRARY = `
while [ $# -gt 0 ]; do [ "$1" = --prefix ] && place=$2; shift; done
package=$place/node_modules/@tensorflow/tfjs-node
mkdir -p "$package" && echo "process.kill(process.pid, 'SIGILL')" >"$package/index.js"`;
const NPM_WITHOUT_A_NETWORK = `
mkdir -p "$npm_config_cache/_logs"
echo 'npm ERR! code ENOTFOUND' >&2
echo 'npm ERR! network request to https://registry.example/ failed, reason: getaddrinfo ENOTFOUND registry.example' >&2
exit 1`;

describe.skipIf(missing !== undefined)(
  `the native engine${missing ? ` (skipped: ${missing})` : ''}`,
  { timeout: 300_000 },
  () => {
    let device: SshDevice;
    afterEach(() => device.stop());

    async function withNpm(program: string | undefined): Promise<void> {
      const files = program === undefined ? {} : { 'shims/npm': `#!/bin/sh${program}\n` };
      device = await startDevice({
        users: [{ name: 'worker', files }],
        prepare:
          program === undefined
            ? [WITHOUT_NPM]
            : ['chmod -R a+rx "$HOMES/worker/shims"', 'mount --bind "$HOMES/worker/shims" /usr/local/bin'],
        config: ['SetEnv PATH=/usr/local/bin:/usr/bin:/bin'],
      });
    }

    const place = (): string => join(device.home, '.caduceus');

    async function takeAway(): Promise<void> {
      const lease = await device.connector.connect(device.settings, { dialogue: NOBODY });
      expect(await uninstall(lease.remote, place())).toBe(0);
      await lease.release();
      expect(filesIn(device.home).filter((path) => !path.startsWith('shims'))).toEqual([]);
      expect(await remainingProcesses(device)).toEqual([]);
    }

    it('is not to be had without npm, which is said; the device trains all the same', async () => {
      await withNpm(undefined);
      const result = await deployTo(device, { native: true });
      expect(result.error).toBeUndefined();
      expect(result.facts?.hasNpm).toBeUndefined();
      expect(result.native).toEqual({ isInstalled: false, reason: 'the device has no npm to install it with' });
      expect(result.installation?.engine).toBe('wasm');
    });

    it('that cannot be fetched leaves nothing, and the reason is npm’s', async () => {
      await withNpm(NPM_WITHOUT_A_NETWORK);
      const result = await deployTo(device, { native: true });
      expect(result.error).toBeUndefined();
      expect(result.facts?.hasNpm).toBe(true);
      expect(result.native?.reason).toMatch(
        /its npm could not install it: npm ERR! code ENOTFOUND .*registry\.example/,
      );
      expect(result.installation?.engine).toBe('wasm');
      expect(filesIn(place()).filter((path) => /native|node_modules/.test(path))).toEqual([]);
      await takeAway();
    });

    it('that does not run on this processor is tried, told, and passed over', async () => {
      await withNpm(NPM_THAT_BRINGS_A_WRONG_LIBRARY);
      const result = await deployTo(device, { native: true });
      expect(result.error).toBeUndefined();
      expect(result.native).toEqual({ isInstalled: true });
      expect(existsSync(join(place(), 'node_modules', '@tensorflow', 'tfjs-node'))).toBe(true);
      expect(result.installation?.engine).toBe('wasm');
      const log = result.steps.flatMap(({ log: lines }) => lines).join('\n');
      expect(log).toMatch(/tfjs-node crashed: killed by SIGILL/);
      await takeAway();
    });
  },
);
