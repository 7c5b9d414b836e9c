/** The command line as a child process, with a data directory and a working directory of its own; and its commands alone. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, expect } from 'vitest';
import { runCommand } from '../main/cli/command.ts';
import type { ErrorReport } from '../main/core/errors.ts';
import type { RunRecord, RunResult } from '../main/core/metrics.ts';

export const ROOT = dirname(import.meta.dirname);
const PROGRAM = join(ROOT, 'scripts', 'caduceus.ts');
/** Compiling its sources is most of the program's start, and the program starts often here. */
const COMPILED = join(tmpdir(), `caduceus-compiled-${process.getuid?.() ?? ''}`);

/** Two workers and little data; the engine is named, so that only this one is tried out. */
export const SMALL = [
  ...['--workers', 'local:2', '--engine', 'wasm'],
  ...['--train-rows', '2000', '--test-rows', '500', '--validation-rows', '300'],
];

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

const WITHOUT_POWERS = ['setpriv', '--inh-caps=-all', '--bounding-set=-all'];

export interface StartOptions {
  home: string;
  /** Working directory; the home when left out. */
  cwd?: string;
  /** Root may do no more than the modes of files allow. */
  powerless?: boolean;
  /** In a process group of its own, as a shell starts it. */
  inGroup?: boolean;
  /** On top of the test's own environment. */
  env?: Readonly<Record<string, string>>;
}

/** A run of the program; killed, should it still live, when the file's tests are over. */
export class Program {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  stdout = '';
  stderr = '';

  constructor(
    args: readonly string[],
    { home, cwd = home, powerless = false, inGroup = false, env = {} }: StartOptions,
  ) {
    const { CI: _ci, ...environment } = process.env;
    const [command = '', ...rest] = [...(powerless ? WITHOUT_POWERS : []), process.execPath, PROGRAM, ...args];
    this.child = spawn(command, rest, {
      cwd,
      detached: inGroup,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...environment, NODE_COMPILE_CACHE: COMPILED, CADUCEUS_HOME: home, ...env },
    });
    started.add(this.child);
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.ended = new Promise((resolve, reject) => {
      this.child.on('error', reject);
      this.child.on('close', (code, signal) => {
        started.delete(this.child);
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr });
      });
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Resolves when standard error has this text. @throws when the program ends, or a minute passes, without it. */
  said(text: string): Promise<void> {
    return this.until(() => this.stderr.includes(text), `"${text}"`);
  }

  async until(holds: () => boolean, what: string): Promise<void> {
    const deadline = performance.now() + 60_000;
    while (!holds()) {
      if (performance.now() > deadline || this.child.exitCode !== null) {
        throw new Error(`it never came to ${what} but said: ${this.stderr}`);
      }
      await pause(10);
    }
  }

  /** What Ctrl-C at a terminal does: every process of the group gets the signal. */
  signalGroup(signal: NodeJS.Signals): void {
    process.kill(-this.pid, signal);
  }

  /** Processes it started that are alive, oldest first. */
  children(): Process[] {
    return childrenOf(this.pid);
  }

  /** Ids of its worker agents that are alive, oldest first. */
  agents(): number[] {
    return agentsOf(this.pid);
  }
}

const started = new Set<ChildProcess>();
const directories: string[] = [];

afterAll(async () => {
  for (const child of started) child.kill('SIGKILL');
  await Promise.all([...started].map((child) => new Promise((resolve) => child.once('close', resolve))));
  for (const directory of directories) rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
});

/** An empty directory; removed when the file's tests are over. */
export function temporary(): string {
  const directory = mkdtempSync(join(tmpdir(), 'caduceus-cli-'));
  directories.push(directory);
  return directory;
}

export function caduceus(args: readonly string[], options: StartOptions): Promise<Ended> {
  return new Program(args, options).ended;
}

/**
 * The same command in this process, whose output is what it would print: for what a command answers, where nothing is said of
 * the program. It is to be given `--json`, and may not wait for a signal.
 */
