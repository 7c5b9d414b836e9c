/** All planted bugs. */
import type { PlantedBug } from './bug.ts';
import { MACHINE_BUGS } from './machine-bugs.ts';
import { POLICY_BUGS } from './policy-bugs.ts';
import { STORAGE_BUGS } from './storage-bugs.ts';

export const PLANTED_BUGS: readonly PlantedBug[] = [...POLICY_BUGS, ...MACHINE_BUGS, ...STORAGE_BUGS];
