/** `serve`: the window in a browser of this machine. */
import { randomBytes } from 'node:crypto';
import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { WebHost } from '../web/web-host.ts';
import { onInterrupt } from './interrupt.ts';
import { numberFlag, usageError, type Verb } from './verb.ts';

const WINDOW = join(import.meta.dirname, '..', '..', 'dist', 'renderer');
/** By then a browser has read the page that sends it on. */
const REDIRECT_MS = 30_000;

export const serve: Verb = {
  name: 'serve',
  summary: 'Open the window in a browser, on this machine only, until Ctrl-C.',
  flags: {
    port: { type: 'string', value: 'N', help: 'Listen on this port (default: any free one)' },
    'no-open': { type: 'boolean', help: 'Print the address without opening a browser' },
  },
  async run({ flags, terminal, answer }) {
    const port = numberFlag(flags, 'port', 'serve') ?? 0;
    if (!Number.isInteger(port) || port < 0 || port > 65_535) throw usageError('--port takes 0 to 65535', 'serve');
    const [{ createDesk }, { WebHost }] = await Promise.all([
      import('../control-plane.ts'),
      import('../web/web-host.ts'),
    ]);
    const capabilities = { choosesPaths: false, keepsSecrets: false };
    const desk = createDesk(process.env, { host: 'browser', capabilities });
    let host: WebHost | undefined;
    try {
      host = await WebHost.start({ desk, folder: WINDOW, port });
      const served = host;
      const address = served.newAddress();
      answer({ address, port: served.port });
      if (flags['json'] !== true) {
        terminal.line(`The window is at ${address}`);
        terminal.line('The address lets in one browser. Enter prints another; Ctrl-C stops the program.');
      }
      if (flags['no-open'] !== true) openBrowser(address, desk.home);
      const forgetEnter = onEnter(() => terminal.line(served.newAddress()));
      await new Promise<void>((resolve) => {
        const forget = onInterrupt(() => {
          forget();
          resolve();
        });
      });
      forgetEnter();
      if (desk.liveRuns.length > 0) terminal.line(`Stopping ${desk.liveRuns.join(', ')}; checkpoints are kept`);
      return { address, port: served.port };
    } finally {
      await host?.close();
      await desk.close();
    }
  },
};

function onEnter(act: () => void): () => void {
  if (!process.stdin.isTTY) return () => undefined;
  const lines = createInterface({ input: process.stdin }).on('line', act);
  return () => lines.close();
}

/**
 * By way of a page that only the user can read: arguments of a program are there for everybody to see, and the
 * address lets in whoever comes first.
 */
function openBrowser(address: string, home: string): void {
  const [program, ...args] = opener();
  if (program === undefined) return;
  const page = join(home, `open-${randomBytes(6).toString('hex')}.html`);
  const redirect = `<!doctype html><meta http-equiv="refresh" content="0; url=${address}"><title>Caduceus</title>\n`;
  writeFileSync(page, redirect, { mode: 0o600, flag: 'wx' });
  const remove = (): void => rmSync(page, { force: true });
  setTimeout(remove, REDIRECT_MS).unref();
  process.once('exit', remove);
  const child = spawn(program, [...args, page], { stdio: 'ignore', detached: true });
  child.once('error', remove);
  child.unref();
}

function opener(): string[] {
  if (process.platform === 'darwin') return ['open'];
  if (process.platform === 'win32') return ['explorer'];
  const hasDisplay = process.env['DISPLAY'] !== undefined || process.env['WAYLAND_DISPLAY'] !== undefined;
  return hasDisplay ? ['xdg-open'] : [];
}
