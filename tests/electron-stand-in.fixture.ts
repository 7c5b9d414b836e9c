/**
 * Stands for Electron, which exists only inside Electron, so that the bundled shell runs whole in plain Node: its own main
 * and preload bundles, with the real control plane. A page is a script context that has what the preload script exposes;
 * nothing is drawn. `node --import THIS dist/electron/main.cjs`: whoever started it says what the user does (`UserAct`) and
 * is told what there is to be seen (`Seen`).
 */
import { EventEmitter } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';

export type UserAct =
  | { kind: 'quit' | 'close' | 'second-instance' | 'throw' }
  /** Answers the oldest dialog that is open. */
  | { kind: 'answer'; value: unknown }
  | { kind: 'menu'; label: string }
  | { kind: 'page-gone'; reason: string }
  /** An expression of the page's; what it comes to is seen under the same number. */
  | { kind: 'page'; id: number; code: string };

export type Seen =
  /** What was asked of Electron until then, and the folder that the one instance was told by. */
  | { kind: 'ready'; order: string[]; userData: string }
  | { kind: 'window'; state: 'opened' | 'shown' | 'hidden' | 'closed' }
  | { kind: 'loaded'; url: string; status: number; title: string }
  | { kind: 'dialog'; which: 'message' | 'save' | 'open' | 'error'; text: string; hasParent: boolean; options: unknown }
  | { kind: 'tray'; text: string | null }
  | { kind: 'page'; id: number; value: unknown };

type Handler = (...values: unknown[]) => unknown;

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron' ? { url: import.meta.url, shortCircuit: true } : next(specifier, context),
});

let unsent = 0;
let exitCode: number | undefined;

function see(seen: Seen): void {
  unsent += 1;
  process.send?.(seen, undefined, undefined, () => {
    unsent -= 1;
    if (exitCode !== undefined) leave(exitCode);
  });
}

/** As soon as all that was seen is told. */
function leave(code: number): void {
  exitCode = code;
  if (unsent === 0) process.exit(code);
}

const order: string[] = [];
const windows = new Set<BrowserWindow>();
const dialogs: ((value: unknown) => void)[] = [];
const paths = new Map([['appData', process.env['STAND_IN_APP_DATA'] ?? '']]);
let name = 'Electron';
let userData = '';
let applicationMenu: MenuItem[] = [];
let protocolHandler: ((request: { url: string; method: string }) => Promise<Response>) | undefined;

class App extends EventEmitter {
  readonly isPackaged = false;
  readonly commandLine = { hasSwitch: () => false };
  setName = (given: string): void => {
    order.push('setName');
    name = given;
  };
  getPath = (wanted: string): string => paths.get(wanted) ?? join(paths.get('appData') ?? '', name, wanted);
  setPath = (wanted: string, path: string): unknown => paths.set(wanted, path);
  enableSandbox = (): unknown => order.push('enableSandbox');
  requestSingleInstanceLock = (): boolean => {
    order.push('requestSingleInstanceLock');
    userData = this.getPath('userData');
    mkdirSync(userData, { recursive: true });
    return process.env['STAND_IN_LOCKED'] !== '1';
  };
  /** After everything that the program does at once. */
  whenReady = (): Promise<void> =>
    new Promise((resolve) =>
      setImmediate(() => {
        see({ kind: 'ready', order: [...order], userData });
        if (process.env['STAND_IN_READY'] !== 'never') resolve();
      }),
    );
  showAboutPanel = (): void => undefined;
  setAboutPanelOptions = (): void => undefined;
  exit = (code = 0): void => leave(code);
  quit = (): void => {
    if (isPrevented((event) => this.emit('before-quit', event))) return;
    for (const window of windows) window.close();
    if (windows.size === 0) leave(0);
  };
}

function isPrevented(emit: (event: { preventDefault(): void }) => void): boolean {
  let prevented = false;
  emit({ preventDefault: () => (prevented = true) });
  return prevented;
}

class Contents extends EventEmitter {
  readonly renderer = new EventEmitter();
  url = '';
  title = '';
  #page = createContext({});

  /** Nothing is drawn: a document without pages. */
  printToPDF = async (): Promise<Buffer> => Buffer.from('%PDF-1.4\n%%EOF\n');
  isDestroyed = (): boolean => false;
  setWindowOpenHandler = (): void => undefined;
  getTitle = (): string => this.title;
  send = (channel: string, value: unknown): void => {
    const copy = structuredClone(value);
    setImmediate(() => this.renderer.emit(channel, {}, copy));
  };
  executeJavaScript = async (code: string): Promise<unknown> => runInContext(code, this.#page) as unknown;

  async load(url: string, preload: string | undefined): Promise<void> {
    this.emit('did-start-navigation', { isMainFrame: true, isSameDocument: false });
    this.renderer.removeAllListeners();
    const isOurs = url.startsWith('app:');
    const response = isOurs ? await protocolHandler?.({ url: url.split('#', 1)[0] ?? '', method: 'GET' }) : undefined;
    this.title = /<title>(.*?)<\/title>/.exec((await response?.text()) ?? '')?.[1] ?? '';
    this.url = url;
    const page: Record<string, unknown> = { setTimeout };
    this.#page = createContext(Object.assign(page, { window: page }));
    contextBridge = { exposeInMainWorld: (key: string, value: unknown) => (page[key] = value) };
    const event = { sender: this, senderFrame: { url, parent: null } };
    ipcRenderer = {
      on: (channel: string, listener: Handler) => this.renderer.on(channel, listener),
      send: (channel: string, ...values: unknown[]) => {
        const copies = structuredClone(values);
        setImmediate(() => ipcMain.emit(channel, event, ...copies));
      },
      invoke: async (channel: string, ...values: unknown[]) =>
        structuredClone(await ipcMain.handlers.get(channel)?.(event, ...structuredClone(values))),
    };
    if (preload === undefined) return;
    const require = createRequire(preload);
    Reflect.deleteProperty(require.cache, preload);
    require(preload);
    see({ kind: 'loaded', url, status: response?.status ?? 0, title: this.title });
    this.emit('did-finish-load');
  }
}

export class BrowserWindow extends EventEmitter {
  readonly webContents = new Contents();
  readonly #preload: string | undefined;
  #isVisible = false;

