/**
 * A copy of the working tree in which bugs are planted one at a time, and the tests that must notice.
 *
 * A bug is caught when a test that passes without it fails with it: a test file that cannot even be
 * loaded, or that never ends, catches nothing.
 */
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PlantedBug, plantedIn } from './bug.ts';

const COPIED = ['main', 'scripts', 'resources', 'package.json', 'vitest.config.ts'];
const COPIED_CONFIGURATION = /^tsconfig.*\.json$/;
const TIME_LIMIT_MS = 240_000;

/** What vitest's JSON reporter says, as far as it is read here. */
interface Report {
  numTotalTests: number;
  testResults: { name: string; message: string; assertionResults: { status: string; fullName: string }[] }[];
}

export interface Outcome {
  caught: boolean;
  /** The test that failed first, or what went wrong instead. */
  by: string;
  seconds: number;
}

export class Workshop {
  readonly folder: string;
  readonly #vitest: string;

  private constructor(folder: string, root: string) {
    this.folder = folder;
    this.#vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  }

  static async open(root: string): Promise<Workshop> {
    const folder = await mkdtemp(join(tmpdir(), 'caduceus-planted-bugs-'));
    const configuration = (await readdir(root)).filter((name) => COPIED_CONFIGURATION.test(name));
    const filter = (path: string): boolean => !path.includes('resources/worker');
    for (const name of [...COPIED, ...configuration]) {
      await cp(join(root, name), join(folder, name), { recursive: true, filter });
    }
    // A folder of its own, so that caches that are kept in it are nobody else's.
    await mkdir(join(folder, 'node_modules'));
    for (const name of await readdir(join(root, 'node_modules'))) {
      if (name.startsWith('.')) continue;
      await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name), 'junction');
    }
    return new Workshop(folder, root);
  }

  async close(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  /** @throws when the tests do not pass as they are: nothing could be told from their failing. */
  async checkTests(tests: readonly string[]): Promise<void> {
    const { failed } = await this.#run(tests, false);
    if (failed !== undefined) throw new Error(`without any planted bug, a test fails: ${failed}`);
  }

  async plant(bug: PlantedBug): Promise<Outcome> {
    const path = join(this.folder, bug.file);
    const source = await readFile(path, 'utf8');
    const startedMs = performance.now();
    await writeFile(path, plantedIn(source, bug));
    try {
      const { failed, broken } = await this.#run(bug.tests, true);
      const seconds = (performance.now() - startedMs) / 1000;
      if (broken !== undefined) return { caught: false, by: broken, seconds };
      return { caught: failed !== undefined, by: failed ?? 'nothing', seconds };
    } finally {
      await writeFile(path, source);
    }
  }

  async #run(tests: readonly string[], bail: boolean): Promise<{ failed?: string; broken?: string }> {
    const file = join(this.folder, 'report.json');
    await rm(file, { force: true });
    const options = ['--maxWorkers=1', '--no-cache', ...(bail ? ['--bail=1'] : [])];
    const output = await this.#vitestRun([...tests, ...options], { CADUCEUS_TEST_REPORT: file });
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text === undefined) return { broken: output.at(-1) ?? 'no report', failed: output.join('\n') };
    const report = JSON.parse(text) as Report;
    const failure = report.testResults.flatMap(({ assertionResults }) => assertionResults);
    const failed = failure.find(({ status }) => status === 'failed')?.fullName;
    if (failed !== undefined) return { failed };
    if (report.numTotalTests > 0 && report.testResults.every(({ message }) => message === '')) return {};
    const why = report.testResults.map(({ message }) => message).join(' ') || 'there are no tests';
    return { broken: `did not load: ${why.split('\n')[0]}`, failed: why };
  }

  /** The output's last lines. */
  #vitestRun(args: readonly string[], environment: Record<string, string>): Promise<string[]> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [this.#vitest, 'run', ...args], {
        cwd: this.folder,
        env: { ...process.env, ...environment, NO_COLOR: '1' },
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: TIME_LIMIT_MS,
      });
      let text = '';
      const take = (chunk: Buffer): void => void (text = (text + chunk.toString()).slice(-4000));
      child.stdout.on('data', take);
      child.stderr.on('data', take);
      child.on('error', reject);
      child.on('close', (_code, signal) => {
        const lines = text.split('\n').filter((line) => line.trim() !== '');
        resolve(signal === null ? lines : [...lines, `stopped after ${TIME_LIMIT_MS / 1000} s`]);
      });
    });
  }
}
