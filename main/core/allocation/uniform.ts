/** The same work for everyone: one mini-batch a local iteration (BSP, ASP and their kin). */
import type { Assignment } from '../policy/policy.ts';

export function uniform(batch: number): Assignment {
  return { samples: batch, batch, epochs: 1 };
}
