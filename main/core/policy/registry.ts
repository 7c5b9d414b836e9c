/** All synchronization policies. Adding one is a file, a line here, and its tests. */
import { CaduceusError } from '../errors.ts';
import { asp } from './asp.ts';
import { bsp } from './bsp.ts';
import { hermes } from './hermes.ts';
import type { Policy } from './policy.ts';

export const POLICIES: readonly Policy[] = [bsp, asp, hermes];

/** @throws CAD-POLICY-UNKNOWN listing the names there are. */
export function policyNamed(name: string): Policy {
  const policy = POLICIES.find((candidate) => candidate.name === name);
  if (policy) return policy;
  throw new CaduceusError(
    'CAD-POLICY-UNKNOWN',
    `there is no policy named "${name}"`,
    `Use one of: ${POLICIES.map((known) => known.name).join(', ')}.`,
  );
}