  constructor({ webPreferences }: { webPreferences: { preload?: string } }) {
    super();
    this.#preload = webPreferences.preload;
    windows.add(this);
    order.push('BrowserWindow');
    app.emit('web-contents-created', {}, this.webContents);
    see({ kind: 'window', state: 'opened' });
  }

  loadURL = async (url: string): Promise<void> => {
    await this.webContents.load(url, this.#preload);
    this.emit('ready-to-show');
  };
  reload = (): void => void this.webContents.load(this.webContents.url, this.#preload);
  destroy = (): unknown => windows.delete(this);
  close = (): void => {
    if (isPrevented((event) => this.emit('close', event))) return;
    windows.delete(this);
    see({ kind: 'window', state: 'closed' });
    this.emit('closed');
    if (windows.size === 0) app.emit('window-all-closed');
  };
  show = (): void => this.#become(true);
  hide = (): void => this.#become(false);
  focus = (): void => undefined;
  isVisible = (): boolean => this.#isVisible;
  isMinimized = (): boolean => false;
  isMaximized = (): boolean => false;
  isFullScreen = (): boolean => false;
  isDestroyed = (): boolean => !windows.has(this);
  getNormalBounds = () => ({ x: 10, y: 10, width: 1000, height: 700 });

  #become(isVisible: boolean): void {
    if (this.#isVisible === isVisible) return;
    this.#isVisible = isVisible;
    see({ kind: 'window', state: isVisible ? 'shown' : 'hidden' });
  }
}

class IpcMain extends EventEmitter {
  readonly handlers = new Map<string, Handler>();
  handle = (channel: string, handler: Handler): unknown => this.handlers.set(channel, handler);
}

interface MenuItem {
  label?: string;
  click?: () => void;
  submenu?: MenuItem[];
}

/** Whatever is asked of it does nothing. */
const inert = <T extends object>(parts: T): T =>
  new Proxy(parts, { get: (own, key) => (key in own ? Reflect.get(own, key) : () => undefined) as unknown });

function opened(which: 'message' | 'save' | 'open', given: unknown[]): Promise<unknown> {
  const options = given.at(-1) as { message?: string };
  see({ kind: 'dialog', which, text: options.message ?? '', hasParent: given.length > 1, options });
  return new Promise((resolve) => dialogs.push(resolve));
}

export const app = new App();
export const ipcMain = new IpcMain();
export const dialog = {
  showErrorBox: (title: string, content: string): void =>
    see({ kind: 'dialog', which: 'error', text: `${title}\n\n${content}`, hasParent: false, options: null }),
  showMessageBox: (...given: unknown[]) => opened('message', given),
  showSaveDialog: (...given: unknown[]) => opened('save', given),
  showOpenDialog: (...given: unknown[]) => opened('open', given),
};
export const protocol = {
  registerSchemesAsPrivileged: (): unknown => order.push('registerSchemesAsPrivileged'),
  handle: (_scheme: string, handler: typeof protocolHandler): unknown => (protocolHandler = handler),
};
export const Menu = {
  buildFromTemplate: (template: MenuItem[]): MenuItem[] => template,
  setApplicationMenu: (menu: MenuItem[]): unknown => (applicationMenu = menu),
};
export class Tray extends EventEmitter {
  setToolTip = (text: string): void => see({ kind: 'tray', text });
  setContextMenu = (): void => undefined;
  destroy = (): void => see({ kind: 'tray', text: null });
}
export const nativeImage = { createFromPath: () => inert({}), createFromBuffer: () => inert({}) };
export const nativeTheme = { themeSource: 'system', shouldUseDarkColors: false };
export const powerMonitor = new EventEmitter();
export const powerSaveBlocker = { start: () => 1, stop: () => undefined };
export const safeStorage = { isAsyncEncryptionAvailable: async () => false };
export const screen = { getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }] };
export const crashReporter = inert({});
export const session = inert({});
export const shell = inert({});
/** Those of the page whose preload script is about to run. */
export let contextBridge: object;
export let ipcRenderer: object;

process.on('unhandledRejection', (reason) => console.error(reason));
process.on('message', (act: UserAct) => {
  const [window] = windows;
  if (act.kind === 'quit') app.quit();
  else if (act.kind === 'close') window?.close();
  else if (act.kind === 'second-instance') app.emit('second-instance');
  else if (act.kind === 'answer') dialogs.shift()?.(act.value);
  else if (act.kind === 'menu') itemNamed(applicationMenu, act.label)?.click?.();
  else if (act.kind === 'page-gone') window?.webContents.emit('render-process-gone', {}, { reason: act.reason });
  else if (act.kind === 'page')
    void window?.webContents
      .executeJavaScript(act.code)
      .then((value) => see({ kind: 'page', id: act.id, value: value ?? null }));
  else
    setImmediate(() => {
      throw new Error('a mistake of ours');
    });
});

function itemNamed(items: readonly MenuItem[], label: string): MenuItem | undefined {
  return items.flatMap((item) => [item, ...(item.submenu ?? [])]).find((item) => item.label === label);
}
