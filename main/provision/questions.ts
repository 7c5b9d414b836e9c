/**
 * The questions that devices have open: one a device at a time, the next when it is answered, each with its bound. An
 * answer counts only for the very question, and only if it is of its kind: a yes to a first contact never replaces a key.
 */
import type { DeviceAnswer, DeviceQuestion } from '../core/device.ts';
import { CaduceusError } from '../core/errors.ts';
import type { Dialogue, OpenQuestion } from './ssh/dialogue.ts';

const ANSWERS: Readonly<Record<DeviceQuestion['kind'], DeviceAnswer['kind'] | undefined>> = {
  trust: 'trust',
  'key-changed': 'replace-key',
  secret: 'secret',
  'open-url': undefined,
};

interface Pending {
  question: DeviceQuestion;
  settle(answer: DeviceAnswer | CaduceusError): void;
}

export class Questions {
  readonly #pending = new Map<string, Pending[]>();
  readonly #onChange: (device: string) => void;
  #count = 0;

  constructor(onChange: (device: string) => void) {
    this.#onChange = onChange;
  }

  /** The one to show. */
  of(device: string): DeviceQuestion | null {
    return this.#pending.get(device)?.[0]?.question ?? null;
  }

  dialogueFor(device: string): Dialogue {
    return { ask: (question, boundMs, signal) => this.#ask(device, question, boundMs, signal) };
  }

  /** @throws CAD-USAGE when nobody asks this any more, or the answer is of another kind. */
  answer(device: string, answer: DeviceAnswer): void {
    const pending = this.#pending.get(device)?.find(({ question }) => question.question === answer.question);
    if (pending === undefined) throw unwanted('nobody asks this any more', 'Look at the device again.');
    const { question } = pending;
    if (answer.kind !== 'refuse' && answer.kind !== ANSWERS[question.kind]) {
      throw unwanted(`a question of kind ${question.kind} is not answered by ${answer.kind}`, 'Answer what is asked.');
    }
    if ('fingerprint' in answer && 'fingerprint' in question && answer.fingerprint !== question.fingerprint) {
      throw unwanted('the answer names another fingerprint than the question', 'Compare the fingerprints once more.');
    }
    pending.settle(answer);
  }

  /** Takes every question back. */
  close(): void {
    for (const pending of [...this.#pending.values()].flat()) pending.settle(takenBack());
  }

  async #ask(device: string, asked: OpenQuestion, boundMs: number, signal: AbortSignal): Promise<DeviceAnswer> {
    const question = { ...asked, question: `q${++this.#count}` };
    return new Promise((resolve, reject) => {
      const pending: Pending = {
        question,
        settle: (answer) => {
          clearTimeout(timer);
          signal.removeEventListener('abort', onAbort);
          const others = (this.#pending.get(device) ?? []).filter((other) => other !== pending);
          if (others.length > 0) this.#pending.set(device, others);
          else this.#pending.delete(device);
          if (answer instanceof CaduceusError) reject(answer);
          else resolve(answer);
          this.#onChange(device);
        },
      };
      const onAbort = (): void => pending.settle(takenBack());
      const timer = setTimeout(() => pending.settle(tooLate(boundMs)), boundMs);
      signal.addEventListener('abort', onAbort);
      this.#pending.set(device, [...(this.#pending.get(device) ?? []), pending]);
      if (signal.aborted) return onAbort();
      this.#onChange(device);
    });
  }
}

function unwanted(message: string, remedy: string): CaduceusError {
  return new CaduceusError('CAD-USAGE', message, remedy);
}

function takenBack(): CaduceusError {
  return new CaduceusError(
    'CAD-CANCELLED',
    'the question was taken back',
    'Start the deployment again when you want it.',
  );
}

function tooLate(boundMs: number): CaduceusError {
  return new CaduceusError(
    'CAD-SSH-TIMEOUT',
    `nobody answered within ${Math.round(boundMs / 1000)} s`,
    'Start again, and answer when the device asks.',
  );
}
