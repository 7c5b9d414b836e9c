/** One supervised agent on a device: its start, what it tells, its end; each a program there. */
import { createHash, randomBytes } from 'node:crypto';
import { CaduceusError } from '../../core/errors.ts';
import { oneLine } from '../../core/plain-text.ts';
import type { Remote } from '../ssh/remote.ts';
import type { Installation } from './deployment.ts';
import { linesOf } from './device-failure.ts';
import { deviceProgram } from './device-program.ts';

export interface AgentStart {
  run: string;
  worker: string;
  /** The controller: agents of its earlier runs are stale. */
  owner: string;
  /** One line of JSON, with a token in it. */
  ticket: string;
  memoryMiB?: number;
}

export interface AgentEnd {
  /** Exit code as a shell tells it; -1: the supervisor is gone without a last word, as after a power cut. */
  code: number;
  why: string;
}

/** Behind whatever else its user does with the device. */
const NICENESS = 5;
/** Node's own start on a slow card. */
const ACCEPT_SECONDS = 60;
const START_MS = 120_000;
const STOP_MS = 30_000;
const MAX_LINE_CHARACTERS = 1000;
/** A watch says something every second; without a word for this long its line is dead. */
const SILENT_MS = 15_000;

/** Names the run's directory on the device; workers may have names that no file should have. */
export function runDirectory(run: string, worker: string): string {
  const digest = createHash('sha256').update(`${run}\0${worker}`).digest('hex').slice(0, 12);
  return `${run.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 64)}-${digest}`;
}

/**
 * Answers once the agent has accepted its ticket, with its process number.
 * @throws CAD-WORKER-START, CAD-DEVICE-TAMPERED, CAD-DEVICE-BUSY, CAD-DEVICE-DISK, CAD-SSH-…
 */
export async function startAgent(
  remote: Remote,
  { directory, version }: Installation,
  { run, worker, owner, ticket, memoryMiB = 0 }: AgentStart,
  signal?: AbortSignal,
): Promise<{ pid: number; supervision: string }> {
  const what = 'start the agent';
  const name = runDirectory(run, worker);
  const result = await remote.run(deviceProgram('start'), {
    args: [directory, version, name, run, owner, NICENESS, memoryMiB, ACCEPT_SECONDS].map(String),
    what,
    stdin: `${ticket}\n`,
    timeoutMs: START_MS,
    ...(signal && { signal }),
  });
  const lines = linesOf(result, what);
  const pid = Number(/^accepted (\d+)$/.exec(lines.at(-1) ?? '')?.[1]);
  if (!Number.isInteger(pid)) {
    throw new CaduceusError(
      'CAD-WORKER-START',
      'the device did not say that the agent runs',
      'Look at: caduceus logs NAME',
    );
  }
  const supervision = lines.find((line) => line.startsWith('supervised ')) ?? '';
  return { pid, supervision: oneLine(supervision) };
}

export interface AgentWatch {
  /** How the agent ended; undefined when the connection ended first. */
  readonly whenOver: Promise<AgentEnd | undefined>;
  stop(): void;
}

/** Follows the log of an agent, from its last `lines` on, and its state. @throws CAD-SSH-… */
export async function watchAgent(
  remote: Remote,
  directory: string,
  name: string,
  lines: number,
  onLine: (line: string) => void,
): Promise<AgentWatch> {
  const mark = randomBytes(16).toString('hex');
  const args = [`${directory}/runs/${name}`, String(lines), mark];
  const process = await remote.open(deviceProgram('watch'), { what: 'follow the agent', args });
  let end: AgentEnd | undefined;
  let partial = '';
  let timer: NodeJS.Timeout | undefined;
  const listen = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => process.kill(), SILENT_MS);
  };
  listen();
  process.stderr.resume();
  process.stdin.on('error', () => undefined);
  process.stdout.setEncoding('utf8');
  process.stdout.on('data', (text: string) => {
    listen();
    const parts = (partial + text).split('\n');
    partial = (parts.pop() ?? '').slice(-MAX_LINE_CHARACTERS);
    for (const line of parts) {
      if (!line.startsWith(`${mark} `)) onLine(oneLine(line, MAX_LINE_CHARACTERS));
      else end = endOf(line.slice(mark.length + 1)) ?? end;
    }
  });
  return {
    whenOver: process.exited.then(() => {
      clearTimeout(timer);
      return end;
    }),
    stop: () => process.kill(),
  };
}

function endOf(status: string): AgentEnd | undefined {
  const found = /^ended (-?\d+) (.*)$/.exec(status);
  return found ? { code: Number(found[1]), why: oneLine(found[2] ?? '') } : undefined;
}

/** Ends one agent, or all of ours; answers with the run directories whose agents it ended. @throws CAD-SSH-… */
export async function stopAgents(remote: Remote, directory: string, name = ''): Promise<string[]> {
  const what = 'stop the agent';
  const result = await remote.run(deviceProgram('stop'), { args: [directory, name], what, timeoutMs: STOP_MS });
  return linesOf(result, what).flatMap((line) => /^stopped (\S+)$/.exec(line)?.[1] ?? []);
}

/** Removes everything of ours; answers with how many entries of others keep the directory. @throws CAD-SSH-… */
export async function uninstall(remote: Remote, directory: string): Promise<number> {
  const what = 'remove Caduceus from the device';
  const result = await remote.run(deviceProgram('uninstall'), { args: [directory], what, timeoutMs: 2 * STOP_MS });
  return Number(/^left (\d+)$/.exec(linesOf(result, what).at(-1) ?? '')?.[1] ?? 0);
}

/** The newest lines of the newest run's log, then each new one until `signal`. @throws CAD-SSH-… */
export async function followLog(
  remote: Remote,
  directory: string,
  { lines, follow }: { lines: number; follow: boolean },
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const what = 'read the log of the agent';
  const ask = async (kind: 'name' | 'lines'): Promise<string[]> => {
    const args = [directory, String(lines), kind];
    const options = { args, what, timeoutMs: STOP_MS, maxStdoutBytes: 4 * 2 ** 20, signal };
    return linesOf(await remote.run(deviceProgram('logs'), options), what);
  };
  for (const line of await ask('lines')) onLine(oneLine(line, MAX_LINE_CHARACTERS));
  if (!follow) return;
  const [name] = await ask('name');
  if (name === undefined) return;
  const watch = await watchAgent(remote, directory, name, 0, onLine);
  const stop = (): void => watch.stop();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  await watch.whenOver;
  signal.removeEventListener('abort', stop);
}
