/**
 * `npm start`: opens the desktop app; where that cannot be, says why in one line and serves the same
 * window to a browser.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { buildApp } from './build-app.ts';

const ROOT = dirname(import.meta.dirname);
/** Electron's own download; a network that refuses it does so at once. */
const DOWNLOAD_MS = 300_000;

/** Why there can be no window here; undefined when there can. */
export function obstacle(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): string | undefined {
  if (environment['CADUCEUS_BROWSER'] === '1') return 'CADUCEUS_BROWSER asks for the browser';
  const needsDisplay = platform === 'linux' || platform === 'freebsd';
  if (needsDisplay && !environment['DISPLAY'] && !environment['WAYLAND_DISPLAY']) return 'there is no display';
  return undefined;
}

/** The program, fetched first where it is missing; undefined when it cannot be had. */
async function electronProgram(): Promise<string | undefined> {
  const folder = dirname(createRequire(import.meta.url).resolve('electron/package.json'));
  const program = (): string | undefined => {
    const named = join(folder, 'path.txt');
    const path = existsSync(named) ? join(folder, 'dist', readFileSync(named, 'utf8')) : undefined;
    return path !== undefined && existsSync(path) ? path : undefined;
  };
  if (program() === undefined) {
    console.error('caduceus: fetching Electron’s binary; this happens once');
    await ended(process.execPath, [join(folder, 'install.js')], { quiet: true, timeoutMs: DOWNLOAD_MS });
  }
  return program();
}

interface Ending {
  quiet?: boolean;
  timeoutMs?: number;
}

/** Runs a program to its end; answers with its exit code. Signals reach it through the terminal's group. */
function ended(
  program: string,
  args: readonly string[],
  { quiet = false, timeoutMs = 0 }: Ending = {},
): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: ROOT,
      stdio: quiet ? 'ignore' : 'inherit',
      ...(timeoutMs > 0 && { timeout: timeoutMs }),
    });
    const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
    process.on('SIGINT', pass).on('SIGTERM', pass);
    child.once('error', () => resolve(1));
    child.once('close', (code) => {
      process.off('SIGINT', pass).off('SIGTERM', pass);
      resolve(code ?? 1);
    });
  });
}

async function start(): Promise<number> {
  let why = obstacle(process.env, process.platform);
  const electron = why === undefined ? await electronProgram() : undefined;
  if (electron !== undefined) {
    await buildApp();
    return ended(electron, [join(ROOT, 'dist', 'electron', 'main.cjs'), ...process.argv.slice(2)]);
  }
  why ??= 'Electron’s binary cannot be fetched';
  console.error(`caduceus: no desktop window, because ${why}; serving it to your browser instead`);
  return ended(process.execPath, [join(ROOT, 'scripts', 'caduceus.ts'), 'serve', ...process.argv.slice(2)]);
}

if (import.meta.main) process.exitCode = await start();
