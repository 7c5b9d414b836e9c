/**
 * The steps of one deployment as they are shown: which one is under way, for how long, what it said and
 * how it ended. Each step has a bound; what runs in it is told through `signal` when that is over.
 */
import { DEPLOY_STEPS, type DeployStep, type StepProgress } from '../../core/device.ts';
import { CaduceusError, reportError } from '../../core/errors.ts';
import { plainText } from '../../core/plain-text.ts';

const MAX_LOG_LINES = 100;
const MAX_LINE_CHARACTERS = 400;

export class Stepper {
  readonly #steps = new Map<DeployStep, StepProgress>();
  readonly #onChange: () => void;
  readonly #controller = new AbortController();
  readonly signal: AbortSignal;
  #current: StepProgress | undefined;
  #beganMs = 0;
  #boundMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #overdue: CaduceusError | undefined;

  constructor(cancel: AbortSignal, onChange: () => void) {
    for (const step of DEPLOY_STEPS) this.#steps.set(step, { step, state: 'waiting', log: [] });
    this.#onChange = onChange;
    this.signal = AbortSignal.any([cancel, this.#controller.signal]);
  }

  /** All steps, in order; a copy. */
  get steps(): StepProgress[] {
    return [...this.#steps.values()].map((step) => ({ ...step, log: [...step.log] }));
  }

  get current(): DeployStep | undefined {
    return this.#current?.step;
  }

  begin(step: DeployStep, boundMs: number, detail?: string): void {
    if (this.#current?.step === step) {
      this.detail(detail);
      return;
    }
    if (this.#current) this.done();
    const progress = this.#step(step);
    progress.state = 'running';
    if (detail !== undefined) progress.detail = detail;
    this.#current = progress;
    this.#beganMs = performance.now();
    this.#boundMs = boundMs;
    this.#bound(boundMs);
    this.#onChange();
  }

  detail(detail: string | undefined, progress?: number): void {
    if (!this.#current) return;
    if (detail !== undefined) this.#current.detail = detail;
    if (progress !== undefined) this.#current.progress = progress;
    this.#onChange();
  }

  /** While the user is asked, the step's time stands still. */
  needsYou(isAsked: boolean): void {
    if (!this.#current) return;
    this.#current.state = isAsked ? 'needs-you' : 'running';
    if (isAsked) clearTimeout(this.#timer);
    else this.#bound(this.#boundMs);
    this.#onChange();
  }

  log(text: string): void {
    const { log } = this.#current ?? this.#step('resolve');
    for (const line of plainText(text).split('\n')) {
      if (line.trim() !== '') log.push(line.slice(0, MAX_LINE_CHARACTERS));
    }
    log.splice(0, log.length - MAX_LOG_LINES);
    this.#onChange();
  }

  done(detail?: string): void {
    this.#end('done', detail);
  }

  /** Says more about a step that has ended. */
  amend(step: DeployStep, detail: string): void {
    this.#step(step).detail = detail;
    this.#onChange();
  }

  /** What goes wrong from here on belongs to this earlier step; those behind it were not reached. */
  backTo(step: DeployStep): void {
    const later = DEPLOY_STEPS.slice(DEPLOY_STEPS.indexOf(step) + 1);
    for (const name of later) this.#steps.set(name, { step: name, state: 'waiting', log: [] });
    this.#current = this.#step(step);
    this.#current.state = 'running';
  }

  /** No bound of a step runs any longer. */
  close(): void {
    clearTimeout(this.#timer);
  }

  skip(step: DeployStep, detail: string): void {
    if (this.#current && this.#current.step !== step) this.done();
    const progress = this.#step(step);
    this.#current = undefined;
    clearTimeout(this.#timer);
    progress.state = 'skipped';
    progress.detail = detail;
    this.#onChange();
  }

  /** Ends the step under way with what was thrown; answers with the error that counts. */
  fail(thrown: unknown, isCancelled: boolean): CaduceusError {
    const error = isCancelled ? cancelled(this.current) : (this.#overdue ?? toError(thrown));
    const progress = this.#current ?? this.#step('resolve');
    this.#current = progress;
    if (!isCancelled) progress.error = reportError(error);
    this.#end(isCancelled ? 'cancelled' : 'failed');
    return error;
  }

  #end(state: 'done' | 'failed' | 'cancelled', detail?: string): void {
    clearTimeout(this.#timer);
    const step = this.#current;
    if (!step) return;
    step.state = state;
    step.tookMs = Math.round(performance.now() - this.#beganMs);
    if (detail !== undefined) step.detail = detail;
    if (state === 'done') delete step.progress;
    this.#current = undefined;
    this.#onChange();
  }

  #bound(boundMs: number): void {
    clearTimeout(this.#timer);
    const step = this.#current?.step ?? '';
    this.#timer = setTimeout(() => {
      this.#overdue = new CaduceusError(
        'CAD-SSH-TIMEOUT',
        `the step "${step}" took longer than its ${Math.round(boundMs / 1000)} s`,
        'Look at the log of this step and at the load of the device, then deploy again.',
      );
      this.#controller.abort();
    }, boundMs);
  }

  #step(step: DeployStep): StepProgress {
    return this.#steps.get(step) as StepProgress;
  }
}

function cancelled(step: DeployStep | undefined): CaduceusError {
  return new CaduceusError(
    'CAD-CANCELLED',
    `the deployment was cancelled${step === undefined ? '' : ` at the step "${step}"`}`,
    'Deploy again when you want it; nothing half-done was left on the device.',
  );
}

function toError(thrown: unknown): CaduceusError {
  if (thrown instanceof CaduceusError) return thrown;
  const { code, message, remedy } = reportError(thrown);
  return new CaduceusError(code, message, remedy, thrown);
}
