/** The few figures of a run that the strip shows, folded from its ticks. */
import type { RunMessage, RunOpening } from '../../main/core/api.ts';
import type { Tick } from '../../main/core/live/picture.ts';

/** Throughput is over the newest so many seconds of the run. */
const WINDOW_US = 10e6;

export interface Pulse {
  atUs: number;
  training: number;
  waiting: number;
  lost: number;
  /** Null before the first second. */
  samplesPerSecond: number | null;
  /** 0 … 1, against BSP in float32; null before the first iteration. */
  saved: number | null;
}

export class PulseFold {
  readonly #states = new Map<string, 'training' | 'waiting' | 'lost'>();
  readonly #marks: { atUs: number; samples: number }[] = [];
  #seq = -1;
  #atUs = 0;
  #samples = 0;
  #saved: number | null = null;

  open({ picture, seq }: Pick<RunOpening, 'picture' | 'seq'>): void {
    this.#seq = seq;
    this.#add(picture);
  }

  /** False when something was missed: the run is to be opened again. */
  take(message: RunMessage): boolean {
    if (message.seq <= this.#seq) return true;
    if (message.seq > this.#seq + 1) return false;
    this.#seq = message.seq;
    if (message.kind === 'tick') this.#add(message.tick);
    return true;
  }

  #add(tick: Tick): void {
    this.#atUs = Math.max(this.#atUs, tick.atUs);
    this.#samples += tick.sums.samples;
    for (const { name, now } of tick.workers) if (now.state !== null) this.#states.set(name, now.state);
    const spent = tick.traffic.last;
    if (spent !== null && spent.counterfactual > 0) {
      const { update, model, control } = spent.traffic;
      this.#saved = 1 - (update + model + control) / spent.counterfactual;
    }
    this.#marks.push({ atUs: this.#atUs, samples: this.#samples });
    while (this.#marks.length > 2 && (this.#marks[1]?.atUs ?? 0) <= this.#atUs - WINDOW_US) this.#marks.shift();
  }

  get pulse(): Pulse {
    const states = [...this.#states.values()];
    const number = (state: string): number => states.filter((each) => each === state).length;
    return {
      atUs: this.#atUs,
      training: number('training'),
      waiting: number('waiting'),
      lost: number('lost'),
      samplesPerSecond: this.#rate(),
      saved: this.#saved,
    };
  }

  #rate(): number | null {
    const first = this.#marks[0];
    // Opened in the middle of a run: its mean so far, until there is a window to look back on.
    const from = first === undefined || this.#marks.length < 3 ? { atUs: 0, samples: 0 } : first;
    const span = this.#atUs - from.atUs;
    return span < 1e6 ? null : ((this.#samples - from.samples) / span) * 1e6;
  }
}
