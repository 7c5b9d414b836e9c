/** The bundled desktop shell as a process, with a stand-in for Electron, and its user in the test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll } from 'vitest';
import type { JobStarted, JobView } from '../main/core/api.ts';
import { ROOT } from '../scripts/source-tree.ts';
import type { Ended } from './cli-program.ts';
import type { Seen, UserAct } from './electron-stand-in.fixture.ts';

const STAND_IN = pathToFileURL(join(ROOT, 'tests', 'electron-stand-in.fixture.ts')).href;
const SHELL = join(ROOT, 'dist', 'electron', 'main.cjs');
/** A busy host takes its time. */
const PATIENCE_MS = 90_000;

type OfKind<Kind extends Seen['kind']> = Seen & { kind: Kind };

const started = new Set<ChildProcess>();
afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
});

export class DrivenShell {
  readonly ended: Promise<Ended>;
  readonly seen: Seen[] = [];
  readonly #child: ChildProcess;
  #waiting: (() => void)[] = [];
  #asked = 0;
  #stderr = '';

  /** @param folder an empty one, for all that it keeps; `home` in it is the control plane's. */
  constructor(
    folder: string,
    { args = [], env = {} }: { args?: readonly string[]; env?: Readonly<Record<string, string>> } = {},
  ) {
    this.#child = spawn(process.execPath, ['--import', STAND_IN, SHELL, ...args], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, CADUCEUS_HOME: join(folder, 'home'), STAND_IN_APP_DATA: folder, ...env },
    });
    started.add(this.#child);
    let stdout = '';
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    this.#child.on('message', (seen: Seen) => {
      this.seen.push(seen);
      for (const look of this.#waiting.splice(0)) look();
    });
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => {
        started.delete(this.#child);
        resolve({ code, signal, stdout, stderr: this.#stderr });
        for (const look of this.#waiting.splice(0)) look();
      });
    });
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  does(act: UserAct): void {
    this.#child.send(act);
  }

  /** The first thing of this kind, from the `from`th on, that is as wanted. @throws when it never comes */
  async sees<Kind extends Seen['kind']>(
    kind: Kind,
    isWanted: (seen: OfKind<Kind>) => boolean = () => true,
    from = 0,
  ): Promise<OfKind<Kind>> {
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      const found = this.seen.slice(from).find((seen) => seen.kind === kind && isWanted(seen as OfKind<Kind>));
      if (found !== undefined) return found as OfKind<Kind>;
      if (!started.has(this.#child) || performance.now() > end) {
        throw new Error(`no such ${kind}; there was ${JSON.stringify(this.seen)}, and it said: ${this.#stderr}`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, PATIENCE_MS);
        this.#waiting.push(() => (clearTimeout(timer), resolve()));
      });
    }
  }

  /** What an expression of the page's comes to. */
  async page<T>(code: string): Promise<T> {
    const id = (this.#asked += 1);
    this.does({ kind: 'page', id, code });
    return (await this.sees('page', (seen) => seen.id === id)).value as T;
  }

  /** What a call answers that the page makes over its bridge. @throws when it is an error */
  async call<T>(name: string, input: unknown = {}): Promise<T> {
    const answer = await this.page<{ ok: boolean; value: T }>(
      `window.caduceus.call(${JSON.stringify(name)}, ${JSON.stringify(input)})`,
    );
    if (!answer.ok) throw new Error(JSON.stringify(answer));
    return answer.value;
  }

  /** The window is there and its page has an answer of the control plane's. */
  async isOpen(): Promise<void> {
    await this.sees('window', ({ state }) => state === 'shown');
    await this.call('app.info');
  }
}

/** Trains for as long as it is let. */
const ENDLESS = {
  policy: 'bsp',
  model: 'mlp-109k',
  dataset: { name: 'digits', trainRows: 400, testRows: 50 },
  validationRows: 50,
  workers: { local: 1, engine: 'wasm' },
  stop: { maxSeconds: 3600 },
};

/** Starts a run, as the page would. @returns its identifier once it trains */
export async function training(shell: DrivenShell): Promise<string> {
  const { job } = await shell.call<JobStarted>('runs.start', { config: ENDLESS });
  const started = `(async () => {
    for (;;) {
      const { value } = await window.caduceus.call('jobs.list', {});
      const job = value.find(({ id }) => id === '${job}');
      if (job.state !== 'running') return job;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })()`;
  const { outcome, error } = await shell.page<JobView>(started);
  if (outcome?.kind !== 'run') throw new Error(error?.message ?? 'it did not start');
  return outcome.run;
}
