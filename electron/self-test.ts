/** `--self-test`: what a package must be able to do, asked of the package itself. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserWindow } from 'electron';
import { type Finding, type PackageParts, testPackage } from './package-test.ts';

export interface SelfTestReport {
  ok: boolean;
  electron: string | undefined;
  node: string;
  /** What the window says of the control plane's answer; empty when it said nothing in time. */
  window: string;
  title: string;
  /** What the package did besides, in a data directory of its own. */
  parts: Finding[];
}

const TRIES = 100;
const TRY_EVERY_MS = 200;

/** Resolves when the window shows what only an answer of the control plane can have given it, and all parts were used. */
export async function selfTest({ webContents }: BrowserWindow, own: PackageParts): Promise<SelfTestReport> {
  const probe = `window.caduceus ? window.caduceus.call('app.info', {}).then((answer) => answer.ok ? answer.value.version : '') : ''`;
  let version = '';
  for (let tried = 0; tried < TRIES && version === ''; tried++) {
    await new Promise((resolve) => setTimeout(resolve, TRY_EVERY_MS));
    version = String(await webContents.executeJavaScript(probe).catch(() => ''));
  }
  const home = mkdtempSync(join(tmpdir(), 'caduceus-self-test-'));
  try {
    const parts = await testPackage(own, home);
    return {
      ok: version !== '' && parts.every(({ ok }) => ok),
      electron: process.versions['electron'],
      node: process.versions.node,
      window: version,
      title: webContents.getTitle(),
      parts,
    };
  } finally {
    rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}
