/**
 * The real window in a Chromium with the desktop's bridge in it: the bundled preload script, the shell's half of IPC and
 * a real desk. Between them lies what Electron has there, which passes copies. What only Electron shows is in
 * `journey-electron.long.test.ts`.
 */
import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hostWindows, type HostedWindows } from '../electron/ipc.ts';
import { MAX_UNTAKEN } from '../electron/page-link.ts';
import { keepStory } from '../main/control-plane/kept-story.fixture.ts';
import { BridgeHost } from '../main/control-plane/bridge-host.ts';
import { createDesk } from '../main/control-plane.ts';
import type { NativeHandlers } from '../main/core/api.ts';
import { CaduceusError } from '../main/core/errors.ts';
import { askForReport, goTo, PATIENCE_MS } from '../scripts/window/person.ts';
import { syntheticStory } from '../main/report/synthetic-run.fixture.ts';
import { ROOT } from '../scripts/source-tree.ts';
import { HAS_CHROMIUM, openWindowSession, type WindowSession } from './window-session.ts';

/** The page's end of IPC, whose other end the test holds. */
const IPC_RENDERER = `
  const listeners = new Map();
  globalThis.fromShell = (channel, value) => listeners.get(channel)?.({}, value);
  const ipcRenderer = {
    on: (channel, listener) => listeners.set(channel, listener),
    send: (channel, ...values) => void toShell(channel, values),
    invoke: (channel, ...values) => askShell(channel, values),
  };
  const contextBridge = { exposeInMainWorld: (name, value) => (globalThis[name] = value) };
  const require = () => ({ ipcRenderer, contextBridge });
`;

class ShellEnd extends EventEmitter {
  /** Messages on their way to the page, or taken by it. */
  sent = 0;
  readonly handlers = new Map<string, (event: unknown, ...values: unknown[]) => unknown>();
  readonly contents = new EventEmitter() as EventEmitter & { isDestroyed(): boolean; send: unknown };
  readonly #event = { sender: this.contents, senderFrame: { url: 'app://caduceus/index.html', parent: null } };

  handle(channel: string, handler: (event: unknown, ...values: unknown[]) => unknown): void {
    this.handlers.set(channel, handler);
  }

