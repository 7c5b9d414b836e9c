/** Starts a program that goes on: an agent, the tail of a log. */
import { Transform } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import { openProgram } from './bootstrap.ts';
import { cancelled, type Connection } from './connection.ts';
import { MarkedOutput } from './marked-output.ts';
import type { ProgramOptions, RemoteProcess } from './remote.ts';
import { NoiseBudget, noShell, SHELL_TIMEOUT_MS } from './shell-start.ts';

export async function openRemotely(
  connection: Connection,
  channel: ClientChannel,
  mark: string,
  program: string,
  { args = [], what, signal }: ProgramOptions,
): Promise<RemoteProcess> {
  const out = new MarkedOutput(mark);
  const err = new MarkedOutput(mark);
  const noise = new NoiseBudget();
  let code: number | null | undefined;
  let signalName: string | null = null;

  const kill = (): void => {
    if (out.process !== undefined && code === undefined) connection.end(out.process);
    stdout.resume();
    stderr.resume();
    channel.close();
  };
  const exited = new Promise<Awaited<RemoteProcess['exited']>>((resolve) => {
    channel.on('exit', (exitCode: number | null, name?: string) => {
      code = exitCode;
      signalName = name ?? null;
    });
    channel.on('close', () =>
      resolve({ code: code ?? null, signal: signalName, lost: code === undefined && !isKilled }),
    );
  });
  let isKilled = false;
  let onStart: (() => void) | undefined;
  let onFailure: ((error: Error) => void) | undefined;
  const started = new Promise<void>((resolve, reject) => {
    onStart = resolve;
    onFailure = reject;
  });

  const stdout = withoutNoise(out, (chunk) => {
    if (out.hasStarted) onStart?.();
    else if (noise.isSpentBy(chunk))
      onFailure?.(noShell(connection.address, out, err, 'says too much before it starts'));
  });
  const stderr = withoutNoise(err, () => undefined);
  channel.on('error', () => undefined);
  channel.pipe(stdout);
  channel.stderr.pipe(stderr);

  const timer = setTimeout(
    () => onFailure?.(noShell(connection.address, out, err, SHELL_TIMEOUT_MS)),
    SHELL_TIMEOUT_MS,
  );
  const onAbort = (): void => {
    onFailure?.(cancelled(what));
    isKilled = true;
    kill();
  };
  signal?.addEventListener('abort', onAbort);
  if (signal?.aborted) onAbort();
  void exited.then(() => {
    signal?.removeEventListener('abort', onAbort);
    onFailure?.(
      connection.isOpen ? noShell(connection.address, out, err, 'ended', code ?? undefined) : connection.lost(),
    );
    stdout.end();
    stderr.end();
  });

  try {
    await started;
  } catch (error) {
    isKilled = true;
    kill();
    throw error;
  } finally {
    clearTimeout(timer);
  }
  channel.write(openProgram(program, args, mark));
  return {
    stdin: channel,
    stdout,
    stderr,
    exited,
    kill: () => {
      isKilled = true;
      kill();
    },
  };
}

/** Passes on what comes behind the mark, as fast as it is read. */
function withoutNoise(marked: MarkedOutput, onChunk: (chunk: Buffer) => void): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const data = marked.take(chunk);
      onChunk(chunk);
      done(null, data.length > 0 ? data : undefined);
    },
  });
}
