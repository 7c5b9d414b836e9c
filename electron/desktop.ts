/**
 * The control plane, whose parameter server listens in this process, put together with one confined window. The
 * shell asks it everything: itself it knows nothing of training.
 */
import { join } from 'node:path';
import {
  app,
  type BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  nativeTheme,
  powerMonitor,
  powerSaveBlocker,
  protocol,
  safeStorage,
  shell,
} from 'electron';
import { createDesk } from '../main/control-plane.ts';
import { BridgeHost } from '../main/control-plane/bridge-host.ts';
import type { AppInfo, OutputFile, SettingsView } from '../main/core/api.ts';
import type { DeviceView } from '../main/core/device.ts';
import { answer, SCHEME } from './app-protocol.ts';
import { Ending } from './ending.ts';
import { failureText, within } from './failures.ts';
import { hostWindows } from './ipc.ts';
import { MainWindow } from './main-window.ts';
import { menuTemplate } from './menu.ts';
import { nativeServices } from './native-services.ts';
import type { Places } from './places.ts';
import { Wakefulness, watchSleep } from './power.ts';
import { printPdf } from './print.ts';
import { quitChoice, quitQuestion } from './quit.ts';
import { RunTray } from './tray.ts';
import { SystemVault } from './vault.ts';

/** Stopping waits for checkpoints this long. */
const STOP_MS = 60_000;

export interface Desktop {
  /** Brings the window back, or makes it. */
  show(): BrowserWindow;
  /** Keeps what went wrong for the diagnostics. */
  note(error: unknown, where: string): void;
  /** Stops what trains, with checkpoints. */
  close(): Promise<void>;
}

/** @throws CAD-HOME-READONLY, CAD-STORE-CORRUPT */
export async function openDesktop(parts: Places): Promise<Desktop> {
  const state = (file: string): string => join(app.getPath('userData'), file);
  protocol.handle(SCHEME, (request) => answer(request, parts.window));
  const vault = new SystemVault(safeStorage, state('secrets.json'));
  const capabilities = { choosesPaths: true, keepsSecrets: await vault.canKeep() };
  const shellOf = { host: 'desktop', capabilities } as const;
  const desk = createDesk(process.env, shellOf, { vault, printPdf, programs: parts.programs });
  const host = new BridgeHost(desk);
  const valueOf = async <T>(call: string): Promise<T> => {
    const given = await host.call(call, {});
    if (given.ok) return given.value as T;
    throw new Error(given.error.message);
  };

  const close = (): Promise<void> => within(STOP_MS, desk.close());

  const ending: Ending = new Ending({
    runs: () => desk.liveRuns,
    onClose: async () => (await valueOf<SettingsView>('settings.get')).settings.onClose,
    ask: async (runs) => quitChoice(await window.ask(quitQuestion(runs))),
    keep: (runs) => {
      tray.show(trainingText(runs));
      window.hide();
    },
    stop: () => {
      window.leave();
      tray.hide();
      return close();
    },
    quit: () => app.quit(),
    onFailure: (error) => desk.onInternalError(error, 'quitting'),
  });
  const window: MainWindow = new MainWindow(
    { stateFile: state('window.json'), preload: parts.preload, icon: parts.icon },
    {
      mayClose: () => ending.allows('close'),
      onShow: () => tray.hide(),
      onPageGone: (reason) => desk.onInternalError(reason, 'the process of the page'),
      quit: () => app.quit(),
    },
  );
  const tray = new RunTray(parts.icon, { open: () => window.show(), quit: () => app.quit() });
  const wakefulness = new Wakefulness(powerSaveBlocker);
  const native = nativeServices(desk.files, () => window.visible);
  const pages = hostWindows(ipcMain, host, native);

  const end = (): void => undefined;
  const followRuns = (): void => {
    const runs = desk.liveRuns;
    wakefulness.follow(runs.length > 0);
    if (tray.isShown) tray.show(runs.length > 0 ? trainingText(runs) : 'nothing trains any more');
  };
  host.subscribe('runs', {}, { next: followRuns, end });
  host.subscribe('settings', {}, { next: (view) => followTheme(view as SettingsView), end });
  followTheme(await valueOf('settings.get'));
  watchSleep(powerMonitor, () => void askDevicesAgain(host));

  const info = await valueOf<AppInfo>('app.info');
  const exportDiagnostics = async (): Promise<void> => {
    try {
      await native['native.handOver']({ file: (await valueOf<OutputFile>('app.diagnostics')).id });
    } catch (error) {
      dialog.showErrorBox('The diagnostics could not be exported', failureText(error));
    }
  };
  const actions = {
    go: (route: string) => pages.command(window.show().webContents, { kind: 'go', route }),
    openPalette: () => pages.command(window.show().webContents, { kind: 'palette' }),
    openDataFolder: () => void shell.openPath(info.dataDirectory),
    exportDiagnostics: () => void exportDiagnostics(),
    about: () => app.showAboutPanel(),
  };
  const menu = menuTemplate(actions, process.platform === 'darwin', app.isPackaged);
  Menu.setApplicationMenu(Menu.buildFromTemplate(menu));
  app.setAboutPanelOptions({ applicationName: 'Caduceus', applicationVersion: info.version, copyright: 'MIT' });

  app.on('activate', () => window.show());
  app.on('window-all-closed', () => app.quit());
  app.on('before-quit', (event) => {
    if (!ending.allows('quit')) event.preventDefault();
  });
  return { show: () => window.show(), note: desk.onInternalError, close };
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
