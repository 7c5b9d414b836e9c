/** Deployments as a person follows them: a line for each device, redrawn at a terminal, one for each step elsewhere. */
import type { DeviceView, StepProgress } from '../core/device.ts';
import * as format from './format.ts';
import { bar, type Terminal } from './terminal.ts';

const BAR_WIDTH = 12;
/** What moves within a step is for a screen, not for a log. */
const TOLD: readonly StepProgress['state'][] = ['done', 'failed', 'cancelled'];
const SIGNS: Readonly<Record<StepProgress['state'], string>> = {
  waiting: '·',
  running: '›',
  'needs-you': '?',
  done: '✓',
  skipped: '✓',
  failed: '✗',
  cancelled: '–',
};

export class DeployView {
  readonly #terminal: Terminal;
  readonly #ids: readonly string[];
  readonly #width: number;
  /** Steps that were told, where lines stay. */
  readonly #said = new Set<string>();

  constructor(terminal: Terminal, devices: readonly DeviceView[]) {
    this.#terminal = terminal;
    this.#ids = devices.map(({ id }) => id);
    this.#width = Math.max(...devices.map(({ name }) => name.length));
  }

  update(devices: readonly DeviceView[]): void {
    const shown = devices.filter(({ id }) => this.#ids.includes(id));
    if (this.#terminal.isLive) {
      // Somebody is being asked: nothing moves under the question.
      if (devices.some(({ question }) => question !== null)) return;
      this.#terminal.block(shown.map((device) => this.#line(device)));
      return;
    }
    for (const { id, name, steps } of shown) {
      for (const step of steps ?? []) {
        if (!TOLD.includes(step.state) || this.#said.has(`${id} ${step.step}`)) continue;
        this.#said.add(`${id} ${step.step}`);
        const took = step.tookMs === undefined ? '' : ` (${format.seconds(step.tookMs / 1000)})`;
        this.#terminal.line(`${name.padEnd(this.#width)}  ${step.step} ${step.state}${detailOf(step)}${took}`);
      }
    }
  }

  end(devices: readonly DeviceView[]): void {
    this.update(devices);
    this.#terminal.keepBlock();
  }

  #line({ name, steps }: DeviceView): string {
    const signs = (steps ?? []).map(({ state }) => SIGNS[state]).join('');
    const step = current(steps);
    if (step === undefined) return `${name.padEnd(this.#width)}  waits`;
    const progress = step.progress === undefined ? '' : `${bar(step.progress, BAR_WIDTH)} `;
    return `${name.padEnd(this.#width)}  ${signs}  ${progress}${step.step}${detailOf(step)}`;
  }
}

/** The step under way; of a deployment that has ended the one that tells how. */
function current(steps: readonly StepProgress[] | null): StepProgress | undefined {
  const begun = (steps ?? []).filter(({ state }) => state !== 'waiting');
  return begun.find(({ state }) => !['done', 'skipped'].includes(state)) ?? begun.at(-1);
}

function detailOf({ detail, error }: StepProgress): string {
  const words = error?.message ?? detail;
  return words === undefined || words === '' ? '' : `: ${words}`;
}
