/** The runs that this process trains: started, followed, steered, and let go when they have ended. */
import type { RunMessage } from '../../core/api.ts';
import type { RunHandle, RunObserver } from '../../core/control-plane-api.ts';
import { CaduceusError, reportError } from '../../core/errors.ts';
import type { RunRecord } from '../../core/metrics.ts';
import { LiveRun } from './live-run.ts';
import type { LiveFigures } from './run-rows.ts';
import { Topic } from './topic.ts';

const MAX_LIVE_RUNS = 16;

export interface BeginOptions {
  virtual: boolean;
  onStage(text: string): void;
  signal: AbortSignal;
  before?: () => Iterable<RunRecord>;
}

export interface LiveRunsListener {
  /** Its state or its figures changed. */
  onChange(run: string): void;
  /** It has ended, however; its last picture is complete. */
  onEnd(run: string, live: LiveRun): void;
  onFailure(run: string, error: unknown): void;
}

export class LiveRuns {
  readonly #listener: LiveRunsListener;
  readonly #runs = new Map<string, LiveRun>();
  readonly #topics = new Map<string, Topic<RunMessage>>();
  #starting = 0;

  constructor(listener: LiveRunsListener) {
    this.#listener = listener;
  }

  get count(): number {
    return this.#runs.size;
  }

  get names(): string[] {
    return [...this.#runs.keys()];
  }

  find(run: string): LiveRun | undefined {
    return this.#runs.get(run);
  }

  figures(run: string): LiveFigures | undefined {
    const live = this.#runs.get(run);
    return live?.handle === undefined ? undefined : { virtual: live.virtual, totals: live.handle.totals };
  }

  /** @throws CAD-RUN-NOT-LIVE */
  handle(run: string): RunHandle {
    const handle = this.#runs.get(run)?.handle;
    if (handle !== undefined) return handle;
    throw new CaduceusError(
      'CAD-RUN-NOT-LIVE',
      `run ${run} is not being trained here`,
      'Resume it, or steer it where it was started.',
    );
  }

  /**
   * Starts a run and follows it to its end. @returns its identifier.
   * @throws CAD-BUSY, and whatever `begin` throws
   */
  async begin(
    begin: (observer: RunObserver) => Promise<RunHandle>,
    { virtual, onStage, signal, before }: BeginOptions,
  ): Promise<string> {
    if (this.#runs.size + this.#starting >= MAX_LIVE_RUNS) {
      throw new CaduceusError('CAD-BUSY', `${MAX_LIVE_RUNS} runs are training`, 'Stop one first.');
    }
    this.#starting += 1;
    let run: string | undefined;
    const live = new LiveRun({
      virtual,
      topic: () => (run === undefined ? undefined : this.topic(run)),
      ...(before && { before }),
    });
    try {
      const handle = await begin({
        onStage,
        signal,
        onRecord: (record) => {
          live.add(record);
          if (record.type === 'incident' && run !== undefined) this.#listener.onChange(run);
        },
      });
      run = handle.run;
      live.handle = handle;
      this.#runs.set(run, live);
      handle.whenDone.then(
        () => this.#end(handle.run, live),
        (error: unknown) => this.#end(handle.run, live, error),
      );
      this.#listener.onChange(run);
      return run;
    } catch (error) {
      live.close();
      throw error;
    } finally {
      this.#starting -= 1;
    }
  }

  /** Where the messages of a run go, whether it trains or not. */
  topic(run: string): Topic<RunMessage> {
    const known = this.#topics.get(run);
    if (known !== undefined) return known;
    const topic = new Topic<RunMessage>();
    this.#topics.set(run, topic);
    return topic;
  }

  listen(run: string, listener: (message: RunMessage) => void): () => void {
    const topic = this.topic(run);
    const stop = topic.listen(listener);
    return () => {
      stop();
      if (topic.listeners === 0 && !this.#runs.has(run)) this.#topics.delete(run);
    };
  }

  #end(run: string, live: LiveRun, error?: unknown): void {
    live.close();
    this.#runs.delete(run);
    this.#listener.onEnd(run, live);
    if (error !== undefined && reportError(error).code !== 'CAD-INTERRUPTED') this.#listener.onFailure(run, error);
  }
}
