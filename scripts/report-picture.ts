/**
 * `npm run pictures`: the pictures in docs/images, light and dark, of the first screen of a comparison
 * report. Without arguments it runs `demo`; with runs of CADUCEUS_HOME as arguments it reports those.
 * It needs a Chromium: CHROMIUM names the program.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from './source-tree.ts';

const SIZE = { width: 1280, height: 900 };
const SCHEMES = ['light', 'dark'] as const;
const MAX_BYTES = 300_000;
const START_MS = 30_000;
const ANSWER_MS = 30_000;
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--no-first-run',
  '--hide-scrollbars',
  '--remote-debugging-port=0',
];

interface Answer {
  id?: number;
  method?: string;
  error?: { message: string };
  result?: Record<string, unknown>;
}

/** The page's DevTools protocol: one question at a time, and events that are waited for by name. */
class Page {
  readonly #socket: WebSocket;
  #id = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  static async open(url: string): Promise<Page> {
    const socket = new WebSocket(url);
    await within(START_MS, 'the DevTools connection', (done, failed) => {
      socket.onopen = () => done(undefined);
      socket.onerror = () => failed(new Error(`no connection to ${url}`));
    });
    return new Page(socket);
  }

  ask(method: string, params: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    const id = ++this.#id;
    return within(ANSWER_MS, method, (done, failed) => {
      this.#listen((answer) => {
        if (answer.id !== id) return false;
        if (answer.error) failed(new Error(`${method}: ${answer.error.message}`));
        else done(answer.result ?? {});
        return true;
      });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }

  event(name: string): Promise<undefined> {
    return within(ANSWER_MS, name, (done) => {
      this.#listen(({ method }) => {
        if (method !== name) return false;
        done(undefined);
        return true;
      });
    });
  }

  close(): void {
    this.#socket.close();
  }

  /** Until `take` says that this was it. */
  #listen(take: (answer: Answer) => boolean): void {
    const listener = ({ data }: MessageEvent): void => {
      if (take(JSON.parse(String(data)) as Answer)) this.#socket.removeEventListener('message', listener);
    };
    this.#socket.addEventListener('message', listener);
  }
}

function within<T>(
  milliseconds: number,
  what: string,
  work: (done: (value: T) => void, failed: (error: Error) => void) => void,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const tooLate = setTimeout(() => reject(new Error(`${what} did not come`)), milliseconds);
    const settle = <V>(then: (value: V) => void) => {
      return (value: V): void => {
        clearTimeout(tooLate);
        then(value);
      };
    };
    work(settle(resolve), settle(reject));
  });
}

function caduceus(...args: string[]): unknown {
  const command = [join(ROOT, 'scripts', 'run.mjs'), 'scripts/caduceus.ts', ...args, '--json'];
  const { status, stdout } = spawnSync(process.execPath, command, {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`caduceus ${args.join(' ')} failed: ${stdout}`);
  return JSON.parse(stdout);
}

/** The path of the comparison's HTML file. */
function report(runs: readonly string[], directory: string): string {
  if (runs.length === 0) return (caduceus('demo', '--out', directory) as { report: string }).report;
  const { files } = caduceus('report', ...runs, '--out', directory) as { files: string[] };
  if (files[0] === undefined) throw new Error('no report was written');
  return files[0];
}

/** The address of the first page's DevTools protocol. */
async function pageAddress(browser: ChildProcess): Promise<string> {
  const browserUrl = await within<string>(START_MS, 'the DevTools address', (done, failed) => {
    let text = '';
    browser.once('error', failed);
    browser.once('exit', (code) => failed(new Error(`the browser ended with exit code ${code}: ${text.slice(-500)}`)));
    browser.stderr?.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      const found = /DevTools listening on (ws:\/\/\S+)/.exec(text)?.[1];
      if (found !== undefined) done(found);
    });
  });
  const pages = (await (await fetch(`http://${new URL(browserUrl).host}/json/list`)).json()) as {
    type: string;
    webSocketDebuggerUrl: string;
  }[];
  const page = pages.find(({ type }) => type === 'page');
  if (page === undefined) throw new Error('the browser has no page');
  return page.webSocketDebuggerUrl;
}

async function shoot(page: Page, scheme: (typeof SCHEMES)[number], url: string): Promise<Buffer> {
  await page.ask('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
  const loaded = page.event('Page.loadEventFired');
  await page.ask('Page.navigate', { url });
  await loaded;
  const { data } = await page.ask('Page.captureScreenshot', { format: 'png' });
  return Buffer.from(data as string, 'base64');
}

const scratch = mkdtempSync(join(tmpdir(), 'caduceus-pictures-'));
let browser: ChildProcess | undefined;
try {
  const url = pathToFileURL(report(process.argv.slice(2), scratch)).href;
  browser = spawn(
    process.env['CHROMIUM'] ?? 'chromium',
    [...FLAGS, `--user-data-dir=${join(scratch, 'profile')}`, 'about:blank'],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const page = await Page.open(await pageAddress(browser));
  await page.ask('Page.enable');
  await page.ask('Emulation.setDeviceMetricsOverride', { ...SIZE, deviceScaleFactor: 1, mobile: false });
  const directory = join(ROOT, 'docs', 'images');
  mkdirSync(directory, { recursive: true });
  for (const scheme of SCHEMES) {
    const picture = await shoot(page, scheme, url);
    if (picture.length > MAX_BYTES) throw new Error(`the ${scheme} picture has ${picture.length} bytes`);
    const path = join(directory, `report-${scheme}.png`);
    writeFileSync(path, picture);
    console.log(`${path}: ${picture.length} bytes`);
  }
  page.close();
} finally {
  if (browser?.exitCode === null && browser.kill()) await new Promise((ended) => browser?.once('exit', ended));
  rmSync(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
