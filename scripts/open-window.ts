/** Starts the desktop shell and follows it to its end: did a window come up, and if not, why? */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { WINDOW_MARK } from '../electron/window-mark.ts';

export interface WindowEnding {
  code: number;
  /** Why there was no window; absent when there was one, or when it was not wanted any more. */
  why?: string;
}

/** What Electron says before its window is there is held back for so long: most often it is one reason, said at length. */
const HELD_MS = 20_000;
const MAX_HELD_CHARACTERS = 64_000;

export function openWindow(
  program: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<WindowEnding> {
  // Set by terminals inside other Electron programs; with it this one would be a plain Node.
  const { ELECTRON_RUN_AS_NODE: _, ...inherited } = environment;
  const child = spawn(program, args, {
    env: { ...inherited, CADUCEUS_WINDOW_MARK: '1' },
    stdio: ['inherit', 'pipe', 'pipe'],
  });
  let isUp = false;
  let isUnwanted = false;
  let held: string | undefined = '';
  const letGo = (): void => {
    if (held !== undefined) process.stderr.write(held);
    held = undefined;
  };
  const patience = setTimeout(letGo, HELD_MS);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (!isUp) said = (said + text).slice(-MAX_HELD_CHARACTERS);
    if (held === undefined) process.stderr.write(text);
    else held = (held + text).slice(-MAX_HELD_CHARACTERS);
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line !== WINDOW_MARK) {
      process.stdout.write(`${line}\n`);
      return;
    }
    isUp = true;
    letGo();
  });
  const pass = (signal: NodeJS.Signals): void => {
    isUnwanted = true;
    child.kill(signal);
  };
  process.on('SIGINT', pass).on('SIGTERM', pass);
  return new Promise((resolve) => {
    const end = (ending: WindowEnding): void => {
      clearTimeout(patience);
      process.off('SIGINT', pass).off('SIGTERM', pass);
      if (ending.why === undefined) letGo();
      resolve(ending);
    };
    child.once('error', (error) => end({ code: 1, why: `its program does not run: ${error.message}` }));
    child.once('close', (code, signal) => {
      // Without an error: another instance has the window already.
      if (isUp || isUnwanted || code === 0) end({ code: code ?? 1 });
      else end({ code: code ?? 1, why: causeOf(said, { code, signal }, environment) });
    });
  });
}

export const NOT_AS_ROOT = 'Electron does not run as root';

/** What Chromium and the system's loader say, in the order of how much it explains. */
const CAUSES: readonly [RegExp, (match: RegExpExecArray, environment: NodeJS.ProcessEnv) => string][] = [
  [
    /SUID sandbox helper binary was found, but is not configured correctly|No usable sandbox!/,
    () => 'this system does not let Electron start its sandbox (see “When no window opens” in README.md)',
  ],
  [/Running as root without --no-sandbox/, () => NOT_AS_ROOT],
  [
    /error while loading shared libraries: ([^\s:]+)/,
    ([, library]) => `this system lacks ${library}, which Electron needs`,
  ],
  [
    /Missing X server or \$DISPLAY|[Cc]annot open display|Failed to connect to Wayland display/,
    (_match, { WAYLAND_DISPLAY, DISPLAY }) => `the display ${DISPLAY || WAYLAND_DISPLAY || ''} does not answer`,
  ],
];

export function causeOf(
  said: string,
  { code, signal }: { code: number | null; signal: string | null },
  environment: NodeJS.ProcessEnv,
): string {
  for (const [pattern, tell] of CAUSES) {
    const match = pattern.exec(said);
    if (match) return tell(match, environment);
  }
  const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
  // Without the place in Chromium's sources that it puts before its lines.
  const lines = said.split('\n').map((line) => line.replace(/^\[[^\]]*\]\s*/, '').trim());
  const last = lines.findLast((line) => line !== '');
  return last === undefined ? `Electron ended ${how}` : `Electron ended ${how}: ${last}`;
}
