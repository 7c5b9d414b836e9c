/** The one window: made when it is wanted, hidden while a run trains in the tray, opened again when its page died. */
import { BrowserWindow, dialog, type MessageBoxOptions } from 'electron';
import { START_PAGE } from './app-protocol.ts';
import { ReloadBound } from './reload-bound.ts';
import { markWindow } from './window-mark.ts';
import { keepPlace, settle, windowOptions, type WindowPlace } from './window.ts';

export interface WindowEvents {
  /** @returns whether it may be closed now; otherwise its user is being asked. */
  mayClose(): boolean;
  onShow(): void;
  onPageGone(reason: string): void;
  /** Its page died again and again, and its user gave up. */
  quit(): void;
}

const OPEN_AGAIN = 0;

export class MainWindow {
  readonly #place: WindowPlace;
  readonly #events: WindowEvents;
  readonly #reloads = new ReloadBound();
  #window: BrowserWindow | undefined;
  #isLeaving = false;

  constructor(place: WindowPlace, events: WindowEvents) {
    this.#place = place;
    this.#events = events;
  }

  /** Brings the window back, or makes it. */
  show(): BrowserWindow {
    this.#events.onShow();
    if (this.#window === undefined) return this.#open();
    if (this.#isLeaving) return this.#window;
    if (this.#window.isMinimized()) this.#window.restore();
    this.#window.show();
    this.#window.focus();
    return this.#window;
  }

  /** While checkpoints are written nothing brings it back: there is no control plane behind it any more. */
  leave(): void {
    this.#isLeaving = true;
    this.hide();
  }

  /** With everything in it as it is. */
  hide(): void {
    const window = this.#window;
    if (window === undefined) return;
    keepPlace(window, this.#place);
    if (!window.isFullScreen()) {
      window.hide();
      return;
    }
    // A hidden window that fills the screen would leave macOS with a black one.
    window.once('leave-full-screen', () => window.hide());
    window.setFullScreen(false);
  }

  /** Before the window where there is one to be seen. @returns the index of the button. */
  async ask(options: MessageBoxOptions): Promise<number> {
    const window = this.visible;
    return (await (window === undefined ? dialog.showMessageBox(options) : dialog.showMessageBox(window, options)))
      .response;
  }

  /** What dialogs belong to. */
  get visible(): BrowserWindow | undefined {
    return this.#window?.isVisible() === true ? this.#window : undefined;
  }

  #open(): BrowserWindow {
    const window = new BrowserWindow(windowOptions(this.#place));
    this.#window = window;
    settle(window, this.#place);
    window.on('close', (event) => {
      keepPlace(window, this.#place);
      if (!this.#events.mayClose()) event.preventDefault();
    });
    window.on('closed', () => (this.#window = undefined));
    window.webContents.on('render-process-gone', (_event, { reason }) => {
      if (reason !== 'clean-exit') void this.#revive(window, reason);
    });
    window.webContents.once('did-finish-load', () => markWindow());
    window.loadURL(START_PAGE).catch((error: unknown) => this.#events.onPageGone(String(error)));
    return window;
  }

  /** The runs are not in that process: the page is simply loaded again, where it was. */
  async #revive(window: BrowserWindow, reason: string): Promise<void> {
    this.#events.onPageGone(reason);
    const again = this.#reloads.take(performance.now()) || (await this.ask(pageGone(reason))) === OPEN_AGAIN;
    if (!again) this.#events.quit();
    else if (!window.isDestroyed()) window.reload();
  }
}

function pageGone(reason: string): MessageBoxOptions {
  return {
    type: 'error',
    title: 'Caduceus',
    message: 'The window keeps failing.',
    detail:
      `Its process ended again and again (${reason}). Runs that train are not in it and go on. ` +
      'Close other programs if memory is short, and open it again. When that does not help, ' +
      'Help → Export Diagnostics… writes what a report of the problem needs.',
    buttons: ['Open again', 'Quit'],
    defaultId: OPEN_AGAIN,
    cancelId: OPEN_AGAIN,
    noLink: true,
  };
}
