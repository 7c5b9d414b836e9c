/**
 * The desktop shell. It puts the control plane, whose parameter server listens in this process, together
 * with one confined window, and asks the control plane everything else: the shell itself knows nothing
 * of training.
 */
import { join } from 'node:path';
import {
  app,
  BrowserWindow,
  crashReporter,
  dialog,
  ipcMain,
  Menu,
  nativeTheme,
  powerMonitor,
  powerSaveBlocker,
  protocol,
  safeStorage,
  session,
  shell,
} from 'electron';
import { createDesk } from '../main/control-plane.ts';
import { BridgeHost } from '../main/control-plane/bridge-host.ts';
import type { AppInfo, SettingsView } from '../main/core/api.ts';
import type { DeviceView } from '../main/core/device.ts';
import { answer, SCHEME, START_PAGE } from './app-protocol.ts';
import { confine, denyPermissions } from './confinement.ts';
import { hostWindows } from './ipc.ts';
import { menuTemplate } from './menu.ts';
import { places } from './places.ts';
import { Wakefulness, watchSleep } from './power.ts';
import { printPdf } from './print.ts';
import { quitChoice, quitQuestion } from './quit.ts';
import { selfTest } from './self-test.ts';
import { RunTray } from './tray.ts';
import { SystemVault } from './vault.ts';
import { markWindow } from './window-mark.ts';
import { goTo, settle, windowOptions } from './window.ts';

const SELF_TEST = process.argv.includes('--self-test');
/** Stopping waits for checkpoints this long. */
const STOP_MS = 60_000;

const parts = places(import.meta.dirname, app.isPackaged ? process.resourcesPath : undefined, process.platform);
const stateFile = join(app.getPath('userData'), 'window.json');
const place = { stateFile, preload: parts.preload, icon: parts.icon };

let window: BrowserWindow | undefined;
/** The user has decided how to end: no more questions. */
let isQuitting = false;

app.enableSandbox();
app.setName('Caduceus');
crashReporter.start({ uploadToServer: false });
protocol.registerSchemesAsPrivileged([{ scheme: SCHEME, privileges: { standard: true, secure: true } }]);
confine(app, shell);

if (app.requestSingleInstanceLock()) void app.whenReady().then(open, fail);
else app.quit();

