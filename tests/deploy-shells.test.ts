/** Devices whose login shell is any, and whose start-up files print what they like. */
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { whyNoSshd } from '../main/provision/ssh/sshd.fixture.ts';
import { deployTo, startDevice, stateOf } from './ssh-device.ts';

const missing = whyNoSshd();

/** Ten megabytes, colours, carriage returns, bytes of no character set, and a terminal command without a terminal. */
const NOISE = `head -c 10000000 /dev/zero | tr '\\0' 'x'; printf '\\033[31mWelcome\\r\\n\\377\\376'; stty -echo`;
const SHELLS: Readonly<Record<string, Record<string, string>>> = {
  '/bin/sh': {},
  '/bin/bash': { '.bashrc': `${NOISE}\n` },
  '/usr/bin/zsh': { '.zshenv': `${NOISE}\n` },
  '/usr/bin/fish': { '.config/fish/config.fish': `sh -c ${JSON.stringify(NOISE.replaceAll('\\', '\\\\'))}\n` },
  '/bin/tcsh': { '.tcshrc': `printf '\\033[31mWelcome\\r\\n'; stty -echo\n` },
};
const TURKISH = ['SetEnv LANG=tr_TR.ISO-8859-9 LC_ALL=tr_TR.ISO-8859-9'];

describe.skipIf(missing !== undefined)(
  `login shells and their noise${missing ? ` (skipped: ${missing})` : ''}`,
  // One waits for seconds while the others work.
  { concurrent: true },
  () => {
    for (const [shell, files] of Object.entries(SHELLS)) {
      const absent = existsSync(shell) ? '' : ' (skipped: not on this machine)';
      it.skipIf(absent !== '')(`${shell} is looked at like any other${absent}`, async () => {
        const device = await startDevice({ users: [{ name: 'worker', shell, files }], config: TURKISH });
        try {
          const result = await deployTo(device, { probeOnly: true });
          expect(result.error).toBeUndefined();
          expect(result.facts).toMatchObject({ loginShell: shell });
          expect(result.facts?.cores).toBeGreaterThan(0);
          expect(result.facts?.freeDiskBytes).toBeGreaterThan(0);
          expect(stateOf(result, 'probe')).toBe('done');
          expect(stateOf(result, 'plan')).toBe('waiting');
        } finally {
          await device.stop();
        }
      });
    }

    it('a shell whose start-up file puts another in its place is told so, with what to look for, before the step is over', async () => {
      const device = await startDevice({
        users: [{ name: 'worker', shell: '/bin/bash', files: { '.bashrc': 'exec cat' } }],
      });
      try {
        const { error, steps } = await deployTo(device, { probeOnly: true });
        expect(error).toMatchObject({ code: 'CAD-DEVICE-SHELL' });
        expect(error?.message).toMatch(/within 10 s: something in its start-up files takes its place/);
        expect(error?.remedy).toMatch(/exec.*~\/\.bashrc/);
        expect(steps.find(({ step }) => step === 'probe')).toMatchObject({ state: 'failed' });
      } finally {
        await device.stop();
      }
    });

    it('an account that runs no commands is told so', async () => {
      const device = await startDevice({ users: [{ name: 'worker', shell: '/usr/sbin/nologin' }] });
      try {
        expect((await deployTo(device, { probeOnly: true })).error).toMatchObject({ code: 'CAD-DEVICE-SHELL' });
      } finally {
        await device.stop();
      }
    });
  },
);
