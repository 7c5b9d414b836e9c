/**
 * Supervision by a systemd of the user. No systemd runs in a test, so a stand-in for `systemctl` and `loginctl` does
 * the little that is asked of them: it starts a unit's command and ends it.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { uninstall } from '../main/provision/deployment/remote-agent.ts';
import { SshLauncher } from '../main/provision/ssh-launcher.ts';
import { NOBODY } from '../main/provision/ssh/dialogue.ts';
import { whyNoSshd } from '../main/provision/ssh/sshd.fixture.ts';
import { type Deployed, deployTo, filesIn, remainingProcesses, type SshDevice, startDevice } from './ssh-device.ts';

const missing = whyNoSshd();

const SYSTEMCTL = `#!/bin/sh
[ "$1" = --user ] || exit 1
shift
echo "$*" >>"$HOME/shims/calls"
units=$HOME/.config/systemd/user
case $1 in
enable)
  command=$(sed -n 's/^ExecStart=//p' "$units/$3")
  setsid sh -c "exec $command" </dev/null >/dev/null 2>&1 &
  echo $! >"$HOME/shims/main-pid"
  ;;
stop) kill -TERM -- "-$(cat "$HOME/shims/main-pid")" 2>/dev/null ;;
esac
exit 0
`;

describe.skipIf(missing !== undefined)(
  `an agent as a unit of systemd${missing ? ` (skipped: ${missing})` : ''}`,
  () => {
    let device: SshDevice;
    let deployed: Deployed;

    beforeAll(async () => {
      device = await startDevice({
        users: [
          {
            name: 'worker',
            files: { 'shims/systemctl': SYSTEMCTL, 'shims/loginctl': '#!/bin/sh\n[ "$1" = show-user ] && echo yes\n' },
          },
        ],
        prepare: ['chmod -R a+rx "$HOMES/worker/shims"', 'mount --bind "$HOMES/worker/shims" /usr/local/bin'],
        config: ['SetEnv PATH=/usr/local/bin:/usr/bin:/bin'],
      });
      deployed = await deployTo(device);
    }, 120_000);
    afterAll(() => device?.stop());

    function units(): string[] {
      const directory = join(device.home, '.config', 'systemd', 'user');
      return existsSync(directory) ? readdirSync(directory) : [];
    }

    it('is started by it and taken away again, and nothing of it stays', async () => {
      const { installation, path } = deployed;
      if (!installation || !path) throw new Error(deployed.error?.message ?? 'not deployed');
      const caps = { memoryMiB: 512 };
      const launcher = new SshLauncher({
        ...{ device: { ...device.settings, caps }, installation, path, connector: device.connector, owner: 'me' },
      });
      const ticket = { url: 'ws://127.0.0.1:9/', run: 'r-1', worker: 'device', token: 'secret' };
      const agent = await launcher.launch({ ticket });
      expect(agent.lastLines().join()).toMatch(/supervised by systemd/);
      const [unit = ''] = units();
      expect(unit).toMatch(/^caduceus-r-1-[0-9a-f]{12}\.service$/);
      const text = readFileSync(join(device.home, '.config', 'systemd', 'user', unit), 'utf8');
      expect(text).toMatch(/^ExecStart=\/bin\/sh \S+\/supervise \S+ [0-9a-f]{64} r-1-[0-9a-f]{12} 5 512$/m);
      expect(text).toMatch(/^MemoryMax=512M$/m);
      expect(text).not.toContain('secret');
      await agent.stop();
      expect(units()).toEqual([]);
      expect(readFileSync(join(device.home, 'shims', 'calls'), 'utf8')).toContain(`enable --now ${unit}\n`);
      expect(await remainingProcesses(device)).toEqual([]);
      const lease = await device.connector.connect(device.settings, { dialogue: NOBODY });
      expect(await uninstall(lease.remote, installation.directory)).toBe(0);
      await lease.release();
      expect(filesIn(device.home).filter((file) => /caduceus/.test(file))).toEqual([]);
    }, 90_000);
  },
);
