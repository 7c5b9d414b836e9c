/**
 * The desktop shell's beginning: what must be said to Electron before it is ready, the one instance, and what
 * becomes of a failure. `desktop.ts` puts the rest together.
 */
import { dirname, join } from 'node:path';
import { app, crashReporter, dialog, protocol, shell } from 'electron';
import { CaduceusError } from '../main/core/errors.ts';
import { SCHEME } from './app-protocol.ts';
import { confine } from './confinement.ts';
import { type Desktop, openDesktop } from './desktop.ts';
import { failureText } from './failures.ts';
import { places } from './places.ts';
import { printPdf } from './print.ts';
import { selfTest } from './self-test.ts';

const NAME = 'Caduceus';
const SELF_TEST = process.argv.includes('--self-test');

let desktop: Desktop | undefined;
let isFailing = false;

app.setName(NAME);
// First: the window's state and the one instance are told by it, from a source tree too. Not the folder of the name
// alone, which on macOS and Windows is the control plane's.
if (!app.commandLine.hasSwitch('user-data-dir')) app.setPath('userData', join(app.getPath('appData'), NAME, 'shell'));
app.enableSandbox();
crashReporter.start({ uploadToServer: false });
protocol.registerSchemesAsPrivileged([{ scheme: SCHEME, privileges: { standard: true, secure: true } }]);
confine(app, shell);

process.on('uncaughtException', (error) => void fail(error));
process.on('unhandledRejection', (reason) => note(reason, 'a promise'));
app.on('child-process-gone', (_event, { type, reason, exitCode, name }) => {
  if (reason !== 'clean-exit') note(`${name ?? type}: ${reason} (${exitCode})`, 'a process of Electron');
});

if (app.requestSingleInstanceLock()) {
  app.on('second-instance', () => desktop?.show());
  app.whenReady().then(open).catch(fail);
} else if (SELF_TEST) {
  void fail(new CaduceusError('CAD-BUSY', 'Caduceus is open already', 'Close it, and test again.'));
} else {
  app.quit();
}

async function open(): Promise<void> {
  // The folder of these sources, which bundles are told as well (`scripts/build-app.ts`).
  const root = dirname(import.meta.dirname);
  const parts = places(root, app.isPackaged ? process.resourcesPath : undefined, process.platform);
  desktop = await openDesktop(parts);
  const window = desktop.show();
  if (!SELF_TEST) return;
  const report = await selfTest(window, { programs: parts.programs, printPdf });
  await print(report);
  await desktop.close();
  app.exit(report.ok ? 0 : 1);
}

/** For the diagnostics; before there are any, for whoever started the program. */
function note(error: unknown, where: string): void {
  if (desktop !== undefined) desktop.note(error, where);
  else console.error(`caduceus: ${where}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
}

/** Says what happened and ends; what trains gets its checkpoint first, because the box holds everything up. */
async function fail(error: unknown): Promise<void> {
  note(error, 'the shell');
  if (isFailing) return;
  isFailing = true;
  const title = desktop === undefined ? `${NAME} cannot start` : `${NAME} has to end`;
  try {
    await desktop?.close();
  } catch (second) {
    note(second, 'the end');
  }
  if (SELF_TEST) await print({ ok: false, error: failureText(error) });
  else dialog.showErrorBox(title, failureText(error));
  app.exit(1);
}

/** All of it, before the process ends. */
function print(report: object): Promise<void> {
  return new Promise((resolve) => process.stdout.write(`${JSON.stringify(report)}\n`, () => resolve()));
}
