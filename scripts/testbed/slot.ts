/**
 * The numbers of beds. Everything that a bed makes outside its directory is named after its number, so
 * that whoever takes it down finds all of it, however it was left.
 */
import { linkSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CaduceusError } from '../../main/core/errors.ts';

/** Of one host, at the same time. */
export const MAX_BEDS = 9;
/** Of one bed. */
export const MAX_BED_DEVICES = 60;
const CLAIMS = '/run/caduceus-testbed';
const NETNS_MARK = 'made-netns-mount';

/** Takes the lowest free number for the bed of this directory. The claim is there whole or not at all. */
export function claimSlot(directory: string): number {
  mkdirSync(CLAIMS, { recursive: true, mode: 0o755 });
  const draft = join(CLAIMS, `draft-${process.pid}`);
  writeFileSync(draft, directory);
  try {
    for (let slot = 1; slot <= MAX_BEDS; slot++) {
      try {
        linkSync(draft, join(CLAIMS, `bed-${slot}`));
        return slot;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
  } finally {
    rmSync(draft, { force: true });
  }
  throw new CaduceusError(
    'CAD-TESTBED-UP',
    `${MAX_BEDS} test beds are up on this host already`,
    'Take one down: npm run testbed -- down --all ends all of them.',
  );
}

/** Number → directory of every bed that was ever begun and not taken down. */
export function claimedSlots(): Map<number, string> {
  const found = new Map<number, string>();
  for (const file of filesIn(CLAIMS)) {
    const slot = Number(/^bed-(\d+)$/.exec(file)?.[1]);
    if (slot > 0) found.set(slot, readFileSync(join(CLAIMS, file), 'utf8'));
  }
  return found;
}

/** The last thing a bed gives back. */
export function releaseSlot(slot: number): void {
  rmSync(join(CLAIMS, `bed-${slot}`), { force: true });
  for (const file of filesIn(CLAIMS)) {
    // Left by a claim that was killed; the number is its process.
    const draft = /^draft-(\d+)$/.exec(file)?.[1];
    if (draft !== undefined && !filesIn('/proc').includes(draft)) rmSync(join(CLAIMS, file), { force: true });
  }
  try {
    rmdirSync(CLAIMS);
  } catch {
    // Another bed is up.
  }
}

/** `ip netns` makes a mount for its names when it is used first; the last bed takes it away again. */
export function markNetnsMount(): void {
  writeFileSync(join(CLAIMS, NETNS_MARK), '');
}

/** True for the last bed, when the first one had to make the mount. */
export function takeNetnsMark(): boolean {
  const files = filesIn(CLAIMS);
  if (!files.includes(NETNS_MARK) || files.filter((file) => file.startsWith('bed-')).length > 1) return false;
  rmSync(join(CLAIMS, NETNS_MARK));
  return true;
}

function filesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
