/** How the one window is made: confined web content, opened where it was, without a flash of white. */
import { type BrowserWindow, type BrowserWindowConstructorOptions, nativeTheme, screen } from 'electron';
import { clampToScreens, FIRST, readWindowState, SMALLEST, writeWindowState } from './window-state.ts';

/** As the window's own tokens have them; shown until it has drawn itself. */
const BACKGROUND = { dark: '#0e1116', light: '#f5f7fa' };

export interface WindowPlace {
  /** Where its place is kept. */
  stateFile: string;
  preload: string;
  icon: string;
}

export function windowOptions({ stateFile, preload, icon }: WindowPlace): BrowserWindowConstructorOptions {
  const { bounds } = readWindowState(stateFile);
  const areas = screen.getAllDisplays().map(({ workArea }) => workArea);
  const place = bounds && clampToScreens(bounds, areas);
  return {
    ...(place ?? FIRST),
    minWidth: SMALLEST.width,
    minHeight: SMALLEST.height,
    title: 'Caduceus',
    icon,
    show: false,
    backgroundColor: nativeTheme.shouldUseDarkColors ? BACKGROUND.dark : BACKGROUND.light,
    webPreferences: {
      preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      // A run goes on when nobody looks; its charts need not.
      backgroundThrottling: true,
    },
  };
}

/** Where it is and how large, for the next time; a window that nobody sees has no place. */
export function keepPlace(window: BrowserWindow, { stateFile }: WindowPlace): void {
  if (!window.isVisible()) return;
  writeWindowState(stateFile, { bounds: window.getNormalBounds(), isMaximized: window.isMaximized() });
}

/** Shows it when it has drawn itself. */
export function settle(window: BrowserWindow, { stateFile }: WindowPlace): void {
  if (readWindowState(stateFile).isMaximized) window.maximize();
  window.once('ready-to-show', () => window.show());
}
