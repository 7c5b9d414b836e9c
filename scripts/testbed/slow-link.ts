/** Latency for a device's connections, where the kernel cannot give it: a process between it and its network. */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CaduceusError } from '../../main/core/errors.ts';
import { command } from './command.ts';
import type { DevicePlan } from './plan.ts';

/** Beyond the ports that systems give out by themselves. */
export const TO_DEVICE_PORT = 61_001;
export const FROM_DEVICE_PORT = 61_002;
/** Timers are not finer. */
export const LEAST_LATENCY_MS = 1;

const READY_MS = 20_000;
const READY_EVERY_MS = 20;

/** False where the kernel does not say where a redirected connection wanted to go. */
export function canSlowLinks(): boolean {
  return existsSync('/proc/net/nf_conntrack');
}

export async function slowLink(plan: DevicePlan, directory: string): Promise<void> {
  const { namespace, link } = plan;
  if (link.latencyMs < LEAST_LATENCY_MS) return;
  const logFile = join(directory, 'link.log');
  const log = openSync(logFile, 'w');
  const script = join(import.meta.dirname, 'link-process.ts');
  const line = [`--net=/run/netns/${namespace}`, process.execPath, script, String(link.latencyMs)];
  const child = spawn('nsenter', line, { detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  child.on('error', () => undefined); // told by the log that stays empty
  child.unref();
  const isReady = (): boolean => readFileSync(logFile, 'utf8').includes('ready');
  for (let waitedMs = 0; !isReady(); waitedMs += READY_EVERY_MS) {
    if (waitedMs > READY_MS || child.exitCode !== null) throw failure(plan, readFileSync(logFile, 'utf8').trim());
    await sleep(READY_EVERY_MS);
  }
  const nat = ['netns', 'exec', namespace, 'iptables', '-w', '-t', 'nat'];
  const redirect = (port: number): string[] => ['-j', 'REDIRECT', '--to-ports', String(port)];
  await command('ip', [...nat, '-A', 'PREROUTING', '-i', 'eth0', '-p', 'tcp', ...redirect(TO_DEVICE_PORT)]);
  // The process itself belongs to root; whatever the device's user starts does not.
  const others = ['-m', 'owner', '!', '--uid-owner', '0'];
  await command('ip', [...nat, '-A', 'OUTPUT', '-o', 'eth0', '-p', 'tcp', ...others, ...redirect(FROM_DEVICE_PORT)]);
}

function failure({ name }: DevicePlan, words: string): CaduceusError {
  return new CaduceusError(
    'CAD-TESTBED-COMMAND',
    `the link of ${name} could not be slowed: ${words || 'no answer'}`,
    'Start the bed without --latency.',
  );
}
