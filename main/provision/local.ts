/** Worker agents as processes of this machine, each held to its own share of a core. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CaduceusError } from '../core/errors.ts';
import type { Throttle } from '../core/protocol/join-ticket.ts';
import type { AgentExit, Launched, Launcher, LaunchSpec } from './launcher.ts';
import { LineRing } from './line-ring.ts';
import { type CpuQuota, createCpuQuota, percent, removeLeftoverQuotas } from './local-cpu-quota.ts';

export interface LocalLauncherOptions {
  /** The bundled agent. */
  agent?: string;
  /** The Node that runs it. */
  node?: string;
  /** False: hold workers back by a duty cycle even where quotas work. */
  quotas?: boolean;
}

/** Node's own start at a small share of a core takes seconds. */
const START_MS = 60_000;
/** From SIGTERM to SIGKILL. */
const STOP_MS = 2000;
const QUOTED_LINES = 5;
/** What the agent says on standard output once it has accepted its ticket. */
const ACCEPTED = 'accepted';

export function bundledAgent(): string {
  return join(dirname(dirname(import.meta.dirname)), 'resources', 'worker', 'agent.cjs');
}

export class LocalLauncher implements Launcher {
  readonly #agent: string;
  readonly #node: string;
  readonly #quotas: boolean;

  constructor({ agent = bundledAgent(), node = process.execPath, quotas = true }: LocalLauncherOptions = {}) {
    this.#agent = agent;
    this.#node = node;
    this.#quotas = quotas;
    if (quotas) removeLeftoverQuotas();
  }

  async launch({ ticket, speed, signal }: LaunchSpec): Promise<Launched> {
    if (!existsSync(this.#agent)) {
      throw new CaduceusError('CAD-WORKER-START', `there is no agent at ${this.#agent}`, 'Build it: npm run build');
    }
    const child = spawn(this.#node, [this.#agent], { stdio: ['pipe', 'pipe', 'pipe'], env: agentEnvironment() });
    const log = new LineRing(child.stderr);
    const exited = exitOf(child);
    const takeBack = (): void => void child.kill('SIGKILL');
    signal?.addEventListener('abort', takeBack, { once: true });
    let quota: CpuQuota | undefined;
    try {
      const pid = await pidOf(child);
      // The process does nothing before it has its ticket, so all its work is under the quota.
      quota = speed !== undefined && this.#quotas ? quotaFor(ticket.worker, speed, pid) : undefined;
      const throttle = throttleFor(speed, quota);
      child.stdin.on('error', () => undefined); // gone already: `exited` tells
      child.stdin.write(`${JSON.stringify({ ...ticket, ...(throttle && { throttle }) })}\n`);
      await acceptance(child, exited);
      if (quota) void exited.then(() => quota?.remove());
      let stopping: Promise<void> | undefined;
      return {
        worker: ticket.worker,
        pid,
        throttle: throttle?.description,
        exited,
        lastLines: () => log.lines(),
        stop: () => (stopping ??= stop(child, exited, quota)),
      };
    } catch (error) {
      await stop(child, exited, quota);
      signal?.throwIfAborted();
      const complaint = complaintIn(log.lines());
      throw new CaduceusError(
        'CAD-WORKER-START',
        `worker ${ticket.worker} did not start: ${(error as Error).message}${complaint === '' ? '' : ` (${complaint})`}`,
        'Build the agent again: npm run build',
        error,
      );
    } finally {
      signal?.removeEventListener('abort', takeBack);
    }
  }
}

/** The line that names the error in a stack trace; else the last few. */
function complaintIn(lines: readonly string[]): string {
  return lines.findLast((line) => /^\w*Error\b/.test(line)) ?? lines.slice(-QUOTED_LINES).join(' | ');
}

/** What a program needs of its environment, and none of our secrets or settings. */
function agentEnvironment(): NodeJS.ProcessEnv {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'LD_LIBRARY_PATH', 'LANG'];
  return Object.fromEntries(
    kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}

function quotaFor(worker: string, speed: number, pid: number): CpuQuota | undefined {
  const quota = createCpuQuota(`${pid}-${worker.replace(/[^\w-]/g, '_').slice(0, 64)}`, speed);
  try {
    quota?.add(pid);
    return quota;
  } catch {
    void quota?.remove();
    return undefined;
  }
}

function throttleFor(speed: number | undefined, quota: CpuQuota | undefined): Throttle | undefined {
  if (speed === undefined) return undefined;
  if (quota) return { kind: 'cgroup', speed, description: quota.description };
  return { kind: 'duty-cycle', speed, description: `duty cycle ${percent(speed)}` };
}

function pidOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => resolve(child.pid ?? 0));
  });
}

function exitOf(child: ChildProcess): Promise<AgentExit> {
  return new Promise((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
    child.once('error', () => {
      if (child.pid === undefined) resolve({ code: null, signal: null });
    });
  });
}

/** Resolves when the agent has accepted its ticket. */
async function acceptance(child: ChildProcess, exited: Promise<AgentExit>): Promise<void> {
  let tooLate: NodeJS.Timeout | undefined;
  let text = '';
  const accepted = new Promise<void>((resolve, reject) => {
    tooLate = setTimeout(() => reject(new Error(`it said nothing for ${START_MS / 1000} s`)), START_MS);
    child.stdout?.on('data', (bytes: Buffer) => {
      if (text.length < ACCEPTED.length) text += bytes.toString();
      if (text.startsWith(ACCEPTED)) resolve();
    });
  });
  const died = exited.then(({ code, signal }) => {
    throw new Error(`it ended ${signal === null ? `with exit code ${code}` : `by ${signal}`}`);
  });
  try {
    await Promise.race([accepted, died]);
  } finally {
    clearTimeout(tooLate);
    died.catch(() => undefined);
  }
}

async function stop(child: ChildProcess, exited: Promise<AgentExit>, quota: CpuQuota | undefined): Promise<void> {
  child.kill('SIGTERM');
  const kill = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await exited;
  clearTimeout(kill);
  await quota?.remove();
}