  async joinTo(page: Page): Promise<void> {
    const send = (channel: string, value: unknown): void => {
      this.sent += 1;
      void page.evaluate(`fromShell(${JSON.stringify(channel)}, ${JSON.stringify(value)})`).catch(() => undefined);
    };
    Object.assign(this.contents, { isDestroyed: () => page.isClosed(), send });
    await page.exposeFunction('toShell', (channel: string, values: unknown[]) => {
      this.emit(channel, this.#event, ...values);
    });
    await page.exposeFunction('askShell', (channel: string, values: unknown[]) =>
      this.handlers.get(channel)?.(this.#event, ...values),
    );
    const { outputFiles } = await build({
      ...{ bundle: true, write: false, platform: 'node', format: 'cjs', external: ['electron'] },
      entryPoints: [join(ROOT, 'electron', 'preload.ts')],
    });
    await page.addInitScript(`(() => { ${IPC_RENDERER} ${outputFiles[0]?.text ?? ''} })()`);
  }
}

describe.skipIf(!HAS_CHROMIUM)('the window on the desktop’s bridge (needs Chromium)', () => {
  const home = mkdtempSync(join(tmpdir(), 'caduceus-window-desktop-'));
  const end = new ShellEnd();
  const asked: unknown[] = [];
  let whatHappens: () => Promise<unknown> = async () => null;
  const native: NativeHandlers = {
    'native.handOver': (input) => (asked.push(input), whatHappens() as Promise<boolean>),
    'native.choosePath': (input) => (asked.push(input), whatHappens() as Promise<string | null>),
  };
  let session: WindowSession;
  let pages: HostedWindows;
  let page: Page;
  let complaints: string[];
  let run: string;

  beforeAll(async () => {
    run = keepStory(home, syntheticStory({ seconds: 5 }));
    const capabilities = { choosesPaths: true, keepsSecrets: false };
    const desk = createDesk({ ...process.env, CADUCEUS_HOME: home }, { host: 'desktop', capabilities });
    pages = hostWindows(end as never, new BridgeHost(desk), native);
    session = await openWindowSession({ desk });
    ({ page, complaints } = await session.open('#/experiment', {}, (opened) => end.joinTo(opened)));
    page.setDefaultTimeout(PATIENCE_MS);
  }, 120_000);
  afterAll(async () => {
    await session.close();
    rmSync(home, { recursive: true, force: true });
  });

  const command = (given: Parameters<HostedWindows['command']>[1]): void => pages.command(end.contents as never, given);

  test('goes where the menu says, and what is half typed stays', async () => {
    await goTo(page, 'Experiment');
    const name = page.getByLabel('Name of the run', { exact: true });
    await name.fill('half typed');
    command({ kind: 'go', route: '#/experiment' });
    command({ kind: 'palette' });
    await page.getByRole('dialog', { name: 'Commands' }).waitFor();
    await page.keyboard.press('Escape');
    expect(await name.inputValue()).toBe('half typed');
    command({ kind: 'go', route: '#/settings' });
    await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
  });

  test('shows why a file was not saved and a folder not chosen, and says nothing when its user thought better of it', async () => {
    await goTo(page, 'Settings');
    const save = page.getByRole('button', { name: 'Save diagnostics' });
    whatHappens = () => Promise.reject(new CaduceusError('CAD-OUTPUT', 'the disk is full', 'Choose another place.'));
    await save.click();
    await page.getByText('the disk is full. Choose another place. (CAD-OUTPUT)').waitFor();
    whatHappens = () => Promise.reject(new Error('no portal'));
    await page.getByRole('button', { name: 'Choose…' }).click();
    await page.getByText(/^No portal\. .*\(CAD-INTERNAL\)$/).waitFor();
    whatHappens = async () => false;
    await save.click();
    await expect.poll(() => asked.length, { timeout: PATIENCE_MS }).toBe(3);
    expect(asked[1]).toEqual({ what: 'folder' });
    expect(
      await page
        .locator('.toasts')
        .getByText(/ written$/)
        .count(),
    ).toBe(0);
  });

  test('says of a report where it was put, and where it is kept when it was put nowhere', async () => {
    await page.evaluate(`location.hash = ${JSON.stringify(`#/runs/${run}`)}`);
    for (const [isTaken, words] of [
      [false, 'It is kept as '],
      [true, 'It is where you have put it; a copy is kept as '],
    ] as const) {
      whatHappens = async () => isTaken;
      const dialog = await askForReport(page, ['Markdown']);
      await dialog.getByRole('button', { name: 'Write report' }).click();
      await dialog.getByText(`${words}${join(home, 'exports', 'report-')}`).waitFor();
      await dialog.getByRole('button', { name: 'Save a copy…' }).waitFor();
      await page.keyboard.press('Escape');
    }
    expect(asked.at(-1)).toMatchObject({ file: expect.stringMatching(/^[0-9a-f]{32}$/) as string });
  });

  test('keeps the folder that was chosen', async () => {
    await goTo(page, 'Settings');
    whatHappens = async () => home;
    await page.getByRole('button', { name: 'Choose…' }).click();
    await expect
      .poll(() => page.getByLabel('Folder', { exact: true }).inputValue(), { timeout: PATIENCE_MS })
      .toBe(home);
    expect(complaints).toEqual([]);
  });

  test('sends a page that hangs no more than may be on its way, and it has the newest when it goes on', async () => {
    await page.evaluate(`void (window.heard = [],
      window.caduceus.subscribe('experiments', {}, ([newest]) => window.heard.push(newest.name)))`);
    const heard = () => page.evaluate('window.heard.at(-1)');
    const save = (name: string) =>
      session.desk.calls['experiments.save']({ id: 'same', name, config: {}, cluster: null });
    await save('before');
    await expect.poll(heard, { timeout: PATIENCE_MS }).toBe('before');
    // Nothing of the page runs until it is answered.
    const hangs = page.waitForEvent('dialog', { timeout: PATIENCE_MS });
    const gone = page.evaluate('alert("hung")');
    const dialog = await hangs;
    const before = end.sent;
    const last = MAX_UNTAKEN + 50;
    for (let saved = 1; saved <= last; saved++) await save(`experiment ${saved}`);
    expect(end.sent - before).toBeLessThanOrEqual(MAX_UNTAKEN);
    await dialog.accept();
    await gone;
    await expect.poll(heard, { timeout: PATIENCE_MS }).toBe(`experiment ${last}`);
  });
});
