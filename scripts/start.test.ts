import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WINDOW_MARK } from '../electron/window-mark.ts';
import { electronProgram } from './electron-program.ts';
import { causeOf, openWindow } from './open-window.ts';
import { obstacle } from './start.ts';
import { ROOT } from './source-tree.ts';

// The first start on a fresh tree builds the app.
vi.setConfig({ testTimeout: 120_000 });

test('a system without a display gets the window in a browser, and says why', () => {
  expect(obstacle({}, 'linux')).toBe('there is no display');
  expect(obstacle({ DISPLAY: ':0' }, 'linux')).toBeUndefined();
  expect(obstacle({ WAYLAND_DISPLAY: 'wayland-0' }, 'linux')).toBeUndefined();
  expect(obstacle({}, 'darwin')).toBeUndefined();
  expect(obstacle({ DISPLAY: ':0', CADUCEUS_BROWSER: '1' }, 'linux')).toBe('CADUCEUS_BROWSER asks for the browser');
});

test('root gets the window in a browser before anything is fetched, unless Electron is told to run for it', () => {
  const display = { DISPLAY: ':0' };
  expect(obstacle(display, 'linux', { user: 0 })).toBe('Electron does not run as root');
  expect(obstacle(display, 'linux', { user: 1000 })).toBeUndefined();
  expect(obstacle(display, 'darwin', { user: 0 })).toBeUndefined();
  expect(obstacle(display, 'linux', { user: 0, args: ['--no-sandbox'] })).toBeUndefined();
  expect(obstacle({ ...display, ELECTRON_OVERRIDE_DIST_PATH: '/opt/e' }, 'linux', { user: 0 })).toBeUndefined();
  expect(obstacle({}, 'linux', { user: 0 })).toBe('there is no display');
});

