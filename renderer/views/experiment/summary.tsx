import type { Issue } from '../../../main/core/api.ts';
import { bytes, count } from '../../../main/core/display/format.ts';
import { Button } from '../../components/button.tsx';
import { Facts } from '../../components/facts.tsx';
import { Icon } from '../../components/icon.tsx';
import { ErrorNotice } from '../../components/notice.tsx';
import { Progress } from '../../components/progress.tsx';
import { perform } from '../../state/control-plane.ts';
import { useJob } from '../../state/jobs.ts';
import { useStore } from '../../state/store.ts';
import { fieldName } from './field-names.ts';
import { checked, inWords } from './validation.ts';
import './summary.css';

/** What a run of this draft would be, what stands against it, and how its start goes. */
export function Summary({ pending, job, onAgain }: { pending: boolean; job: string | null; onAgain: () => void }) {
  const { validation, error } = useStore(checked);
  const estimate = validation?.estimate;
  const errors = validation?.issues.filter(({ severity }) => severity === 'error') ?? [];
  const warnings = validation?.issues.filter(({ severity }) => severity === 'warning') ?? [];
  return (
    <aside className="summary" aria-label="What this run would be">
      <StartProgress job={job} onAgain={onAgain} />
      <div className="summary-part" aria-live="polite" aria-busy={pending}>
        <h2>Check</h2>
        {error !== null && <ErrorNotice compact error={error} title="It could not be checked" />}
        {validation === null && error === null && <p className="muted">Checking…</p>}
        {validation !== null && errors.length === 0 && (
          <p className="summary-good">
            <Icon name="check" size={14} /> Ready to start
          </p>
        )}
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

function told(value: number | null | undefined, write: (value: number) => string): string | null {
  return value === null || value === undefined ? null : write(value);
}

function Issues({ issues, icon, tone }: { issues: readonly Issue[]; icon: 'cross' | 'warning'; tone: 'bad' | 'warn' }) {
  return (
    <ul className="issues">
      {issues.map((issue) => (
        <li key={issue.path + issue.code}>
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
