/**
 * Judges models in a process of its own, so that neither a slow evaluation nor a crashing engine
 * disturbs the server. One model at a time, in the order asked.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { CaduceusError } from '../core/errors.ts';
import { unspelled } from '../core/json-numbers.ts';
import type { Vector } from '../core/parameters.ts';
import type { Rows } from './datasets/dataset.ts';
import type {
  EvaluatorSettings,
  FromEvaluator,
  Judgement,
  RowsHeader,
  SplitName,
  ToEvaluator,
} from './evaluator-protocol.ts';

export type { EvaluatorSettings, Judgement } from './evaluator-protocol.ts';

export interface Evaluator {
  /** Of the process that judges now. */
  readonly pid: number | undefined;
  /** On the validation split. @throws CAD-ENGINE when the evaluator cannot go on. */
  judge(parameters: Vector): Promise<Judgement>;
  /** On the test split, for the final figure only. @throws CAD-ENGINE */
  judgeTest(parameters: Vector): Promise<Judgement>;
  /** Ends the process; what was asked and not answered is rejected. */
  close(): Promise<void>;
}

interface Request {
  split: SplitName;
  parameters: Vector;
  resolve(judgement: Judgement): void;
  reject(error: CaduceusError): void;
}

/** The server asks for the global model and for one model a worker at most. */
const MAX_REQUESTS = 512;
const OPEN_MS = 60_000;
/** One judgement; a process that takes longer hangs. */
const JUDGE_MS = 300_000;
const MAX_RESTARTS = 1;
const MAX_COMPLAINT_CHARACTERS = 2000;

/** The program that judges, as it is in the source tree. */
export const EVALUATOR_SOURCE = join(import.meta.dirname, 'evaluator-process.ts');

/** What runs the judging program, where it is not this Node and the source. */
export interface EvaluatorProgram {
  node: string;
  evaluator: string;
}

/** Resolves when the engine is open. @throws CAD-ENGINE */
export async function startEvaluator(
  settings: EvaluatorSettings,
  program: EvaluatorProgram = { node: process.execPath, evaluator: EVALUATOR_SOURCE },
): Promise<Evaluator> {
  const evaluator = new EvaluatorProcess(settings, program);
  try {
    await evaluator.whenOpen;
  } catch (error) {
    await evaluator.close();
    throw error;
  }
  return evaluator;
}

class EvaluatorProcess implements Evaluator {
  readonly whenOpen: Promise<void>;
  readonly #settings: EvaluatorSettings;
  readonly #program: EvaluatorProgram;
  /** The first one is being judged. */
  readonly #requests: Request[] = [];
  #child: ChildProcess;
  #ended!: Promise<void>;
  #isOpen = false;
  #asked = 0;
  #restarts = 0;
  #complaint = '';
  #deadline: NodeJS.Timeout | undefined;
  #isClosed = false;
  #failure: CaduceusError | undefined;
  #tellOpen!: () => void;
  #tellFailed!: (error: CaduceusError) => void;

