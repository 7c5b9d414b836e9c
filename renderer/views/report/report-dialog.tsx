import { useEffect, useRef, useState } from 'react';
import { bytes, plural } from '../../../main/core/display/format.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Checkbox } from '../../components/field.tsx';
import { ErrorNotice, Notice } from '../../components/notice.tsx';
import { Progress } from '../../components/progress.tsx';
import { appInfo } from '../../state/app.ts';
import { handOver, perform } from '../../state/control-plane.ts';
import { useJob } from '../../state/jobs.ts';
import { settings } from '../../state/settings.ts';
import { useStore } from '../../state/store.ts';
import { formatLabel, REPORT_FORMATS, type ReportFormat } from './report-formats.ts';
import { isDesktop, makeReport, type ReportEnd, tellReport, whereText } from './write-report.ts';
import './report-dialog.css';

type Stage = { kind: 'choosing' } | { kind: 'writing'; job: string | null } | ReportEnd;

interface ReportDialogProps {
  runs: readonly string[];
  /** Of one run; its identifier where it has none. */
  name?: string | undefined;
  onClose: () => void;
}

/** The report of a run, or of several side by side: in which formats, with whose names, and where it is then. */
export function ReportDialog({ runs, name, onClose }: ReportDialogProps) {
  const writesPdf = useStore(appInfo)?.capabilities.writesPdf ?? true;
  const preset = useStore(settings)?.settings;
  const [chosen, setChosen] = useState<readonly ReportFormat[]>(preset?.reportFormats ?? ['html']);
  const [includeHosts, setIncludeHosts] = useState(preset?.reportHosts ?? false);
  const [stage, setStage] = useState<Stage>({ kind: 'choosing' });
  const isShown = useRef(true);
  /** Cancelled before it was known what is to be cancelled. */
  const isWanted = useRef(true);
  useEffect(() => {
    isShown.current = true;
    return () => void (isShown.current = false);
  }, []);

  const formats = REPORT_FORMATS.map(({ format }) => format).filter(
    (format) => chosen.includes(format) && (format !== 'pdf' || writesPdf),
  );
  const write = async (): Promise<void> => {
    isWanted.current = true;
    setStage({ kind: 'writing', job: null });
    const end = await makeReport({ runs: [...runs], formats, includeHosts }, (job) => {
      setStage({ kind: 'writing', job });
      if (!isWanted.current) void cancel(job);
    });
    if (isShown.current) setStage(end);
    else tellReport(end);
  };
  const stop = (job: string | null): void => {
    isWanted.current = false;
    if (job !== null) void cancel(job);
  };
  const isWriting = stage.kind === 'writing';
  const isDone = stage.kind === 'written';
  return (
    <Dialog
      title={runs.length === 1 ? `Report of ${name ?? runs[0] ?? ''}` : `Report of ${runs.length} runs`}
      onClose={onClose}
      actions={
        <>
          {isDone ? (
            <Button onClick={() => setStage({ kind: 'choosing' })}>Write another</Button>
          ) : (
            <Button onClick={isWriting ? () => stop(stage.job) : onClose}>Cancel</Button>
          )}
          <Button
            kind="primary"
            autoFocus
            busy={isWriting}
            disabled={!isDone && formats.length === 0}
            onClick={isDone ? onClose : () => void write()}
          >
            {isDone ? 'Close' : 'Write report'}
          </Button>
        </>
      }
    >
      {isWriting && <Writing job={stage.job} />}
      {isDone && <Written end={stage} />}
      {stage.kind === 'failed' && <ErrorNotice title="The report could not be written" error={stage.error} />}
      {!isWriting && !isDone && (
        <>
          {stage.kind === 'cancelled' && <Notice>The report was cancelled; nothing was written.</Notice>}
          <Formats chosen={formats} onChoose={setChosen} />
          <Checkbox
            label="Names and addresses of hosts"
            hint="Without, devices are numbered, and addresses and paths left out. With them, whoever reads the report learns what your machines are called, where they are reached and where their files lie."
            checked={includeHosts}
            onChange={setIncludeHosts}
          />
        </>
      )}
    </Dialog>
  );
}

interface FormatsProps {
  chosen: readonly ReportFormat[];
  onChoose: (chosen: readonly ReportFormat[]) => void;
}

function Formats({ chosen, onChoose }: FormatsProps) {
  const capabilities = useStore(appInfo)?.capabilities;
  const obstacle = capabilities?.writesPdf === false ? (capabilities.pdfObstacle ?? 'cannot be printed here') : null;
  const several = chosen.length > 1 || chosen.includes('csv');
  return (
    <fieldset className="report-formats">
      <legend>Formats</legend>
      <div>
        {REPORT_FORMATS.map(({ format, label, hint }) => (
          <Checkbox
            key={format}
            label={label}
            hint={format === 'pdf' && obstacle !== null ? obstacle : hint}
            checked={chosen.includes(format)}
            disabled={format === 'pdf' && obstacle !== null}
            onChange={(on) => onChoose(on ? [...chosen, format] : chosen.filter((each) => each !== format))}
          />
        ))}
      </div>
      <p className="muted" role="status">
        {chosen.length === 0
          ? 'Choose a format at least.'
          : several
            ? 'They come together, as one ZIP file.'
            : 'It comes as one file.'}
      </p>
    </fieldset>
  );
}

function Writing({ job: id }: { job: string | null }) {
  const job = useJob(id);
  const { done = 0, of = 0 } = job?.progress ?? {};
  return (
    <Progress
      label={job?.stage ? `Writing ${formatLabel(job.stage)}` : 'Reading the records'}
      name="How far the report is"
      value={of === 0 ? null : done / of}
      note={of === 0 ? undefined : `${done} of ${plural(of, 'format')}`}
    />
  );
}

function Written({ end }: { end: ReportEnd & { kind: 'written' } }) {
  const { file, contents, isTaken } = end;
  return (
    <div role="status">
      <Notice
        tone="good"
        title={`${file.name}, ${bytes(file.bytes)}`}
        actions={
          <Button size="small" icon="download" onClick={() => void handOver(file)}>
            {isDesktop() ? 'Save a copy…' : 'Download again'}
          </Button>
        }
      >
        <p className="report-place">{whereText(file, isTaken)} It stays there when the run is deleted.</p>
        {contents.length > 1 && <p className="muted">It holds {kindsOf(contents)}.</p>}
      </Notice>
    </div>
  );
}

/** `1 HTML file, 9 CSV files` */
function kindsOf(contents: readonly string[]): string {
  const kinds = Map.groupBy(contents, (name) => formatLabel(name.slice(name.lastIndexOf('.') + 1)));
  return [...kinds].map(([kind, of]) => plural(of.length, `${kind} file`)).join(', ');
}

async function cancel(job: string): Promise<void> {
  await perform('jobs.cancel', { job });
}
