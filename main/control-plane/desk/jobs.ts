/** What takes a while: each with its progress, a way to cancel it, and its outcome, until the program ends. */
import { randomBytes } from 'node:crypto';
import type { JobKind, JobOutcome, JobStarted, JobView } from '../../core/api.ts';
import { CaduceusError, reportError } from '../../core/errors.ts';
import { Topic } from './topic.ts';

const MAX_RUNNING = 64;
const MAX_ENDED = 50;
/** Changes of one job are told at most this often. */
const TELL_EVERY_MS = 100;

export interface JobControl {
  readonly id: string;
  readonly signal: AbortSignal;
  stage(text: string): void;
  progress(done: number, of: number): void;
}

export interface NewJob {
  kind: JobKind;
  title: string;
  cancellable: boolean;
  work(control: JobControl): Promise<JobOutcome>;
}

interface Job {
  view: JobView;
  controller: AbortController;
}

export class Jobs {
  readonly changes = new Topic<JobView[]>();
  readonly #jobs = new Map<string, Job>();
  readonly #changed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  list(): JobView[] {
    return [...this.#jobs.values()].map(({ view }) => view);
  }

  get running(): number {
    return this.list().filter(({ state }) => state === 'running').length;
  }

  /** @throws CAD-JOB-UNKNOWN */
  find(id: string): JobView {
    return this.#find(id).view;
  }

  /** Starts it and answers at once. @throws CAD-BUSY */
  start({ kind, title, cancellable, work }: NewJob): JobStarted {
    if (this.running >= MAX_RUNNING) {
      throw new CaduceusError(
        'CAD-BUSY',
        `${MAX_RUNNING} jobs are running`,
        'Wait until one has ended, or cancel one.',
      );
    }
    const id = randomBytes(8).toString('hex');
    const startedAt = new Date().toISOString();
    const state = { stage: null, progress: null, endedAt: null, outcome: null, error: null } as const;
    const controller = new AbortController();
    this.#jobs.set(id, { view: { id, kind, title, cancellable, startedAt, state: 'running', ...state }, controller });
    const control: JobControl = {
      id,
      signal: controller.signal,
      stage: (stage) => this.#change(id, { stage }),
      progress: (done, of) => this.#change(id, { progress: { done, of } }),
    };
    this.#change(id, {});
    void this.#run(id, control, work);
    return { job: id };
  }

  /** @throws CAD-JOB-UNKNOWN; CAD-CALL when it cannot be cancelled. */
  cancel(id: string): void {
    const { view, controller } = this.#find(id);
    if (view.state !== 'running') return;
    if (!view.cancellable)
      throw new CaduceusError('CAD-CALL', `"${view.title}" cannot be cancelled`, 'Wait for its end.');
    controller.abort();
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const { view, controller } of this.#jobs.values()) if (view.state === 'running') controller.abort();
  }

  async #run(id: string, control: JobControl, work: NewJob['work']): Promise<void> {
    let ending: Partial<JobView>;
    try {
      ending = { state: 'done', outcome: await work(control) };
    } catch (error) {
      const cancelled = control.signal.aborted;
      ending = { state: cancelled ? 'cancelled' : 'failed', error: cancelled ? null : reportError(error) };
    }
    this.#change(id, { ...ending, endedAt: new Date().toISOString() });
    const ended = this.list().filter(({ state }) => state !== 'running');
    for (const old of ended.slice(0, Math.max(0, ended.length - MAX_ENDED))) this.#jobs.delete(old.id);
  }

  #change(id: string, change: Partial<JobView>): void {
    const job = this.#jobs.get(id);
    if (job === undefined) return;
    job.view = { ...job.view, ...change };
    this.#changed.add(id);
    this.#timer ??= setTimeout(() => this.#tell(), TELL_EVERY_MS);
  }

  #tell(): void {
    this.#timer = undefined;
    const views = [...this.#changed].flatMap((id) => this.#jobs.get(id)?.view ?? []);
    this.#changed.clear();
    if (views.length > 0) this.changes.tell(views);
  }

  #find(id: string): Job {
    const job = this.#jobs.get(id);
    if (job !== undefined) return job;
    throw new CaduceusError('CAD-JOB-UNKNOWN', `there is no job ${id}`, 'It may have ended long ago; start it again.');
  }
}
