import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConnectionLease } from './connector.ts';
import { deviceAt, ScriptedUser, TestConnector } from './connector.fixture.ts';
import { type Sshd, type SshdUser, startSshd, whyNoSshd } from './sshd.fixture.ts';

const SHELLS: Readonly<Record<string, string>> = {
  sh: '/bin/sh',
  bash: '/bin/bash',
  dash: '/bin/dash',
  zsh: '/usr/bin/zsh',
  fish: '/usr/bin/fish',
  tcsh: '/usr/bin/tcsh',
  // Where a login shell may be named so: see `prepare` below.
  busybox: '/usr/local/lib/cad-busybox/sh',
};
const present = Object.entries(SHELLS).filter(([name, path]) =>
  existsSync(name === 'busybox' ? '/usr/bin/busybox' : path),
);
const absent = Object.keys(SHELLS).filter((name) => !present.some(([other]) => other === name));

/** 10 MB on standard output, colours and control characters on standard error, a terminal that is none. */
const NOISY_SH = `i=0; while [ $i -lt 200 ]; do head -c 52429 /dev/zero | tr '\\0' 'm'; echo; i=$((i+1)); done
printf '\\033[31mwelcome\\033[0m\\r\\n' >&2
stty rows 40
`;
const NOISY_CSH = `head -c 10485800 /dev/zero | tr '\\0' 'm'
echo 'welcome' > /dev/stderr
stty rows 40
`;
const NOISY_FISH = `head -c 10485800 /dev/zero | tr '\\0' 'm'
echo welcome >&2
stty rows 40
`;
const NOISY_FILES = {
  '.bashrc': NOISY_SH,
  '.zshenv': NOISY_SH,
  '.tcshrc': NOISY_CSH,
  '.config/fish/config.fish': NOISY_FISH,
};

const missing = whyNoSshd();

describe.skipIf(missing !== undefined)(`programs under every login shell${missing ? `: ${missing}` : ''}`, () => {
  let sshd: Sshd;
  const connector = TestConnector.make();
  const user = ScriptedUser.refusing();

  beforeAll(async () => {
    const users: SshdUser[] = present.flatMap(([name, shell]) => [
      { name: `s-${name}`, shell },
      { name: `n-${name}`, shell, files: NOISY_FILES },
    ]);
    sshd = await startSshd({
      users: [
        ...users,
        { name: 'nologin', shell: '/usr/sbin/nologin' },
        { name: 'false', shell: '/bin/false' },
        { name: 'rbash', shell: '/bin/rbash' },
        { name: 'lost', shell: '/bin/bash', files: { '.bashrc': 'exec cat\n' } },
        { name: 'exits', shell: '/bin/bash', files: { '.bashrc': 'echo "This host is for games only" >&2; exit 3\n' } },
      ],
      config: ['SetEnv LANG=tr_TR.UTF-8 LC_CTYPE=tr_TR.UTF-8'],
      prepare: [
        'mount -t tmpfs none /usr/local/lib',
        'mkdir /usr/local/lib/cad-busybox',
        'ln -s /usr/bin/busybox /usr/local/lib/cad-busybox/sh',
      ],
    });
  });
  afterAll(async () => {
    await connector.close();
    await sshd?.stop();
  });

  const connectAs = (name: string): Promise<ConnectionLease> =>
    connector.connect(deviceAt(sshd.port, name, { keyFile: sshd.keyFile }), { dialogue: user, acceptNew: true });

  it.skipIf(absent.length > 0)(
    `covers all seven${absent.length > 0 ? `: ${absent.join(', ')} not installed` : ''}`,
    () => {
      expect(present).toHaveLength(7);
    },
  );

  it.each(present.map(([name]) => name))('%s: arguments arrive byte for byte', async (name) => {
    const { remote } = await connectAs(`s-${name}`);
    const bytes = fc.uint8Array({ min: 1, max: 255, maxLength: 40 });
    const spiteful = fc.constantFrom(
      `'`,
      `"`,
      '\\',
      '\\\\',
      '!',
      '!!',
      '\n',
      '\n\n',
      '$(id)',
      '`id`',
      '*',
      '~',
      '-n',
      '%s',
      '\r\n',
      '',
    );
    const argument = fc.oneof(
      bytes,
      spiteful.map((text) => Buffer.from(text)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(argument, { minLength: 1, maxLength: 12 }), async (args) => {
        const { stdout, code } = await remote.run('for a do printf "%s\\000" "$a"; done', {
          ...{ what: 'print', args, timeoutMs: 20_000 },
        });
        expect(code).toBe(0);
        expect(stdout).toEqual(Buffer.concat(args.flatMap((each) => [Buffer.from(each), Buffer.from([0])])));
      }),
      { numRuns: 40 },
    );
  });

  it.each(present.map(([name]) => name))(
    '%s: 10 MB of noise, colours and a Turkish locale change nothing',
    async (name) => {
      const { remote } = await connectAs(`n-${name}`);
      const result = await remote.run(
        'printf "%s" "$LC_ALL"; echo I | tr "[:upper:]" "[:lower:]"; cat; echo to-stderr >&2',
        {
          ...{ what: 'ask', stdin: Buffer.from([0, 255, 10, 0]), timeoutMs: 30_000 },
        },
      );
      expect(result.stdout.toString('latin1')).toBe('Ci\n\0\u00ff\n\0');
      expect(result.stderr).toBe('to-stderr\n');
    },
  );

  it.each(['nologin', 'false', 'rbash', 'exits'])(
    '%s: says that the shell runs no commands, and what to do',
    async (name) => {
      const { remote } = await connectAs(name);
      const failure = remote.run('true', { what: 'try', timeoutMs: 20_000 });
      await expect(failure).rejects.toMatchObject({
        code: 'CAD-DEVICE-SHELL',
        remedy: expect.stringContaining('chsh') as string,
      });
      if (name === 'exits') await expect(failure).rejects.toThrow('This host is for games only');
    },
  );

  it('sends nothing to a program that a start-up file put in the place of the shell', async () => {
    const { remote } = await connectAs('lost');
    const run = remote.run('true', { what: 'try', stdin: 'canary', timeoutMs: 3000 });
    // That program prints what it is given; had it been given anything, the message would have it.
    await expect(run).rejects.toMatchObject({
      code: 'CAD-DEVICE-SHELL',
      message: expect.stringMatching(/takes its place or waits$/) as string,
    });
  });
});
