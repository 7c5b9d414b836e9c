/** `--self-test`: what a package must be able to do, asked of the package itself. */
import type { BrowserWindow } from 'electron';

export interface SelfTestReport {
  ok: boolean;
  electron: string | undefined;
  node: string;
  /** What the window says of the control plane's answer; empty when it said nothing in time. */
  window: string;
  title: string;
}

const TRIES = 100;
const TRY_EVERY_MS = 200;

/** Resolves when the window shows what only an answer of the control plane can have given it. */
export async function selfTest({ webContents }: BrowserWindow): Promise<SelfTestReport> {
  const probe = `window.caduceus ? window.caduceus.call('app.info', {}).then((answer) => answer.ok ? answer.value.version : '') : ''`;
  let version = '';
  for (let tried = 0; tried < TRIES && version === ''; tried++) {
    await new Promise((resolve) => setTimeout(resolve, TRY_EVERY_MS));
    version = String(await webContents.executeJavaScript(probe).catch(() => ''));
  }
  return {
    ok: version !== '',
    electron: process.versions['electron'],
    node: process.versions.node,
    window: version,
    title: webContents.getTitle(),
  };
}
