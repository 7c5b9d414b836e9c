/** Short names that tell runs in one report apart: the policy, and what else it takes. */
import { allocationName } from '../core/policy/allocation-words.ts';
import { policyTitle } from './figures.ts';
import type { RunStory } from './story.ts';

export function labelRuns(stories: readonly RunStory[]): string[] {
  const attempts: ((story: RunStory) => string)[] = [
    ({ run }) => policyTitle(run.config.policy),
    ({ run }) => `${policyTitle(run.config.policy)}${allocationOf(run.config)}`,
    ({ run }) => `${policyTitle(run.config.policy)} seed ${run.config.seed}`,
    ({ run }) => run.name ?? '',
    ({ run }) => `${policyTitle(run.config.policy)} ${run.run.slice(-4)}`,
  ];
  for (const attempt of attempts) {
    const labels = stories.map(attempt);
    if (!labels.includes('') && new Set(labels).size === labels.length) return labels;
  }
  return stories.map(({ run }, index) => `${policyTitle(run.config.policy)} #${index + 1}`);
}

/** Of a run that has another than its policy's. */
function allocationOf({ allocation }: RunStory['run']['config']): string {
  return allocation === undefined || allocation === 'policy' ? '' : `, ${allocationName(allocation)}`;
}
