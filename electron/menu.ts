/** The native menu. Accelerators are those of the platform; screens are gone to by the window's own addresses. */
import type { MenuItemConstructorOptions } from 'electron';

export interface MenuActions {
  /** A screen of the window: `#/devices`. */
  go(route: string): void;
  openPalette(): void;
  openDataFolder(): void;
  exportDiagnostics(): void;
  about(): void;
}

export function menuTemplate(actions: MenuActions, isMac: boolean, isPackaged: boolean): MenuItemConstructorOptions[] {
  const screen = (label: string, route: string, accelerator: string): MenuItemConstructorOptions => ({
    label,
    accelerator,
    click: () => actions.go(route),
  });
  const settings = screen('Settings…', '#/settings', 'CmdOrCtrl+,');
  const about: MenuItemConstructorOptions = { label: 'About Caduceus', click: actions.about };
  const application: MenuItemConstructorOptions = {
    role: 'appMenu',
    submenu: [
      about,
      { type: 'separator' },
      settings,
      { type: 'separator' },
      { role: 'hide' },
      { role: 'hideOthers' },
      { role: 'unhide' },
      { type: 'separator' },
      { role: 'quit' },
    ],
  };
  return [
    ...(isMac ? [application] : []),
    {
      label: '&File',
      submenu: [
        screen('New Experiment', '#/experiment', 'CmdOrCtrl+N'),
        screen('Devices', '#/devices', 'CmdOrCtrl+D'),
        ...(isMac ? [] : [{ type: 'separator' } as const, settings]),
        { type: 'separator' },
        isMac ? { role: 'close' } : { role: 'quit' },
      ],
    },
    { role: 'editMenu' },
    {
      label: '&View',
      submenu: [
        screen('Runs', '#/runs', 'CmdOrCtrl+1'),
        screen('Compare', '#/compare', 'CmdOrCtrl+2'),
        screen('Simulate', '#/simulate', 'CmdOrCtrl+3'),
        // The window listens for the keys itself; the menu only shows them.
        {
          label: 'Command Palette',
          accelerator: 'CmdOrCtrl+K',
          registerAccelerator: false,
          click: actions.openPalette,
        },
        { type: 'separator' },
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { role: 'togglefullscreen' },
        // Loading the page again would only lose what is half typed; it is for those who build Caduceus.
        ...(isPackaged ? [] : ([{ role: 'reload' }, { role: 'toggleDevTools' }] as const)),
      ],
    },
    { role: 'windowMenu' },
    {
      role: 'help',
      submenu: [
        { label: 'Open Data Folder', click: actions.openDataFolder },
        { label: 'Export Diagnostics…', click: actions.exportDiagnostics },
        ...(isMac ? [] : [{ type: 'separator' } as const, about]),
      ],
    },
  ];
}
