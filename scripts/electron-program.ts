/** Electron's program: the one that the user names, the one that is installed, or one fetched now. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** A download of a hundred megabytes; a network that refuses it does so at once. */
const DOWNLOAD_MS = 300_000;
const MAX_COMPLAINT_CHARACTERS = 4000;

export type Found = { program: string } | { why: string };

const folder = dirname(createRequire(import.meta.url).resolve('electron/package.json'));

/** Where the program is or would be; nothing is fetched. */
export function electronPath(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  const named = join(folder, 'path.txt');
  const own = environment['ELECTRON_OVERRIDE_DIST_PATH'];
  return join(own || join(folder, 'dist'), existsSync(named) ? readFileSync(named, 'utf8') : programName(platform));
}

export async function electronProgram(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): Promise<Found> {
  const own = environment['ELECTRON_OVERRIDE_DIST_PATH'];
  const program = (): string => electronPath(environment, platform);
  if (existsSync(program())) return { program: program() };
  if (own) return { why: `ELECTRON_OVERRIDE_DIST_PATH names a folder without ${program()}` };
  console.error('caduceus: fetching Electron’s binary; this happens once');
  const complaint = await install(join(folder, 'install.js'), environment);
  if (complaint === undefined && existsSync(program())) return { program: program() };
  return { why: `Electron’s binary cannot be fetched (${complaint ?? 'its installer left none'})` };
}

function programName(platform: NodeJS.Platform): string {
  if (platform === 'darwin') return 'Electron.app/Contents/MacOS/Electron';
  return platform === 'win32' ? 'electron.exe' : 'electron';
}

/** Runs Electron's own installer; answers with what it complained of. */
function install(installer: string, environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [installer], {
      stdio: ['ignore', 'ignore', 'pipe'],
      // Node looks at HTTPS_PROXY and its like only when it is told to.
      env: { NODE_USE_ENV_PROXY: '1', ...environment },
      timeout: DOWNLOAD_MS,
      killSignal: 'SIGKILL',
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (said.length < MAX_COMPLAINT_CHARACTERS) said += text;
    });
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => {
      if (code === 0) resolve(undefined);
      else resolve(signal === null ? complaintOf(said, code) : `no end within ${DOWNLOAD_MS / 1000} s`);
    });
  });
}

/** The first line of the installer's stack trace that names an error. */
function complaintOf(said: string, code: number | null): string {
  const line = said.split('\n').find((each) => /\w*Error\b/.test(each));
  if (line?.includes('fetch failed')) return 'its server cannot be reached';
  return line?.trim().replace(/^\w*Error(?: \[\w+\])?: /, '') || `its installer ended with exit code ${code}`;
}
