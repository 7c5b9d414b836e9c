/** A device's own sshd: start, new settings, end. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CaduceusError } from '../../main/core/errors.ts';
import { type deviceFiles, INSIDE } from './device-files.ts';
import { programPath } from './requirements.ts';
import { deviceInside, rootInside } from './sandbox.ts';

const LISTEN_MS = 20_000;
const LISTEN_EVERY_MS = 10;
const QUOTED_CHARACTERS = 400;

type Files = ReturnType<typeof deviceFiles>;

export async function startSshd(files: Files, pid: number, group: string | undefined): Promise<void> {
  const sshd = programPath('sshd') ?? 'sshd';
  const config = `${INSIDE}/etc/sshd_config`;
  await rootInside(pid, [sshd, '-t', '-f', config]);
  rmSync(files.sshdPid, { force: true });
  await deviceInside(pid, [sshd, '-f', config, '-E', `${INSIDE}/sshd.log`], group);
  await listening(files);
}

/** Its number inside the device; undefined when it does not run. */
export function sshdPid(files: Files): number | undefined {
  return existsSync(files.sshdPid) ? Number(readFileSync(files.sshdPid, 'utf8')) : undefined;
}

/** Lines that come before the ordinary settings; without lines the named ones are taken back. Sessions go on. */
export async function overrideSshd(files: Files, pid: number, name: string, lines?: readonly string[]): Promise<void> {
  const file = join(files.sshdOverrides, `${name}.conf`);
  if (lines === undefined) rmSync(file, { force: true });
  else writeFileSync(file, `${lines.join('\n')}\n`);
  await reloadSshd(files, pid);
}

/** Makes sshd read its settings and its host key again. Sessions go on. */
export async function reloadSshd(files: Files, pid: number): Promise<void> {
  const sshd = sshdPid(files);
  if (sshd === undefined) return;
  await rootInside(pid, [programPath('sshd') ?? 'sshd', '-t', '-f', `${INSIDE}/etc/sshd_config`]);
  // It is written when the new one listens.
  rmSync(files.sshdPid);
  await rootInside(pid, ['kill', '-HUP', String(sshd)]);
  await listening(files);
}

/** Ends the listener. Sessions go on, as with a daemon that crashed. */
export async function stopSshd(files: Files, pid: number): Promise<void> {
  const sshd = sshdPid(files);
  if (sshd === undefined) return;
  rmSync(files.sshdPid);
  await rootInside(pid, ['kill', '-KILL', String(sshd)]);
}

async function listening(files: Files): Promise<void> {
  for (let waitedMs = 0; waitedMs < LISTEN_MS; waitedMs += LISTEN_EVERY_MS) {
    if (sshdPid(files)) return;
    await sleep(LISTEN_EVERY_MS);
  }
  const log = readFileSync(files.sshdLog, 'utf8').trim().slice(-QUOTED_CHARACTERS);
  throw new CaduceusError(
    'CAD-TESTBED-COMMAND',
    `the device's sshd does not listen after ${LISTEN_MS / 1000} s: ${log || 'its log is empty'}`,
    'Run `npm run testbed -- down` and try again; the message is the system’s own.',
  );
}