  constructor(settings: EvaluatorSettings, program: EvaluatorProgram) {
    this.#settings = settings;
    this.#program = program;
    this.whenOpen = new Promise((resolve, reject) => {
      this.#tellOpen = resolve;
      this.#tellFailed = reject;
    });
    this.whenOpen.catch(() => undefined);
    this.#child = this.#start();
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  judge(parameters: Vector): Promise<Judgement> {
    return this.#ask('validation', parameters);
  }

  judgeTest(parameters: Vector): Promise<Judgement> {
    return this.#ask('test', parameters);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#deadline);
    this.#rejectAll(failure('the evaluator was closed'));
    this.#child.kill('SIGKILL'); // it keeps nothing that could be damaged
    await this.#ended;
  }

  #ask(split: SplitName, parameters: Vector): Promise<Judgement> {
    return new Promise((resolve, reject) => {
      if (this.#failure) reject(this.#failure);
      else if (this.#isClosed) reject(failure('the evaluator was closed'));
      else if (this.#requests.length >= MAX_REQUESTS) reject(failure(`${MAX_REQUESTS} models wait to be judged`));
      else {
        this.#requests.push({ split, parameters, resolve, reject });
        if (this.#isOpen && this.#requests.length === 1) this.#judgeNext();
      }
    });
  }

  #start(): ChildProcess {
    this.#isOpen = false;
    this.#complaint = '';
    const child = fork(this.#program.evaluator, {
      execPath: this.#program.node,
      execArgv: [],
      stdio: ['pipe', 'ignore', 'pipe', 'ipc'],
    });
    child.stdin?.on('error', () => undefined); // its end tells
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint = (this.#complaint + text).slice(-MAX_COMPLAINT_CHARACTERS);
    });
    child.on('message', (message) => this.#receive(unspelled(message) as FromEvaluator));
    this.#ended = new Promise((resolve) => {
      const end = (why: string): void => {
        resolve();
        if (child === this.#child) this.#crashed(why);
      };
      child.once('error', (error) => end(error.message));
      child.once('close', (code, signal) => end(signal === null ? `exit code ${code}` : `killed by ${signal}`));
    });
    const { engine, model, validation, test } = this.#settings;
    const open = { type: 'open', engine, model, validation: headerOf(validation), test: headerOf(test) } as const;
    const rows = [validation, test].flatMap(({ features, labels }) => [features, labels]);
    this.#send(child, open, rows);
    this.#within(OPEN_MS);
    return child;
  }

  #receive(message: FromEvaluator): void {
    switch (message.type) {
      case 'opened':
        this.#isOpen = true;
        clearTimeout(this.#deadline);
        this.#tellOpen();
        this.#judgeNext();
        return;
      case 'judged': {
        clearTimeout(this.#deadline);
        if (message.id === this.#asked) this.#requests.shift()?.resolve(message.judgement);
        this.#judgeNext();
        return;
      }
      case 'failed':
        this.#complaint = message.message;
    }
  }

  #judgeNext(): void {
    const request = this.#requests[0];
    if (request === undefined || this.#isClosed) return;
    const { split, parameters } = request;
    this.#asked += 1;
    // A copy: training goes on while it is on its way.
    const bytes = new Uint8Array(parameters.buffer, parameters.byteOffset, parameters.byteLength).slice();
    this.#send(this.#child, { type: 'judge', id: this.#asked, split, parameters: parameters.length }, [bytes]);
    this.#within(JUDGE_MS);
  }

  /** A process that is gone before it reads: its end tells. */
  #send(child: ChildProcess, message: ToEvaluator, bytes: readonly Uint8Array[]): void {
    child.send(message, () => undefined);
    for (const part of bytes) child.stdin?.write(part);
  }

  #within(milliseconds: number): void {
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => {
      this.#complaint = `no answer within ${milliseconds / 1000} s`;
      this.#child.kill('SIGKILL');
    }, milliseconds);
  }

  /** Once, a crash may be an accident: the model that was being judged is judged again. */
  #crashed(how: string): void {
    clearTimeout(this.#deadline);
    if (this.#isClosed) return;
    if (this.#restarts < MAX_RESTARTS) {
      this.#restarts += 1;
      this.#child = this.#start();
      return;
    }
    this.#failure = failure(
      `the evaluator's process ended twice (${how}): ${this.#complaint.trim() || 'without a word'}`,
    );
    this.#rejectAll(this.#failure);
    this.#tellFailed(this.#failure);
  }

  #rejectAll(error: CaduceusError): void {
    for (const { reject } of this.#requests.splice(0)) reject(error);
  }
}

function headerOf({ count, features }: Rows): RowsHeader {
  return { count, featureBytes: features.length };
}

function failure(complaint: string): CaduceusError {
  return new CaduceusError('CAD-ENGINE', complaint, 'Choose another engine with --engine.');
}
