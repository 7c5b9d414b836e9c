/** What is under way, on every screen: how far it is, and how to cancel it. */
import type { JobView } from '../../main/core/api.ts';
import { percent, plural } from '../../main/core/display/format.ts';
import { Menu } from '../components/menu.tsx';
import { perform } from '../state/control-plane.ts';
import { jobs } from '../state/jobs.ts';
import { useStore } from '../state/store.ts';

export function JobsMenu() {
  const running = useStore(jobs).filter(({ state }) => state === 'running');
  if (running.length === 0) return null;
  return (
    <div className="strip-jobs">
      <Menu
        label="What is under way"
        button={{ size: 'small', kind: 'quiet' }}
        items={running.map((job) => ({
          label: job.cancellable ? `Cancel “${job.title}”` : job.title,
          ...(job.cancellable && { icon: 'cross' as const }),
          disabled: !job.cancellable,
          note: progressOf(job),
          onSelect: () => void perform('jobs.cancel', { job: job.id }),
        }))}
      >
        {plural(running.length, 'job')}
      </Menu>
    </div>
  );
}

/** `runs, 40 %`, as far as it is told. */
function progressOf({ stage, progress }: JobView): string {
  const share = progress === null || progress.of === 0 ? null : percent(progress.done / progress.of, 0);
  return [stage === null ? null : stage.slice(0, 60), share].filter((part) => part !== null).join(', ') || 'under way';
}
