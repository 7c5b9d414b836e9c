/** The last and the undoing step of an installation. */
import type { Remote } from '../ssh/remote.ts';
import { linesOf } from './device-failure.ts';
import { deviceProgram } from './device-program.ts';
import type { Plan } from './plan.ts';

const ACTIVATE_MS = 30_000;
const DISCARD_MS = 15_000;

/** Makes the version the current one, in one step; the one before stays. */
export async function activateVersion(
  remote: Remote,
  { directory, version }: Plan,
  engine: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const what = 'switch to the new version';
  const args = [directory, version.id, engine === undefined ? '' : `engine=${engine}`];
  linesOf(await remote.run(deviceProgram('activate'), { args, what, timeoutMs: ACTIVATE_MS, signal }), what);
}

/** Takes back what was sent. A device that is out of reach is tidied by its next deployment. */
export async function discardVersion(remote: Remote, { directory, version }: Plan): Promise<void> {
  const what = 'remove what was sent';
  try {
    await remote.run(deviceProgram('discard'), { args: [directory, version.id], what, timeoutMs: DISCARD_MS });
  } catch {
    // Lost, most likely; the reason of the failure itself is what counts.
  }
}
