/** The tray: what is training while the window is closed, and the ways back in and out. */
import { Menu, type NativeImage, nativeImage, Tray } from 'electron';
import { TRAY_TEMPLATE } from './tray-template.ts';

export interface TrayActions {
  open(): void;
  quit(): void;
}

const ICON_PX = 16;

export class RunTray {
  readonly #actions: TrayActions;
  readonly #icon: string;
  #tray: Tray | undefined;

  constructor(icon: string, actions: TrayActions) {
    this.#icon = icon;
    this.#actions = actions;
  }

  get isShown(): boolean {
    return this.#tray !== undefined;
  }

  /** There while something trains without a window; a second call only changes its words. */
  show(text: string): void {
    if (this.#tray === undefined) {
      this.#tray = new Tray(trayImage(this.#icon));
      this.#tray.on('click', this.#actions.open);
    }
    this.#tray.setToolTip(`Caduceus: ${text}`);
    this.#tray.setContextMenu(
      Menu.buildFromTemplate([
        { label: text, enabled: false },
        { type: 'separator' },
        { label: 'Open Caduceus', click: this.#actions.open },
        { label: 'Quit', click: this.#actions.quit },
      ]),
    );
  }

  hide(): void {
    this.#tray?.destroy();
    this.#tray = undefined;
  }
}

/** macOS draws a template in the colour of its menu bar; elsewhere it is the icon. */
function trayImage(icon: string): NativeImage {
  if (process.platform !== 'darwin') {
    return nativeImage.createFromPath(icon).resize({ width: ICON_PX, height: ICON_PX });
  }
  const image = nativeImage.createFromBuffer(Buffer.from(TRAY_TEMPLATE, 'base64'), { scaleFactor: 2 });
  image.setTemplateImage(true);
  return image;
}
