/** The program as a person starts it for a browser: `caduceus serve` as a process, with a data directory of its own. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../source-tree.ts';

/** Compiling the sources and building the window is most of a first start. */
const START_MS = 120_000;
/** It writes checkpoints of what trains. */
const STOP_MS = 30_000;

export class ServedWindow {
  /** Lets in one browser. */
  readonly address: string;
  readonly #child: ChildProcess;
  readonly #log: { text: string };

  private constructor(child: ChildProcess, address: string, log: { text: string }) {
    this.#child = child;
    this.address = address;
    this.#log = log;
  }

  static async start(home: string): Promise<ServedWindow> {
    const command = [join(ROOT, 'scripts', 'run.mjs'), 'scripts/caduceus.ts', 'serve', '--no-open', '--json'];
    const child = spawn(process.execPath, command, {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, CADUCEUS_HOME: home },
    });
    const log = { text: '' };
    child.stderr.setEncoding('utf8').on('data', (part: string) => (log.text += part));
    const address = await firstAddress(child, log);
    return new ServedWindow(child, address, log);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What the program has said on standard error. */
  get log(): string {
    return this.#log.text;
  }

  /** Ids of the worker agents that it has started and that are alive. */
  agents(): number[] {
    const lines = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
    const processes = lines.flatMap((line) => {
      const [, pid, parent, command] = /^ *(\d+) +(\d+) (.*)$/.exec(line) ?? [];
      return command === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command }];
    });
    const ours = new Set([this.pid]);
    // A child may be listed before its parent; two steps lead from the launcher to an agent.
    for (let step = 0; step < 3; step++) for (const { pid, parent } of processes) if (ours.has(parent)) ours.add(pid);
    return processes.filter(({ pid, command }) => ours.has(pid) && command.endsWith('agent.cjs')).map(({ pid }) => pid);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.kill('SIGINT');
    const tooLate = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(tooLate);
  }
}

function firstAddress(child: ChildProcess, log: { text: string }): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      child.kill();
      reject(new Error(`caduceus serve ${why}: ${log.text}`));
    };
    const tooLate = setTimeout(() => fail(`gave no address within ${START_MS / 1000} s`), START_MS);
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      const line = text.split('\n')[0] ?? '';
      if (!text.includes('\n')) return;
      clearTimeout(tooLate);
      resolve((JSON.parse(line) as { address: string }).address);
    });
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code) => {
      clearTimeout(tooLate);
      fail(`ended with exit code ${code}`);
    });
  });
}
