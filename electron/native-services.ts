/** What the system does for the page: choosing a path, and a copy of a file at a place of the user's choice. */
import { copyFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { app, type BrowserWindow, dialog } from 'electron';
import type { NativeHandlers, OutputFile } from '../main/core/api.ts';
import { CaduceusError } from '../main/core/errors.ts';

/**
 * @param files those that were made for the user: by their identifier, never by a path of the page's choice.
 * @param parent what dialogs belong to.
 */
export function nativeServices(
  files: { find(id: string): OutputFile },
  parent: () => BrowserWindow | undefined,
): NativeHandlers {
  /** Where the last one was put. */
  let folder: string | undefined;
  return {
    'native.handOver': async ({ file }) => {
      const made = files.find(file);
      const options = { defaultPath: join(folder ?? app.getPath('downloads'), made.name) };
      const window = parent();
      const { canceled, filePath } = await (window === undefined
        ? dialog.showSaveDialog(options)
        : dialog.showSaveDialog(window, options));
      if (canceled || filePath === '') return false;
      await copy(made.path, filePath);
      folder = dirname(filePath);
      return true;
    },
    'native.choosePath': async ({ what }) => {
      const options = { properties: [what === 'file' ? ('openFile' as const) : ('openDirectory' as const)] };
      const window = parent();
      const { canceled, filePaths } = await (window === undefined
        ? dialog.showOpenDialog(options)
        : dialog.showOpenDialog(window, options));
      return canceled ? null : (filePaths[0] ?? null);
    },
  };
}

async function copy(from: string, to: string): Promise<void> {
  if (resolve(from) === resolve(to)) return;
  try {
    await copyFile(from, to);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CaduceusError('CAD-OUTPUT', `the file could not be saved: ${why}`, 'Choose another place.', cause);
  }
}