async function open(): Promise<void> {
  denyPermissions(session.defaultSession);
  protocol.handle(SCHEME, (request) => answer(request, parts.window));
  const vault = new SystemVault(safeStorage, join(app.getPath('userData'), 'secrets.json'));
  const capabilities = { choosesPaths: true, revealsFiles: true, keepsSecrets: await vault.canKeep() };
  const shellOf = { host: 'desktop', capabilities } as const;
  const desk = createDesk(process.env, shellOf, { vault, printPdf, programs: parts.programs });
  const host = new BridgeHost(desk);
  const info = (await host.call('app.info', {})) as { ok: true; value: AppInfo };
  const tray = new RunTray(parts.icon, { open: show, quit: () => app.quit() });
  const wakefulness = new Wakefulness(powerSaveBlocker);

  hostWindows(ipcMain, host, {
    handOver: async (file) => shell.showItemInFolder(desk.files.find(file).path),
    choosePath: async (what) => {
      const chosen = await dialog.showOpenDialog({ properties: [what === 'file' ? 'openFile' : 'openDirectory'] });
      return chosen.filePaths[0] ?? null;
    },
  });
  const end = (): void => undefined;
  host.subscribe('runs', {}, { next: followRuns, end });
  host.subscribe('settings', {}, { next: (view) => followTheme(view as SettingsView), end });
  followTheme(((await host.call('settings.get', {})) as { ok: true; value: SettingsView }).value);
  watchSleep(powerMonitor, () => void askDevicesAgain(host));

  Menu.setApplicationMenu(
    Menu.buildFromTemplate(
      menuTemplate(
        {
          go: (route) => goTo(show(), route),
          openPalette: () => pressPaletteKeys(show()),
          openDataFolder: () => void shell.openPath(info.value.dataDirectory),
          exportDiagnostics: () => goTo(show(), '#/settings'),
          about: () => app.showAboutPanel(),
        },
        process.platform === 'darwin',
        app.isPackaged,
      ),
    ),
  );
  app.setAboutPanelOptions({ applicationName: 'Caduceus', applicationVersion: info.value.version, copyright: 'MIT' });

  let isInTray = false;
  app.on('second-instance', () => show());
  app.on('activate', () => show());
  app.on('window-all-closed', () => {
    // While a run trains, closing the window is the question of `before-quit`; else it is the end.
    if (!isInTray) app.quit();
  });
  app.on('before-quit', (event) => {
    if (isQuitting) return;
    event.preventDefault();
    void decide();
  });

  function followRuns(): void {
    const runs = desk.liveRuns;
    wakefulness.follow(runs.length > 0);
    if (isInTray) tray.show(runs.length > 0 ? trainingText(runs) : 'nothing trains any more');
  }

  /** Brings the window back, or makes it. */
  function show(): BrowserWindow {
    tray.hide();
    isInTray = false;
    if (window !== undefined) {
      if (window.isMinimized()) window.restore();
      window.focus();
      return window;
    }
    const opened = new BrowserWindow(windowOptions(place));
    settle(opened, place);
    opened.webContents.once('did-finish-load', () => markWindow());
    opened.on('closed', () => (window = undefined));
    opened.webContents.on('render-process-gone', (_event, { reason }) => {
      // The runs are not in that process: the window is simply opened again.
      if (reason !== 'clean-exit' && !opened.isDestroyed()) opened.reload();
    });
    void opened.loadURL(START_PAGE);
    window = opened;
    return opened;
  }

  /** What becomes of the runs that train. */
  async function decide(): Promise<void> {
    const runs = desk.liveRuns;
    const choice = runs.length === 0 ? 'stop' : quitChoice((await dialog.showMessageBox(quitQuestion(runs))).response);
    if (choice === 'cancel') {
      show();
      return;
    }
    if (choice === 'keep') {
      isInTray = true;
      window?.close();
      tray.show(trainingText(runs));
      return;
    }
    await Promise.race([desk.close(), new Promise((resolve) => setTimeout(resolve, STOP_MS).unref())]);
    isQuitting = true;
    app.quit();
  }

  const first = show();
  if (!SELF_TEST) return;
  const report = await selfTest(first, { programs: parts.programs, printPdf });
  process.stdout.write(`${JSON.stringify(report)}\n`);
  await desk.close();
  isQuitting = true;
  app.exit(report.ok ? 0 : 1);
}

function trainingText(runs: readonly string[]): string {
  return runs.length === 1 ? `${runs[0] ?? ''} is training` : `${runs.length} runs are training`;
}

function followTheme({ settings }: SettingsView): void {
  nativeTheme.themeSource = settings.theme;
}

/** After a sleep nobody knows which devices are still there. */
async function askDevicesAgain(host: BridgeHost): Promise<void> {
  const listed = await host.call('devices.list', {});
  if (!listed.ok) return;
  const devices = (listed.value as DeviceView[]).filter(({ state }) => state === 'ready').map(({ id }) => id);
  if (devices.length > 0) await host.call('devices.probe', { devices });
}

function pressPaletteKeys({ webContents }: BrowserWindow): void {
  const modifiers = [process.platform === 'darwin' ? ('meta' as const) : ('control' as const)];
  webContents.sendInputEvent({ type: 'keyDown', keyCode: 'K', modifiers });
  webContents.sendInputEvent({ type: 'keyUp', keyCode: 'K', modifiers });
}

function fail(error: unknown): void {
  dialog.showErrorBox('Caduceus cannot start', error instanceof Error ? error.message : String(error));
  isQuitting = true;
  app.exit(1);
}
