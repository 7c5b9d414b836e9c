/** How rows are shared out, in words: for forms, for the facts of a run, for reports. */
import { ALLOCATIONS, type Allocation } from './allocated.ts';
import { POLICIES } from './registry.ts';

const NAMES: { readonly [A in Allocation]: string } = {
  policy: 'as the policy has it',
  uniform: 'uniform',
  proportional: 'proportional to speed',
  'dual-binary-search': 'dual binary search',
};

const MEANINGS: { readonly [A in Exclude<Allocation, 'policy'>]: string } = {
  uniform: 'Every worker gets the same rows and the same mini-batch, however fast it is.',
  proportional:
    'Mini-batches follow the measured speeds and keep their sum; rows follow in the same proportion, so that an iteration has as many steps as before.',
  'dual-binary-search':
    'A worker whose iterations take much longer or shorter than those of the others gets the rows with which one would take the median time.',
};

export const ALLOCATION_CHOICES = ALLOCATIONS.map((value) => ({ value, label: NAMES[value] }));

export function allocationName(allocation: Allocation): string {
  return NAMES[allocation];
}

/** What it does to the workers of a policy, in sentences. */
export function allocationMeaning(chosen: Allocation, policyName: string): string {
  const policy = POLICIES.find(({ name }) => name === policyName);
  const own = policy?.allocates ?? 'uniform';
  if (chosen === 'policy') {
    const title = policy?.title ?? 'The policy';
    const whose = own === 'uniform' ? `${title} has none of its own.` : `${title} brings its own, ${NAMES[own]}.`;
    return `${whose} ${MEANINGS[own]}`;
  }
  if (policy === undefined || own === 'uniform') return MEANINGS[chosen];
  if (chosen === own) return `${MEANINGS[chosen]} ${policy.title} does so by itself.`;
  return `${MEANINGS[chosen]} What ${policy.title} brings, ${NAMES[own]}, is off.`;
}

/** What it does to many policies side by side. */
export function allocationOfAll(chosen: Allocation): string {
  if (chosen !== 'policy') return `${MEANINGS[chosen]} For every policy alike, whatever it brings itself.`;
  const own = POLICIES.flatMap(({ title, allocates }) => (allocates ? [`${title} ${NAMES[allocates]}`] : []));
  return `${own.join(', ')}, all others uniform.`;
}

/** `dual binary search, as the policy has it`; `uniform, by choice`. */
export function allocationFact(chosen: Allocation | undefined, policyName: string): string {
  if (chosen !== undefined && chosen !== 'policy') return `${NAMES[chosen]}, by choice`;
  const own = POLICIES.find(({ name }) => name === policyName)?.allocates ?? 'uniform';
  return `${NAMES[own]}, as the policy has it`;
}
