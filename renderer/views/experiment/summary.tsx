import type { Issue } from '../../../main/core/api.ts';
import { bytes, count, plural } from '../../../main/core/display/format.ts';
import { Button } from '../../components/button.tsx';
import { Facts } from '../../components/facts.tsx';
import { Icon, type IconName } from '../../components/icon.tsx';
import { ErrorNotice } from '../../components/notice.tsx';
import { Progress } from '../../components/progress.tsx';
import { perform } from '../../state/control-plane.ts';
import { useJob } from '../../state/jobs.ts';
import { useStore } from '../../state/store.ts';
import { fieldName } from './field-names.ts';
import { draft } from './draft.ts';
import { check, checked, inWords, type Verdict } from './validation.ts';
import './summary.css';

/** What a run of this draft would be, what stands against it, and how its start goes. */
export function Summary({ verdict, job, onAgain }: { verdict: Verdict; job: string | null; onAgain: () => void }) {
  const { validation, error } = useStore(checked);
  const estimate = validation?.estimate;
  const isChecking = verdict === 'checking';
  // What the last check found stays until the next one is answered: it is mostly still so.
  const issues = error === null ? (validation?.issues ?? []) : [];
  const errors = issues.filter(({ severity }) => severity === 'error');
  const warnings = issues.filter(({ severity }) => severity === 'warning');
  return (
    <aside className="summary" aria-label="What this run would be">
      <StartProgress job={job} onAgain={onAgain} />
      <div className="summary-part" aria-live="polite" aria-busy={isChecking}>
        <h2>Check</h2>
        {error !== null && !isChecking && (
          <ErrorNotice
            compact
            error={error}
            title="It could not be checked"
            actions={
              <Button size="small" icon="refresh" onClick={() => void check(draft.get().config)}>
                Check again
              </Button>
            }
          />
        )}
        <VerdictLine verdict={verdict} mistakes={errors.length} />
        <Issues issues={errors} icon="cross" tone="bad" />
        <Issues issues={warnings} icon="warning" tone="warn" />
      </div>
      <div className="summary-part">
        <h2>What it would be</h2>
        <Facts
          rows={[
            ['Parameters', told(estimate?.parameters, count)],
            ['Training rows', told(estimate?.trainRows, count)],
            ['An update', told(estimate?.updateBytes, (size) => `${bytes(size)} to the server`)],
            ['A model', told(estimate?.modelBytes, (size) => `${bytes(size)} to a worker`)],
          ]}
        />
      </div>
    </aside>
  );
}

const VERDICTS: Readonly<Record<Verdict, { icon: IconName; tone: string }>> = {
  ready: { icon: 'check', tone: 'tone-good' },
  checking: { icon: 'clock', tone: 'muted' },
  wrong: { icon: 'cross', tone: 'tone-bad' },
  unknown: { icon: 'question', tone: 'muted' },
};

/** One line that is always there, so that nothing moves while settings are typed. */
function VerdictLine({ verdict, mistakes }: { verdict: Verdict; mistakes: number }) {
  const { icon, tone } = VERDICTS[verdict];
  return (
    <p className={`summary-verdict ${tone}`}>
      <Icon name={icon} size={14} /> {verdictInWords(verdict, mistakes)}
    </p>
  );
}

function verdictInWords(verdict: Verdict, mistakes: number): string {
  if (verdict === 'wrong') return `${plural(mistakes, 'setting')} to mend`;
  return { ready: 'Ready to start', checking: 'Checking…', unknown: 'Not checked' }[verdict];
}

function told(value: number | null | undefined, write: (value: number) => string): string | null {
  return value === null || value === undefined ? null : write(value);
}

function Issues({ issues, icon, tone }: { issues: readonly Issue[]; icon: 'cross' | 'warning'; tone: 'bad' | 'warn' }) {
  return (
    <ul className="issues">
      {issues.map((issue, place) => (
        // One of two with the same key would stay on the page for good.
        <li key={`${issue.path} ${issue.code} ${place}`}>
          <span className={`tone-${tone}`}>
            <Icon name={icon} size={14} label={tone === 'bad' ? 'Error' : 'Warning'} />
          </span>
          <span>
            <IssueField path={issue.path} /> {inWords(issue)}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** By the name that its field has in the form. */
function IssueField({ path }: { path: string }) {
  if (path === '') return null;
  const name = fieldName(path);
  return name === null ? <code>{path}</code> : <b>{name}:</b>;
}

function StartProgress({ job: id, onAgain }: { job: string | null; onAgain: () => void }) {
  const job = useJob(id);
  if (job === undefined) return null;
  if (job.state === 'running') {
    return (
      <div className="summary-part">
        <Progress
          label={job.title}
          note={job.stage ?? 'Preparing'}
          value={job.progress === null ? null : job.progress.done / job.progress.of}
          {...(job.cancellable ? { onCancel: () => void perform('jobs.cancel', { job: job.id }) } : {})}
        />
      </div>
    );
  }
  if (job.state === 'failed' && job.error !== null) {
    return (
      <ErrorNotice
        title={`${job.title} failed`}
        error={job.error}
        actions={
          <Button size="small" icon="refresh" onClick={onAgain}>
            Try again
          </Button>
        }
      />
    );
  }
  return job.state === 'cancelled' ? <p className="muted">{job.title} was cancelled.</p> : null;
}
