/** All synchronization policies. Adding one is a file, a line here, and its tests. */
import { CaduceusError } from '../errors.ts';
import { adacomm } from './adacomm.ts';
import { adsp } from './adsp.ts';
import { asp } from './asp.ts';
import { bsp } from './bsp.ts';
import { ebsp } from './ebsp.ts';
import { hermes } from './hermes.ts';
import { localSgd } from './local-sgd.ts';
import { omnilearnAsp } from './omnilearn-asp.ts';
import { omnilearnBsp } from './omnilearn-bsp.ts';
import type { Policy } from './policy.ts';
import { selsync } from './selsync.ts';
import { ssp } from './ssp.ts';

export const POLICIES: readonly Policy[] = [
  bsp,
  asp,
  ssp,
  ebsp,
  selsync,
  localSgd,
  adacomm,
  adsp,
  omnilearnBsp,
  omnilearnAsp,
  hermes,
];

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
