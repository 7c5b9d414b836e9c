/** Sends a version to a device and sees it verified there. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CaduceusError } from '../../core/errors.ts';
import type { Remote } from '../ssh/remote.ts';
import { refuseFailure } from './device-failure.ts';
import { deviceProgram } from './device-program.ts';
import { type Plan, megabytes } from './plan.ts';
import type { RuntimeSource } from './runtime.ts';
import { streamVersion } from './version-stream.ts';

export interface InstallEvents {
  onProgress(sentBytes: number, ofBytes: number): void;
  /** All bytes are there; the device now proves them. */
  onReceived(): void;
}

/** Without a byte taken by the device for this long, the line counts as dead. */
const STALL_MS = 30_000;
/** Even a slow device on a slow line is done by then. */
const LONGEST_MS = 2 * 3_600_000;
/** From a broken stream to the end of its connection. */
const LOSS_MS = 2000;
/** After the last byte: unpacking and SHA-256 on the slowest card. */
const VERIFY_MS = 180_000;

/**
 * Answers with the bytes that were sent.
 * @throws CAD-RUNTIME, CAD-DEVICE-DISK, CAD-DEVICE-TAMPERED, CAD-SSH-LOST, CAD-SSH-TIMEOUT, CAD-CANCELLED
 */
export async function installVersion(
  remote: Remote,
  { directory, version, missing, reused, compressed }: Plan,
  source: RuntimeSource,
  events: InstallEvents,
  signal: AbortSignal,
): Promise<number> {
  const what = 'upload the agent';
  let sent = 0;
  let quiet = false;
  const watchdog = new AbortController();
  const giveUp = (): void => {
    quiet = true;
    watchdog.abort();
  };
  let timer: NodeJS.Timeout | undefined;
  const onBytes = (count: number): void => {
    sent += count;
    clearTimeout(timer);
    timer = setTimeout(giveUp, sent < total ? STALL_MS : VERIFY_MS);
    events.onProgress(Math.min(sent, total), total);
  };
  let total = 0;
  const archive = await streamVersion(version, missing, { compressed, source, onBytes });
  total = archive.bytes;
  timer = setTimeout(giveUp, STALL_MS);
  let output = '';
  try {
    const result = await remote.run(deviceProgram('install'), {
      args: [directory, version.id, compressed ? 'gzip' : 'plain', ...reused.flat()],
      what,
      stdin: archive.stream,
      timeoutMs: LONGEST_MS,
      signal: AbortSignal.any([signal, watchdog.signal]),
      onStdout: (chunk) => {
        output += chunk.toString('utf8');
        if (!output.startsWith('received\n')) return;
        clearTimeout(timer);
        timer = setTimeout(giveUp, VERIFY_MS);
        events.onReceived();
      },
    });
    refuseFailure(output.split('\n'), result, what);
    return sent;
  } catch (error) {
    if (!quiet) throw error instanceof CaduceusError ? error : await reasonOf(error, remote);
    throw new CaduceusError(
      'CAD-SSH-TIMEOUT',
      `the device took nothing for ${STALL_MS / 1000} s after ${megabytes(sent)} of ${megabytes(total)}`,
      'Check its network and its disk, then deploy again.',
      error,
    );
  } finally {
    clearTimeout(timer);
    archive.stream.destroy();
  }
}

/** A stream that broke off did so because of its connection, most often; that one knows why. */
async function reasonOf(error: unknown, remote: Remote): Promise<unknown> {
  return (await Promise.race([remote.whenLost, sleep(LOSS_MS, undefined, { ref: false })])) ?? error;
}
