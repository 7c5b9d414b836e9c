/**
 * `npm start`: opens the desktop app; where that cannot be, says why in one line and serves the same
 * window to a browser.
 */
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { ensureApp } from './build-app.ts';
import { electronProgram } from './electron-program.ts';
import { NOT_AS_ROOT, openWindow } from './open-window.ts';

const ROOT = dirname(import.meta.dirname);

/**
 * Why there can be no window here; undefined when there can. What is known beforehand is said before anything is
 * fetched or built.
 *
 * @param user The user's number; absent where there is none.
 */
export function obstacle(
  environment: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
  { user, args = [] }: { user?: number | undefined; args?: readonly string[] } = {},
): string | undefined {
  if (environment['CADUCEUS_BROWSER'] === '1') return 'CADUCEUS_BROWSER asks for the browser';
  const needsDisplay = platform === 'linux' || platform === 'freebsd';
  if (needsDisplay && !environment['DISPLAY'] && !environment['WAYLAND_DISPLAY']) return 'there is no display';
  // An Electron of the user's own may be a script that knows what to do about it.
  const isOwn = Boolean(environment['ELECTRON_OVERRIDE_DIST_PATH']);
  if (platform === 'linux' && user === 0 && !isOwn && !args.includes('--no-sandbox')) return NOT_AS_ROOT;
  return undefined;
}

/** The shell's exit code, or why there is no window. */
async function desktop(args: readonly string[]): Promise<number | string> {
  const why = obstacle(process.env, process.platform, { user: process.getuid?.(), args });
  if (why !== undefined) return why;
  const electron = await electronProgram(process.env, process.platform);
  if ('why' in electron) return electron.why;
  await ensureApp();
  // The folder, not the file in it: that is how Electron learns the app's name, and with it where its data lies.
  const ending = await openWindow(electron.program, [ROOT, ...args], process.env);
  return ending.why ?? ending.code;
}

/** The browser host, to its end. Signals reach it through the terminal's group. */
function serve(args: readonly string[]): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(ROOT, 'scripts', 'caduceus.ts'), 'serve', ...args], {
      cwd: ROOT,
      stdio: 'inherit',
    });
    const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
    process.on('SIGINT', pass).on('SIGTERM', pass);
    child.once('error', () => resolve(1));
    child.once('close', (code) => resolve(code ?? 1));
  });
}

async function start(args: readonly string[]): Promise<number> {
  const ending = await desktop(args);
  if (typeof ending === 'number') return ending;
  if (args.includes('--self-test')) {
    console.error(`caduceus: no desktop window, because ${ending}`);
    return 1;
  }
  console.error(`caduceus: no desktop window, because ${ending}; serving it to your browser instead`);
  return serve(args);
}

if (import.meta.main) process.exitCode = await start(process.argv.slice(2));