test.skipIf(process.getuid?.() !== 0 || process.platform !== 'linux')(
  'npm start as root says it in one line and fetches nothing (needs root, Linux)',
  async () => {
    const home = mkdtempSync(join(tmpdir(), 'caduceus-root-start-'));
    const { ELECTRON_OVERRIDE_DIST_PATH: _, ...environment } = process.env;
    const child = spawn(process.execPath, [join(ROOT, 'scripts', 'start.ts'), '--self-test'], {
      env: { ...environment, DISPLAY: ':7', CADUCEUS_BROWSER: '', CADUCEUS_HOME: home },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    const code = await new Promise((resolve) => child.once('close', resolve));
    rmSync(home, { recursive: true, force: true });
    expect({ code, said }).toEqual({
      code: 1,
      said: 'caduceus: no desktop window, because Electron does not run as root\n',
    });
  },
);

test.each<[string, { code: number | null; signal: string | null }, string]>([
  [
    '[4242:1128/101010.123:FATAL:setuid_sandbox_host.cc(163)] The SUID sandbox helper binary was found, but is not ' +
      'configured correctly. Rather than run without sandboxing I’m aborting now.\n',
    { code: null, signal: 'SIGTRAP' },
    'this system does not let Electron start its sandbox (see “When no window opens” in README.md)',
  ],
  [
    '[1:1128/1.2:ERROR:zygote_host_impl_linux.cc(101)] Running as root without --no-sandbox is not supported.\n',
    { code: 1, signal: null },
    'Electron does not run as root',
  ],
  [
    '[1:1128/1.2:ERROR:ozone_platform_x11.cc(250)] Missing X server or $DISPLAY\n' +
      '[1:1128/1.2:ERROR:env.cc(257)] The platform failed to initialize.  Exiting.\n',
    { code: 1, signal: null },
    'the display :7 does not answer',
  ],
  [
    'electron: error while loading shared libraries: libgtk-3.so.0: cannot open shared object file\n',
    { code: 127, signal: null },
    'this system lacks libgtk-3.so.0, which Electron needs',
  ],
  [
    '[1:2/3:ERROR:gpu.cc(1)] GPU process isn’t usable. Goodbye.\n\n',
    { code: 5, signal: null },
    'Electron ended with exit code 5: GPU process isn’t usable. Goodbye.',
  ],
  ['', { code: null, signal: 'SIGSEGV' }, 'Electron ended by SIGSEGV'],
])('why no window came up is one line: %j', (said, ending, cause) => {
  expect(causeOf(said, ending, { DISPLAY: ':7' })).toBe(cause);
});

// A shell script stands for Electron's program, which is another one on every system; Windows starts no scripts.
describe.skipIf(process.platform === 'win32')('npm start with an Electron (a script; not on Windows)', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'caduceus-start-test-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function electronThat(does: string): string {
    const program = join(folder, process.platform === 'darwin' ? 'Electron.app/Contents/MacOS/Electron' : 'electron');
    mkdirSync(dirname(program), { recursive: true });
    writeFileSync(program, `#!/bin/sh\n${does}\n`);
    chmodSync(program, 0o755);
    return program;
  }

  test('that dies before its window is up serves the browser, and says why in one line', async () => {
    electronThat(
      'echo "[1:2/3:FATAL:x.cc(1)] No usable sandbox! If you are running on Ubuntu 23.10+" >&2; kill -TRAP $$',
    );
    const child = spawn(process.execPath, [join(ROOT, 'scripts', 'start.ts'), '--no-open', '--json'], {
      env: { ...process.env, DISPLAY: ':7', ELECTRON_OVERRIDE_DIST_PATH: folder, CADUCEUS_HOME: join(folder, 'home') },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    const ended = new Promise((resolve) => child.once('close', resolve));
    try {
      const answer = await new Promise<string>((resolve, reject) => {
        child.stdout.setEncoding('utf8').once('data', resolve);
        child.once('close', () => reject(new Error(`ended early: ${said}`)));
      });
      const { address } = JSON.parse(answer) as { address: string };
      expect((await fetch(address)).status).toBe(200);
      expect(said.trim().split('\n')).toEqual([
        'caduceus: no desktop window, because this system does not let Electron start its sandbox (see “When no ' +
          'window opens” in README.md); serving it to your browser instead',
      ]);
    } finally {
      child.kill('SIGTERM');
      await ended;
    }
  });

  test('whose window was there and that fails later ends as it did', async () => {
    const program = electronThat(`echo '${WINDOW_MARK}'; exit 3`);
    expect(await openWindow(program, [], process.env)).toEqual({ code: 3 });
  });

  test('that leaves the window to another instance is no failure', async () => {
    expect(await openWindow(electronThat('exit 0'), [], process.env)).toEqual({ code: 0 });
  });

  test('that was built for another machine is no window', async () => {
    const program = join(folder, 'electron');
    writeFileSync(program, Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 0, 0]), { mode: 0o755 });
    expect((await openWindow(program, [], process.env)).why).toBeDefined();
  });

  test('is told to be a window, whatever terminal it was started from', async () => {
    const program = electronThat(
      `[ -z "$ELECTRON_RUN_AS_NODE" ] && [ "$CADUCEUS_WINDOW_MARK" = 1 ] && echo '${WINDOW_MARK}'; exit 4`,
    );
    expect(await openWindow(program, [], { ...process.env, ELECTRON_RUN_AS_NODE: '1' })).toEqual({ code: 4 });
  });

  test('of the user’s own is taken, and nothing is fetched in its place', async () => {
    const program = electronThat('exit 0');
    const environment = { ...process.env, ELECTRON_OVERRIDE_DIST_PATH: folder };
    expect(await electronProgram(environment, process.platform)).toEqual({ program });
    rmSync(program);
    expect(await electronProgram(environment, process.platform)).toEqual({
      why: `ELECTRON_OVERRIDE_DIST_PATH names a folder without ${program}`,
    });
  });
});
