/** Takes away everything that a bed made, from its number alone; also of one whose making was killed. */
import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CaduceusError } from '../../main/core/errors.ts';
import { attempt } from './command.ts';
import { removeBedGroup } from './cpu-group.ts';
import { bridgeOf } from './network.ts';
import { startingIn } from './sandbox.ts';
import { releaseSlot, takeNetnsMark } from './slot.ts';

const NAMES = '/run/netns';
const KILL_MS = 10_000;
const KILL_EVERY_MS = 20;

/** @throws CAD-TESTBED-COMMAND when something of it is still there afterwards. */
export async function takeDown(slot: number, directory: string): Promise<void> {
  const namespaces = namesOf(slot);
  await endProcesses(namespaces, directory);
  await Promise.all(namespaces.map((name) => attempt('ip', ['netns', 'del', name])));
  await attempt('ip', ['link', 'del', bridgeOf(slot)]);
  // A link whose other end was never moved into its namespace.
  await removeLinks(slot);
  await removeBedGroup(slot);
  rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  const left = [
    ...namesOf(slot).map((name) => `namespace ${name}`),
    ...interfacesOf(slot).map((name) => `link ${name}`),
  ];
  if (left.length > 0) {
    throw new CaduceusError(
      'CAD-TESTBED-COMMAND',
      `the test bed left ${left.join(', ')}`,
      'Run `npm run testbed -- down` again.',
    );
  }
  if (takeNetnsMark() && existsSync(NAMES) && readdirSync(NAMES).length === 0) {
    await attempt('umount', [NAMES]);
    try {
      rmdirSync(NAMES);
    } catch {
      // Somebody made a namespace just now.
    }
  }
  releaseSlot(slot);
}

function namesOf(slot: number): string[] {
  if (!existsSync(NAMES)) return [];
  return readdirSync(NAMES).filter((name) => name.startsWith(`cad${slot}-`));
}

async function endProcesses(namespaces: readonly string[], directory: string): Promise<void> {
  for (let waitedMs = 0; waitedMs < KILL_MS; waitedMs += KILL_EVERY_MS) {
    const answers = await Promise.all(namespaces.map((name) => attempt('ip', ['netns', 'pids', name])));
    const inside = answers.flatMap((answer) => (answer ?? '').split('\n').filter(Boolean).map(Number));
    const pids = [...inside, ...startingIn(directory)];
    if (pids.length === 0) return;
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Gone already.
      }
    }
    await sleep(KILL_EVERY_MS);
  }
}

async function removeLinks(slot: number): Promise<void> {
  for (const name of interfacesOf(slot)) await attempt('ip', ['link', 'del', name]);
}

function interfacesOf(slot: number): string[] {
  const pattern = new RegExp(`^cad${slot}(br|v\\d+)$`);
  return readdirSync(join('/sys/class', 'net')).filter((name) => pattern.test(name));
}