export async function command(args: readonly string[], { home, env = {} }: Pick<StartOptions, 'home' | 'env'>) {
  const { CI: _ci, ...environment } = process.env;
  const ended: Ended = { code: null, signal: null, stdout: '', stderr: '' };
  const stderr = new Writable({
    write(chunk: Buffer, _encoding, done) {
      ended.stderr += chunk.toString();
      done();
    },
  });
  ended.code = await runCommand([...args], {
    print: (text) => void (ended.stdout += text),
    stderr: stderr as Writable & NodeJS.WriteStream,
    environment: { ...environment, CADUCEUS_HOME: home, ...env },
    onExit: () => undefined,
  });
  return ended;
}

/** The window's host; its address is the one line of standard output. */
export async function startServing(options: StartOptions): Promise<Program> {
  const program = new Program(['serve', '--no-open', '--json'], options);
  await program.until(() => program.stdout.includes('\n'), 'its address');
  return program;
}

/** What the program answers, when it must succeed. */
export async function answerOf<T>(args: readonly string[], options: StartOptions): Promise<T> {
  return successOf<T>(await caduceus([...args, '--json'], options));
}

/** What the command answers in this process, when it must succeed. */
export async function answerHere<T>(args: readonly string[], options: { home: string }): Promise<T> {
  return successOf<T>(await command([...args, '--json'], options));
}

function successOf<T>(ended: Ended): T {
  expect(ended, ended.stderr).toMatchObject({ code: 0, signal: null });
  return onlyDocument(ended.stdout) as T;
}

/** Standard output must be one JSON document on one line, and nothing else. */
export function onlyDocument(stdout: string): unknown {
  expect(stdout).toMatch(/^\{.*\}\n$/);
  return JSON.parse(stdout);
}

/** Standard output must be one error with the three fields of the contract, and nothing else. */
export function onlyError({ stdout }: Ended): ErrorReport {
  const document = onlyDocument(stdout) as { error: ErrorReport };
  expect(Object.keys(document)).toEqual(['error']);
  expect(Object.keys(document.error).sort()).toEqual(['code', 'message', 'remedy']);
  for (const text of Object.values(document.error)) expect(text).toMatch(/\S/);
  return document.error;
}

export type Records<K extends RunRecord['type']> = (RunRecord & { type: K })[];

/** What the JSON report says of one run. */
export interface ReportedRun {
  run: string;
  name: string | null;
  status: string;
  result: RunResult | null;
  error: ErrorReport | null;
  records: {
    iterations: Records<'iteration'>;
    pushes: Records<'push'>;
    traffic: Records<'traffic'>;
    incidents: Records<'incident'>;
    evaluations: Records<'evaluation'>;
  };
}

export async function reported(run: string, home: string): Promise<ReportedRun> {
  const { files } = await answerHere<{ files: string[] }>(['report', run, '--format', 'json', '--out', temporary()], {
    home,
  });
  const { runs } = JSON.parse(readFileSync(files[0] ?? '', 'utf8')) as { runs: ReportedRun[] };
  return runs[0] as ReportedRun;
}

export interface Process {
  pid: number;
  parent: number;
  command: string;
}

/** Processes that live, as far as Linux tells: the dead that nobody has buried are left out. */
function processes(): Process[] {
  const numbers = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return numbers.flatMap((name) => {
    try {
      const [, state, parent] = /^\d+ \(.*\) (\S) (\d+)/s.exec(readFileSync(`/proc/${name}/stat`, 'utf8')) ?? [];
      if (state === 'Z') return [];
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0').join(' ').trim();
      return [{ pid: Number(name), parent: Number(parent), command }];
    } catch {
      return []; // ended in between
    }
  });
}

function childrenOf(pid: number): Process[] {
  return processes().filter(({ parent }) => parent === pid);
}

/** Ids of the worker agents that a process has started and that are alive, oldest first. */
export function agentsOf(pid: number): number[] {
  return childrenOf(pid)
    .filter(({ command }) => command.endsWith('agent.cjs'))
    .map((agent) => agent.pid);
}

/** Those of these processes that are still alive. */
export function alive(pids: readonly number[]): number[] {
  const living = new Set(processes().map(({ pid }) => pid));
  return pids.filter((pid) => living.has(pid));
}

/** @throws when one of these processes is still alive after `withinMs`. */
export async function haveEnded(pids: readonly number[], withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (alive(pids).length > 0 && performance.now() < deadline) await pause(20);
  expect(alive(pids)).toEqual([]);
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
