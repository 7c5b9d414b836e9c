/** The tray: what is training while the window is closed, and the ways back in and out. */
import { Menu, nativeImage, Tray } from 'electron';

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

  /** There while something trains without a window; a second call only changes its words. */
  show(text: string): void {
    if (this.#tray === undefined) {
      const icon = nativeImage.createFromPath(this.#icon).resize({ width: ICON_PX, height: ICON_PX });
      this.#tray = new Tray(icon);
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
